"""What is logged is the configuration's to say."""

import pytest

from servers import Home, at_market, eventually


@pytest.mark.covers("S1")
def test_logs_that_are_switched_off_are_not_written(home: Home) -> None:
    switches = '\n[logging]\nlevel = "ERROR"\nlog_orders = false\n'
    home.config.write_text(home.config.read_text() + switches)
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(at_market("k1"))
        assert client.wait("k1")["status"] == "FILLED"
    fills = home.paper / "logs" / "fills.log"
    eventually(lambda: fills.exists() and "k1" in fills.read_text())
    ended = server.stop()
    assert (ended.code, ended.err) == (0, "")
    logs = {path.stem: path.read_text() for path in (home.paper / "logs").iterdir()}
    assert "orders" not in logs
    assert not any(logs.get(name) for name in ("server", "engine", "venue"))
