"""What the interface promises holds for whatever is asked; `make fuzz` asks for longer."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fuzz import hooks
from fuzz.calls import SUITE, schemathesis, trades
from servers import Home


@pytest.mark.holds("T54", "T61")
def test_no_answer_is_other_than_promised(home: Home, tmp_path: Path) -> None:
    server = home.serve().healthy()
    assert trades(server, "at-first")
    done = schemathesis(server, home.token, tmp_path, *SUITE)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert "No issues found" in done.stdout
    assert trades(server, "at-last")


LEFT = [{"seq": 1, "principal": "token:first"}]
ANSWERS: list[tuple[int, Any, list[dict[str, Any]], bool]] = [
    (404, {"error": {"code": "API-042"}}, LEFT, True),
    (422, {"error": {"code": "API-010"}}, LEFT, True),
    (422, {"error": {"code": "API-010"}}, [], False),
    (422, {"error": {"code": "RISK-001"}}, LEFT, False),
    (202, {}, LEFT, False),
    (404, {"error": {"code": "API-042"}}, [{"seq": 1, "principal": "OKX"}], False),
]


@pytest.mark.parametrize(("status", "document", "entries", "is_wrong"), ANSWERS)
def test_the_check_itself_can_fail(
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    document: Any,
    entries: list[dict[str, Any]],
    is_wrong: bool,
) -> None:
    monkeypatch.setattr(hooks, "_entries", lambda: entries)
    headers = {"content-type": ["application/json"]}
    response = SimpleNamespace(headers=headers, status_code=status, json=lambda: document)
    if is_wrong:
        with pytest.raises(AssertionError, match="left"):
            hooks.no_trace(None, response, None)
    else:
        hooks.no_trace(None, response, None)
