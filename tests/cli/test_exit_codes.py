"""Scripts rely on exit codes: each status of the server has its own, and --json its body."""

import json
from pathlib import Path
from typing import Any

import pytest

from answering import LOST, Answering, Asked, Reply, answering, error, unavailable
from commands import run
from omnivenue.cli import out, send
from omnivenue.cli.exits import ExitCode, gravest, of_error
from omnivenue.client import Client, OmnivenueError, Unknown

PLACE = ("order", "place", "--instrument", "X:SPOT_PAIR:A-B", "--side", "buy", "--qty", "1")
NOBODY = "http://127.0.0.1:9"
TABLE = [
    (400, error("API-002"), 1),
    (404, error("API-042"), 1),
    (409, error("API-043"), 1),
    (413, error("API-004"), 1),
    (415, error("API-006"), 1),
    (422, error("RISK-006"), 1),
    (422, error("API-023"), 1),
    (423, error("RISK-020"), 1),
    (429, error("API-045"), 1),
    (501, error("API-030"), 1),
    (507, error("API-047"), 1),
    (401, error("API-040"), 3),
    (403, error("API-041"), 3),
    (503, unavailable("unknown"), 4),
    (503, unavailable("not_taken"), 1),
    (500, error("OUR-001"), 5),
    (502, b"<html>", 5),
    (504, b"", 5),
]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_FIRST", 0.001)
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_MAX", 0.001)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    monkeypatch.setenv("OMNIVENUE_URL", NOBODY)
    monkeypatch.delenv("OMNIVENUE_TOKEN", raising=False)


def at(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIVENUE_URL", server.url)


def accepted(asked: Asked) -> Reply:
    key = asked.body["id"]
    return 202, {"id": key, "order_id": key, "seq": 7, "status": "SUBMITTED", "mode": "paper"}


def instruction(status: str) -> dict[str, Any]:
    return {"id": "k1", "kind": "order", "status": status, "orders": []}


# From the answer to the exit code.


@pytest.mark.parametrize(("status", "body", "code"), TABLE)
def test_each_status_has_its_exit_code(
    status: int, body: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering((status, body)) as server:
        at(server, monkeypatch)
        ran = run(*PLACE, "--json")
        assert ran.code == code
        if isinstance(body, dict):
            assert ran.document == body
        assert "Traceback" not in ran.err
        ran = run(*PLACE)
        assert (ran.code, ran.out) == (code, "")
        if isinstance(body, dict):
            assert f"{body['error']['code']}: no (value 2, limit 1)" in ran.err


@pytest.mark.parametrize("verb", ["positions", "order show k1", "order cancel k1", "book X"])
def test_without_a_server_it_is_3(verb: str) -> None:
    assert run(*verb.split()).code == 3
    ran = run(*verb.split(), "--json")
    assert ran.code == 3
    assert ran.document["error"]["code"] == "CLIENT-001"


def test_an_answer_that_never_comes_is_4_and_names_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering((LOST, None)) as server:
        at(server, monkeypatch)
        ran = run(*PLACE, "--json")
    assert ran.code == 4
    assert ran.document["error"]["instruction_id"] == server.keys[0]
    assert f"key {server.keys[0]}\n" in ran.err
    assert len(set(server.keys)) == 1


def test_interrupted_while_sending_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("omnivenue.client.calls.send", interrupted)
    ran = run(*PLACE, "--id", "k1", "--json")
    assert ran.code == 4
    assert ran.document["error"]["instruction_id"] == "k1"
    ran = run("submit", "-", stdin="[{}]")
    assert ran.code == 4


def test_interrupted_while_looking_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "listing", interrupted)
    ran = run("positions")
    assert (ran.code, ran.err) == (1, "interrupted\n")


def test_what_we_did_not_expect_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering((200, {"surprise": 1})) as server:
        at(server, monkeypatch)
        ran = run("positions", "--json")
    assert ran.code == 5
    assert ran.document["error"]["code"] == "OUR-001"


@pytest.mark.parametrize(
    "words",
    [
        ("order", "show", "a\udcff"),
        ("order", "list", "--venue", "\udcff"),
        ("pnl", "--account", "\udcff"),
    ],
)
def test_bytes_that_are_no_text_are_told(words: tuple[str, ...]) -> None:
    """As a shell hands them on."""
    ran = run(*words, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (1, "CLIENT-005")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "line", ["serve --port 0", "token list", "token create --scope read", "demo"]
)
def test_a_home_that_cannot_be_made_is_told(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path / "file" / "home"))
    ran = run(*line.split(), "--json")
    assert (ran.code, ran.document["error"]["code"]) == (1, "CLI-008")
    assert "Not a directory" in ran.err
    assert str(tmp_path / "file") in ran.err
    assert "Traceback" not in ran.err


def test_an_answer_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(out, "document", full)
    with answering((200, {"balances": [], "next_cursor": None, "seq": 3})) as server:
        at(server, monkeypatch)
        ran = run("balances", "--json")
    assert (ran.code, ran.err) == (1, "No space left on device\n")


def test_of_several_the_gravest_counts() -> None:
    assert gravest([]) == 0
    assert gravest([ExitCode.DONE, ExitCode.REFUSED]) == 1
    assert gravest([ExitCode.UNKNOWN, ExitCode.OUR_FAULT, ExitCode.REFUSED]) == 4
    assert of_error(Unknown()) == 4
    assert of_error(OmnivenueError(status=500)) == 5


# Waiting.


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("FILLED", 0),
        ("CANCELLED", 0),
        ("EXPIRED", 0),
        ("REJECTED", 1),
        ("FAILED", 1),
        ("ROLLED_BACK", 1),
        ("ACCEPTED", 0),
        ("RUNNING", 0),
        ("UNKNOWN", 4),
    ],
)
def test_with_wait_the_end_decides(status: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(accepted, (200, instruction(status))) as server:
        at(server, monkeypatch)
        ran = run(*PLACE, "--id", "k1", "--wait", "0.02", "--json")
    assert ran.code == code
    assert ran.document == instruction(status)


@pytest.mark.parametrize(
    ("given", "seconds"), [("--wait", 30), ("--wait 5", 5), ("--wait=2", 2), ("--wait .5", 0.5)]
)
def test_wait_may_stand_alone(given: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float | None] = []

    def sent(instruction: object, wait: float | None, *, as_json: bool) -> int:
        seen.append(wait)
        return 0

    monkeypatch.setattr(send, "send", sent)
    for verb in (PLACE, ("order", "cancel", "k1"), ("order", "cancel-all")):
        assert run(*verb, *given.split(), "--json").code == 0
        assert run(*verb, "--json").code == 0
    assert seen == [seconds, None] * 3


# What is sent, and what is shown.


def test_all_that_is_said_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not built is the server's to refuse."""
    flags = """--type stop_limit --price 2 --stop-price 3 --trigger-by mark --tif gtd
        --expire-at 2026-12-01T00:00:00Z --post-only --reduce-only --candidates A,B --take-profit 9
        --stop-loss 1 --oco g --algo twap --param horizon_secs=60 --param limit=0.5
        --param urgent=true --strategy s1 --account a1 --id k1 --allow-duplicate"""
    with answering(accepted) as server:
        at(server, monkeypatch)
        ran = run(*PLACE, *flags.split(), "--json")
    assert ran.code == 0
    assert ran.err == "", "the key was given, so nothing is to be said"
    assert ran.document["seq"] == 7
    assert server.asked[0].body == {
        "kind": "order",
        "id": "k1",
        "instrument": "X:SPOT_PAIR:A-B",
        "side": "buy",
        "qty": "1",
        "type": "stop_limit",
        "price": "2",
        "stop_price": "3",
        "trigger_by": "mark",
        "tif": "gtd",
        "expire_at": "2026-12-01T00:00:00Z",
        "post_only": True,
        "reduce_only": True,
        "candidates": ["A", "B"],
        "take_profit": {"price": "9"},
        "stop_loss": {"stop_price": "1", "price": None},
        "oco": "g",
        "algo": {"name": "twap", "horizon_secs": 60, "limit": "0.5", "urgent": True},
        "strategy_id": "s1",
        "account": "a1",
        "allow_duplicate": True,
    }


def test_what_is_not_said_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(accepted) as server:
        at(server, monkeypatch)
        ran = run(*PLACE)
    assert set(server.asked[0].body) == {"kind", "id", "instrument", "side", "qty"}
    assert ran.err == f"key {server.keys[0]}\n"


def test_what_is_said_and_empty_is_sent_for_the_server_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A variable that is not set must not take the stop off an order."""
    with answering(accepted) as server:
        at(server, monkeypatch)
        run(*PLACE, "--stop-loss", "", "--take-profit", "", "--candidates", "")
    body = server.asked[0].body
    assert body["stop_loss"] == {"stop_price": "", "price": None}
    assert (body["take_profit"], body["candidates"]) == ({"price": ""}, [""])


def test_an_empty_key_is_not_replaced_by_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(accepted) as server:
        at(server, monkeypatch)
        run(*PLACE, "--id", "")
    assert server.keys == [""]


def test_a_list_is_shown_as_a_table_or_as_its_body(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"account": "main", "venue": "OKX", "asset": "BTC", "total": "1.5"}
    body = {"balances": [row], "next_cursor": None, "seq": 3}
    with answering((200, body)) as server:
        at(server, monkeypatch)
        assert run("balances", "--json").document == body
        shown = run("balances").out
    assert [line.split() for line in shown.splitlines()][2] == ["main", "OKX", "BTC", "1.5"]


def test_filters_go_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering((200, {"orders": [], "next_cursor": None, "seq": 3})) as server:
        at(server, monkeypatch)
        ran = run("order", "list", "--status", "FILLED", "--strategy", "s1")
    assert (ran.code, ran.out, ran.err) == (0, "", "none\n")
    assert server.asked[0].path.startswith("/v1/orders?status=FILLED&strategy=s1&")


def test_nothing_that_is_shown_commands_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "\x1b]0;owned\x07[red]\u009b2J"
    row = {"account": evil, "venue": "OKX", "asset": "BTC", "total": "1"}
    with answering((200, {"balances": [row], "next_cursor": None, "seq": 3})) as server:
        at(server, monkeypatch)
        shown = run("balances").out + run("balances", "--json").out
    assert "[red]" in shown
    assert not {"\x1b", "\x07", "\u009b"} & set(shown)
    assert out.plain("a\tb\x7f") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"


# Instructions from a file or a program.


def line(key: str) -> str:
    return json.dumps({"kind": "cancel", "id": key, "order_id": "o"})


def batch(asked: Asked) -> Reply:
    results = [
        {"status": 202, "body": {"id": each["id"], "status": "RUNNING"}}
        for each in asked.body["instructions"]
    ]
    return 207, {"results": results}


def test_lines_are_sent_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    replies: list[Any] = [accepted, (422, error("RISK-006")), accepted]
    with answering(*replies) as server:
        at(server, monkeypatch)
        ran = run("submit", "-", "--json", stdin=f"{line('a')}\n\n{line('b')}\n{{\n{line('c')}")
    assert server.keys == ["a", "b", "c"]
    told = [json.loads(each) for each in ran.out.splitlines()]
    assert [each.get("id") or each["error"]["code"] for each in told] == [
        "a",
        "RISK-006",
        "API-001",
        "c",
    ]
    assert ran.code == 1


def test_lines_end_where_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(accepted, (LOST, None)) as server:
        at(server, monkeypatch)
        ran = run("submit", "-", stdin=f"{line('a')}\n{line('b')}\n{line('c')}")
    assert ran.code == 4
    assert set(server.keys) == {"a", "b"}


def test_a_document_may_have_many_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"kind": "cancel", "order_id": "o"}, indent=2))
    with answering(accepted) as server:
        at(server, monkeypatch)
        ran = run("submit", str(file), "--json")
    assert ran.code == 0
    assert ran.document["id"] == server.keys[0]
    assert ran.err == f"key {server.keys[0]}\n"


@pytest.mark.parametrize("form", ['[{}, {"id": "b"}]', '{"instructions": [{}, {"id": "b"}]}'])
def test_a_list_is_sent_as_one(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(batch) as server:
        at(server, monkeypatch)
        ran = run("submit", "-", "--json", stdin=form)
        assert ran.code == 0
        assert run("submit", "-", stdin=form).code == 0
    ids = [each["id"] for each in server.asked[0].body["instructions"]]
    assert ids[1] == "b"
    assert ran.err == f"key {ids[0]}\n"
    assert [result["body"]["id"] for result in ran.document["results"]] == ids


def test_a_list_is_waited_for_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {"status": 202, "body": {"id": "k1", "status": "SUBMITTED"}}
    results = [taken, {"status": 422, "body": error("API-011")}, taken]
    words = iter(("FILLED", "UNKNOWN"))

    def waited(*_: object) -> dict[str, Any]:
        return instruction(next(words))

    with answering((207, {"results": results})) as server:
        at(server, monkeypatch)
        monkeypatch.setattr(Client, "wait", waited)
        ran = run("submit", "-", "--wait", "0", "--json", stdin="[{}, {}, {}]")
    bodies = [result["body"] for result in ran.document["results"]]
    assert [body.get("status") for body in bodies] == ["FILLED", None, "UNKNOWN"]
    assert ran.code == 4


def test_of_a_list_the_gravest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [{"status": 202, "body": {"id": "a", "status": "RUNNING"}}]
    results.append({"status": 503, "body": unavailable("unknown")})
    results.append({"status": 422, "body": error("RISK-006")})
    with answering((207, {"results": results})) as server:
        at(server, monkeypatch)
        assert run("submit", "-", stdin="[{}, {}, {}]").code == 4


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{", "API-001"),
        ("\xff", "API-001"),
        ("NaN", "API-001"),
        ("[" * 100_000, "API-005"),
        ("5", "API-012"),
        ("[5]", "API-012"),
        ('"x"', "API-012"),
    ],
)
def test_what_is_no_instruction_is_refused_here(raw: str, code: str) -> None:
    ran = run("submit", "-", "--json", stdin=raw.encode("latin-1"))
    assert ran.code == 1
    assert ran.document["error"]["code"] == code


@pytest.mark.parametrize("nothing", ["", "\n\n", " \t\n"])
def test_nothing_to_submit_is_a_mistake(nothing: str, tmp_path: Path) -> None:
    """Whoever fed us has failed, as a rule."""
    ran = run("submit", "-", stdin=nothing)
    assert (ran.code, ran.out) == (2, "")
    assert "nothing to submit" in ran.err
    ran = run("submit", "-", "--json", stdin=nothing)
    assert (ran.code, ran.document["error"]["code"]) == (2, "CLI-002")
    (tmp_path / "empty.json").write_text(nothing)
    assert run("submit", str(tmp_path / "empty.json")).code == 2
