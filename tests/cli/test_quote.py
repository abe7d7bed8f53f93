"""`quote`: one answer a line, whatever the line, and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from commands import Ran, run
from omnivenue import kernel

V2 = {"kind": "uniswap_v2", "tokens": ["A", "B"], "reserves": ["1000", "2000"], "fee_bps": 30}
GOOD = {"id": "q1", "kind": "exact_in", "amount": "100"} | {
    "path": [{"pool": "p", "token_in": "A", "token_out": "B"}]
}


@pytest.fixture
def pools(tmp_path: Path) -> Path:
    path = tmp_path / "pools.json"
    path.write_text(json.dumps({"pools": {"p": V2}}))
    return path


def lines(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize("more", [(), ("--json",), ("--requests", "-")])
def test_requests_come_on_standard_input_and_answers_are_lines(
    pools: Path, more: tuple[str, ...]
) -> None:
    ran = run("quote", "--pools", str(pools), *more, stdin=json.dumps(GOOD) + "\n\n")
    assert ran.code == 0
    assert [(a["id"], a["amount_out"]) for a in lines(ran)] == [("q1", "181")]
    assert ran.err.count("reference kernel") == (0 if kernel.IS_COMPILED else 1)


def test_what_is_bad_has_an_error_and_keeps_nothing_from_its_answer(pools: Path) -> None:
    bad = ["nonsense", "[]", json.dumps({"id": 7, "kind": "exact_on"}), json.dumps(GOOD)]
    ran = run("quote", "--pools", str(pools), stdin="\n".join([*bad, "x" * 3_000_000, bad[3]]))
    assert ran.code == 1
    codes = [(a["id"], a.get("error", {}).get("code")) for a in lines(ran)]
    assert codes == [
        (None, "API-001"),
        (None, "API-012"),
        (7, "API-014"),
        ("q1", None),
        (None, "API-004"),
        ("q1", None),
    ]


def test_a_bad_pool_is_told_and_keeps_no_other_from_being_quoted(tmp_path: Path) -> None:
    path = tmp_path / "pools.json"
    path.write_text(json.dumps({"pools": {"p": V2, "bad": V2 | {"fee_bps": 10_000}}}))
    ran = run("quote", "--pools", str(path), stdin=json.dumps(GOOD))
    assert (ran.code, lines(ran)[0]["amount_out"]) == (1, "181")
    assert "pool bad: API-017: fee_bps must be 0 to 9999" in ran.err


def test_requests_may_stand_in_a_file(pools: Path, tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    requests.write_text(json.dumps(GOOD))
    ran = run("quote", "--pools", str(pools), "--requests", str(requests))
    assert (ran.code, len(lines(ran))) == (0, 1)


@pytest.mark.parametrize(
    ("text", "code"), [("{", 1), ("[]", 1), ('{"pools": []}', 1), ('{"p": {}}', 1)]
)
def test_a_file_without_pools_is_refused(tmp_path: Path, text: str, code: int) -> None:
    path = tmp_path / "pools.json"
    path.write_text(text)
    ran = run("quote", "--pools", str(path), "--json", stdin="")
    assert ran.code == code
    assert ran.document["error"]["code"].startswith("API-")


def test_a_file_that_is_not_there_is_a_mistake(pools: Path) -> None:
    assert run("quote", "--pools", "nowhere.json").code == 2
    assert run("quote", "--pools", str(pools), "--requests", "nowhere.json").code == 2
    assert run("quote").code == 2
