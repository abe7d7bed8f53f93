"""One real server for all examples that one process runs, started by the page's own line."""

from collections.abc import Iterator

import pytest

from interface.desk import Desk
from servers import BYBIT, Home


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Without a configuration, as whoever tries the page out."""
    folder = tmp_path_factory.mktemp("interface")
    home = Home(folder)
    home.config.write_text("")
    serve = ("-m", "omnivenue", "serve", "--mode", "paper", "--host", "127.0.0.1", "--port", "0")
    try:
        server = home.serve("--cancel-on-stop", program=serve).healthy()
        with server.client() as client:
            client.order(instrument=BYBIT, side="buy", qty="0.01", id="traded")
            assert client.wait("traded", 10)["status"] == "FILLED"
        yield Desk(home, server, folder)
        ended = server.stop()
        assert ended.code == 0, ended.err
    finally:
        home.close()
