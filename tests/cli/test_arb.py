"""`arb`: one document, what is wrong told at once, and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from commands import run
from omnivenue.kernel import NAME

V2: dict[str, Any] = {"kind": "uniswap_v2", "tokens": ["A", "B"], "fee_bps": 0}
POOLS = {"p": V2 | {"reserves": ["1000", "2000"]}, "q": V2 | {"reserves": ["1000", "1000"]}}


@pytest.fixture
def pools(tmp_path: Path) -> str:
    return written(tmp_path, POOLS)


def written(folder: Path, pools: dict[str, Any]) -> str:
    path = folder / "pools.json"
    path.write_text(json.dumps({"pools": pools}))
    return str(path)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_best_round_is_told_with_its_best_size(pools: str, more: tuple[str, ...]) -> None:
    ran = run("arb", "--pools", pools, "--start", "A", *more)
    assert ran.code == 0
    assert ran.document | {"elapsed_us": 0} == {
        "cycles": [
            {
                "path": [
                    {"pool": "p", "token_in": "A", "token_out": "B"},
                    {"pool": "q", "token_in": "B", "token_out": "A"},
                ],
                **{"amount_in": "139", "amount_out": "196", "profit": "57", "token": "A"},
            }
        ],
        "cycles_examined": 1,
        "elapsed_us": 0,
    }
    assert ("reference kernel" in ran.err) is (NAME == "reference")


def test_gas_and_least_profit_are_of_all_tokens_or_of_one(pools: str) -> None:
    def profit(*more: str) -> list[tuple[str, str]]:
        cycles = run("arb", "--pools", pools, "--start", "A", *more).document["cycles"]
        return [(cycle["token"], cycle["profit"]) for cycle in cycles]

    assert profit("--gas", "7") == profit("--gas", "A=7") == [("A", "50")]
    assert profit("--gas", "1", "--gas", "A=7") == [("A", "50")]
    assert profit("--gas", "B=7") == profit("--min-profit", "57") == [("A", "57")]
    assert profit("--min-profit", "58") == profit("--loan-fee-bps", "9999") == []


def test_all_that_is_wrong_is_told_at_once(pools: str) -> None:
    wrong = ("--max-hops", "9", "--start", "AA", "--loan-fee-bps", "10000", "--gas", "1")
    ran = run("arb", "--pools", pools, *wrong, "--gas", "2", "--min-profit", "1.5", "--json")
    assert ran.code == 2
    said = ran.document["error"]["message"]
    for part in (
        "--max-hops must be 2 to 8",
        "--start: no pool has a token AA",
        "--loan-fee-bps must be 0 to 9999",
        "--gas of all tokens is given twice",
        "--min-profit",
    ):
        assert part in said


def test_a_bad_pool_is_told_and_keeps_no_other_from_being_searched(tmp_path: Path) -> None:
    bad = V2 | {"reserves": ["0", "1"], "fee_bps": 10_000}
    ran = run("arb", "--pools", written(tmp_path, POOLS | {"bad": bad}))
    assert (ran.code, len(ran.document["cycles"])) == (1, 1)
    assert ran.document["faulty"]["bad"].count("must be") == 2
    assert "pool bad: API-017: fee_bps must be 0 to 9999" in ran.err


def test_no_file_and_no_pools(pools: str, tmp_path: Path) -> None:
    assert run("arb").code == run("arb", "--pools", "nowhere.json").code == 2
    (tmp_path / "other.json").write_text("[]")
    assert run("arb", "--pools", str(tmp_path / "other.json"), "--json").code == 1
