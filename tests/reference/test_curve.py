"""Curve's StableSwap: each number of its contracts, and our inverse against all inputs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.kernel import CurvePool, QuoteError, Template, Why

GIVEN = json.loads((Path(__file__).parents[1] / "vectors" / "curve_stableswap.json").read_text())
TEMPLATES = {
    "StableSwap3Pool": Template.THREE_POOL,
    "StableSwapSTETH": Template.STETH,
    "Base2_18_6": Template.BASE2,
}


def pool_of(state: dict[str, Any]) -> CurvePool:
    return CurvePool(
        template=TEMPLATES[state["template"]],
        balances=tuple(map(int, state["balances"])),
        decimals=tuple(state["decimals"]),
        amp=int(state.get("A_precise", state["A"])),
        fee=int(state["fee"]),
        admin_fee=int(state["admin_fee"]),
        lp_supply=int(state["lpSupply"]),
    )


POOLS = {name: pool_of(state) for name, state in GIVEN["state"].items()}
SMALL = CurvePool(Template.STETH, (3_000, 1_000), (18, 18), 5_000, 4_000_000)
TINY = CurvePool(Template.BASE2, (20, 3_000_000_000_000_000), (6, 18), 300, 30_000_000)


def answer(pool: CurvePool, kind: str, told: dict[str, Any]) -> dict[str, str]:
    match kind:
        case "get_dy":
            return {"dy": str(pool.exact_in(told["i"], told["j"], int(told["dx"]))[0])}
        case "calc_token_amount":
            amounts = tuple(map(int, told["amounts"]))
            return {"lp": str(pool.token_amount_down(amounts, is_deposit=told["is_deposit"]))}
        case "calc_withdraw_one_coin":
            return {"amount": str(pool.withdraw_one_coin_down(int(told["lp"]), told["i"]))}
        case _:
            assert kind == "get_virtual_price"
            return {"price": str(pool.virtual_price_down())}


def test_the_vectors_are_all_there() -> None:
    assert len(GIVEN["vectors"]) == 98


@pytest.mark.parametrize("vector", GIVEN["vectors"], ids=lambda v: v["id"])
def test_every_number_of_the_contracts(vector: dict[str, Any]) -> None:
    pool, expected = POOLS[vector["in"]["pool"]], vector["expect"]
    if "revert" in expected:
        with pytest.raises(QuoteError):
            answer(pool, vector["kind"], vector["in"])
    else:
        assert answer(pool, vector["kind"], vector["in"]) == expected


@pytest.mark.parametrize(
    ("pool", "i", "j"),
    [(SMALL, 0, 1), (SMALL, 1, 0), (TINY, 0, 1)],
    ids=["to-the-scarce", "to-the-plenty", "to-the-finer"],
)
def test_exact_out_is_the_least_input_that_reaches_it(pool: CurvePool, i: int, j: int) -> None:
    least: dict[int, int] = {}
    for dx in range(4_000, 0, -1):
        try:
            out = pool.exact_in(i, j, dx)[0]
        except QuoteError:
            continue
        least |= dict.fromkeys(range(1, out + 1), dx) if out < 5_000 else {out: dx}
    assert least
    for out, dx in sorted(least.items())[:400]:
        assert pool.exact_out(i, j, out)[0] == dx, out


@given(
    name=st.sampled_from(sorted(POOLS)),
    forward=st.booleans(),
    part=st.integers(min_value=1, max_value=999_000),
)
def test_what_exact_out_asks_for_is_enough_and_no_more(name: str, forward: bool, part: int) -> None:
    pool = POOLS[name]
    i, j = (0, 1) if forward else (1, 0)
    out = max(pool.balances[j] * part // (10**6 + 1), 1)
    needed, _ = pool.exact_out(i, j, out)
    assert pool.exact_in(i, j, needed)[0] >= out
    if needed > 1:
        try:
            below = pool.exact_in(i, j, needed - 1)[0]
        except QuoteError:
            below = 0  # too little for the view to answer
        assert below < out


def test_the_next_state_has_what_came_and_lacks_what_went() -> None:
    pool = POOLS["3pool"]
    out, after = pool.exact_in(0, 1, 10**21)
    assert after.balances[0] == pool.balances[0] + 10**21
    assert after.balances[2] == pool.balances[2]
    gone = pool.balances[1] - after.balances[1]
    fee = out * pool.fee // (10**10 - pool.fee)
    assert abs(gone - out - fee * pool.admin_fee // 10**10) <= 2
    no_admin = replace(pool, admin_fee=0).exact_in(0, 1, 10**21)[1]
    assert 0 <= pool.balances[1] - no_admin.balances[1] - out <= 1


@pytest.mark.parametrize(
    ("i", "j", "amount", "why"),
    [
        (0, 0, 1, Why.TOKEN),
        (0, 2, 1, Why.TOKEN),
        (-1, 0, 1, Why.TOKEN),
        (0, 1, 0, Why.ZERO_AMOUNT),
        (0, 1, 2**256, Why.AMOUNT_TOO_LARGE),
        (0, 1, 2**255, Why.OVERFLOW),
    ],
)
def test_what_cannot_be_quoted(i: int, j: int, amount: int, why: Why) -> None:
    with pytest.raises(QuoteError) as raised:
        POOLS["steth"].exact_in(i, j, amount)
    assert raised.value.code is why


@pytest.mark.parametrize("name", POOLS)
def test_no_more_can_be_taken_out_than_is_there(name: str) -> None:
    pool = POOLS[name]
    with pytest.raises(QuoteError) as raised:
        pool.exact_out(0, 1, pool.balances[1])
    assert raised.value.code is Why.INSUFFICIENT_LIQUIDITY


def test_an_empty_pool_has_no_price() -> None:
    empty = replace(POOLS["steth"], balances=(0, 0))
    with pytest.raises(QuoteError):
        empty.exact_in(0, 1, 10)
    with pytest.raises(QuoteError):
        replace(POOLS["steth"], lp_supply=0).virtual_price_down()
