"""The document of pools, and requests for quotes: each fault is named, by its own name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.wire import Invalid
from omnivenue.wire.pools import Pools, quote, read_pools

V2 = {"kind": "uniswap_v2", "tokens": ["A", "B"], "reserves": ["1000", "2000"], "fee_bps": 30}
V3 = {
    "kind": "uniswap_v3",
    "tokens": ["B", "C"],
    "fee_pips": 500,
    "tick_spacing": 10,
    "sqrt_price_x96": str(2**96),
    "tick": 0,
    "liquidity": "1000000",
    "ticks": {"-100": "1000000", "0": "0", "100": "-1000000"},
}
V4 = V3 | {"kind": "uniswap_v4", "tokens": ["A", "B"], "protocol_fee_pips": [1_000, "0"]}
SOLIDLY = V2 | {"kind": "solidly_stable", "decimals": [18, 6]}
WEIGHTED = {
    "kind": "balancer_weighted",
    "tokens": ["A", "C"],
    "balances": ["1000000", "2000000"],
    "decimals": [18, 6],
    "weights": [str(8 * 10**17), str(2 * 10**17)],
    "swap_fee": "3000000000000000",
}
STABLE = {
    "kind": "balancer_stable",
    "tokens": ["A", "C"],
    "balances": ["1000000", "2000000"],
    "decimals": [18, 18],
    "amp": "200000",
    "swap_fee": "0",
}
CURVE = {
    "kind": "curve_stableswap",
    "template": "steth",
    "tokens": ["A", "C"],
    "balances": ["1000000", "2000000"],
    "decimals": [18, 18],
    "A": "5000",
    "A_precision": 100,
    "fee": "4000000",
}
THREE = CURVE | {
    **{"template": "3pool", "tokens": ["A", "B", "C"], "A": "2000", "A_precision": 1},
    **{"balances": ["1", "2", "3"], "decimals": [18, 6, 6]},
}
ALL = {
    **{"v2": V2, "v3": V3, "v4": V4, "solidly": SOLIDLY},
    **{"weighted": WEIGHTED, "stable": STABLE, "curve": CURVE, "three": THREE},
}

FAULTS: list[tuple[dict[str, Any], str]] = [
    (V2 | {"reserves": ["0", "1"]}, "reserves[0] must be 1 to 2^112 - 1"),
    (V2 | {"reserves": ["1", "-1"]}, "reserves[1] must be 1 to"),
    (V2 | {"reserves": ["1", str(2**112)]}, "reserves[1] must be 1 to"),
    (V2 | {"reserves": ["1"]}, "reserves must have 2, one for each token"),
    (V2 | {"reserves": ["1.5", "1"]}, "reserves[0] must be a whole number"),
    (V2 | {"reserves": [True, "1"]}, "reserves[0] must be a whole number, not true or false"),
    (V2 | {"fee_bps": 10_000}, "fee_bps must be 0 to 9999"),
    (V2 | {"fee_bps": None}, "fee_bps is required"),
    (V2 | {"tokens": ["A"]}, "tokens of a uniswap_v2 pool must be 2"),
    (V2 | {"tokens": ["A", "A"]}, "tokens names one twice"),
    (V2 | {"tokens": ["A", 1]}, "tokens[1] must be a name"),
    (V2 | {"tokens": []}, "tokens is required"),
    (V2 | {"fee": 30}, "unknown field fee; nearest known: fee_bps"),
    (V2 | {"kind": "uniswap_v9"}, "kind must be one of"),
    ({}, "kind is required"),
    (V3 | {"fee_pips": 1_000_000}, "fee_pips must be 0 to 999999"),
    (V3 | {"tick_spacing": 0}, "tick_spacing must be 1 to"),
    (V3 | {"sqrt_price_x96": "1"}, "sqrt_price_x96 must be 4295128739 to"),
    (V3 | {"tick": 1}, "the price lies in tick 0, not in tick 1"),
    (V3 | {"tick": 887_272}, "tick must be -887272 to 887271"),
    (V3 | {"liquidity": "999999"}, "its ticks add up to a liquidity of 1000000, not 999999"),
    (V3 | {"ticks": {"-100": "1000000"}}, "does not sum to zero"),
    (V3 | {"ticks": {"-100": "-1", "100": "1"}}, "falls below zero"),
    (V3 | {"ticks": {"-105": "1", "100": "-1"}}, "tick -105 is no multiple of the tick spacing 10"),
    (V3 | {"ticks": {"-887280": "1"}}, "tick -887280 must be -887272 to 887272"),
    (V3 | {"ticks": {"x": "1"}}, "a tick must be a whole number"),
    (V3 | {"ticks": {"10": "1", "010": "1"}}, "tick 10 stands there twice"),
    (V3 | {"ticks": {"10": str(2**127)}}, "ticks.10 must be"),
    (V3 | {"ticks": []}, "ticks must be an object"),
    (V3 | {"protocol_fee_pips": [0, 0]}, "unknown field protocol_fee_pips"),
    (V3 | {"tick_spacing": 16_384, "ticks": {}}, "tick_spacing must be 1 to 16383"),
    (V4 | {"fee_pips": 1_000_001}, "fee_pips must be 0 to 1000000"),
    (V4 | {"tick_spacing": 32_768, "ticks": {}}, "tick_spacing must be 1 to 32767"),
    (V4 | {"protocol_fee_pips": [0, 1_001]}, "protocol_fee_pips[1] must be 0 to 1000"),
    (V4 | {"protocol_fee_pips": [-1, 0]}, "protocol_fee_pips[0] must be 0 to 1000"),
    (V4 | {"protocol_fee_pips": [1]}, "protocol_fee_pips must have 2, one for each token"),
    (V4 | {"protocol_fee_pips": 1}, "protocol_fee_pips must be a list"),
    (V4 | {"hooks": "0x1"}, "unknown field hooks"),
    (V4 | {"liquidity": "1"}, "its ticks add up to a liquidity of 1000000, not 1"),
    (SOLIDLY | {"reserves": ["0", "1"]}, "reserves[0] must be 1 to 2^256 - 1"),
    (SOLIDLY | {"reserves": ["1"]}, "reserves must have 2, one for each token"),
    (SOLIDLY | {"decimals": [19, 6]}, "decimals[0] must be 0 to 18"),
    (SOLIDLY | {"decimals": [6]}, "decimals must have 2, one for each token"),
    (SOLIDLY | {"fee_bps": 10_000}, "fee_bps must be 0 to 9999"),
    (SOLIDLY | {"tokens": ["A", "B", "C"]}, "tokens of a solidly_stable pool must be 2"),
    (WEIGHTED | {"weights": ["1", "2"]}, "weights[0] must be 10000000000000000 to"),
    (WEIGHTED | {"weights": [str(5 * 10**17)] * 2} | {"balances": ["0", "1"]}, "balances[0]"),
    (WEIGHTED | {"weights": [str(4 * 10**17)] * 2}, "its weights sum to 800000000000000000, not"),
    (WEIGHTED | {"swap_fee": str(10**18)}, "swap_fee must be 0 to"),
    (WEIGHTED | {"decimals": [19, 6]}, "decimals[0] must be 0 to 18"),
    (WEIGHTED | {"version": 3}, "version must be one of 1, 2, 4"),
    (STABLE | {"amp": "999"}, "amp must be 1000 to 5000000"),
    (STABLE | {"scaling_factors": ["0", "1"]}, "scaling_factors[0] must be 1 to"),
    (CURVE | {"template": "4pool"}, "template must be one of 3pool, steth, base2"),
    (CURVE | {"template": "3pool"}, "a pool of template 3pool has 3 tokens, not 2"),
    (CURVE | {"A_precision": 1}, "A_precision of template steth is 100"),
    (CURVE | {"A": "50"}, "A is multiplied by A_precision, so it is 100 or more"),
    (CURVE | {"decimals": [18, 6]}, "both tokens of template steth have 18 decimals"),
    (CURVE | {"fee": str(10**10)}, "fee must be 0 to 9999999999"),
]


def hop(pool: str, token_in: str, token_out: str) -> dict[str, str]:
    return {"pool": pool, "token_in": token_in, "token_out": token_out}


def ask(*path: dict[str, str], amount: Any = "10", **more: Any) -> dict[str, Any]:
    return {"id": "q", "kind": "exact_in", "path": [*path], "amount": amount, **more}


def step(pool: str = "weighted", amount: str = "10", asset_in: int = 0) -> dict[str, Any]:
    return {"pool": pool, "asset_in": asset_in, "asset_out": 1 - asset_in, "amount": amount}


def batch(*steps: dict[str, Any], kind: str = "given_in") -> dict[str, Any]:
    more = {"swap_kind": kind, "assets": ["A", "C"], "steps": [*steps]}
    return {"id": "q", "kind": "balancer_batch", **more}


AB, BC = hop("v2", "A", "B"), hop("v3", "B", "C")
BAD: list[tuple[object, str]] = [
    ([], "API-012"),
    ({}, "API-011"),
    ({"kind": "exact_on"}, "API-014"),
    (ask(), "EMPTY_PATH"),
    (ask(hop("v2", "A", "X")), "TOKEN"),
    (ask(hop("v2", "A", "A")), "TOKEN"),
    (ask(hop("v9", "A", "B")), "UNKNOWN_POOL"),
    (ask(hop("broken", "A", "B")), "BAD_POOL"),
    (ask(AB, hop("v3", "C", "B")), "PATH_BROKEN"),
    (ask(AB, hop("v2", "B", "A")), "POOL_TWICE"),
    (ask(*[AB] * 17), "PATH_TOO_LONG"),
    (ask(AB, amount="0"), "ZERO_AMOUNT"),
    (ask(AB, amount=str(2**256)), "AMOUNT_TOO_LARGE"),
    (ask(AB, amount="-1"), "API-017"),
    (ask(AB, amount="1.0"), "API-013"),
    (ask(AB, amount=None), "API-011"),
    (ask(AB, path=None), "API-011"),
    (ask(AB, path=["v2"]), "API-012"),
    (ask(AB, path=[{"pool": "v2"}]), "API-011"),
    (ask(AB, limit="1"), "API-010"),
    (ask(AB, sqrt_price_limit_x96="1"), "PRICE_LIMIT"),
    (ask(AB, BC, sqrt_price_limit_x96="1"), "PRICE_LIMIT"),
    (ask(BC, sqrt_price_limit_x96=str(2**97)), "PRICE_LIMIT"),
    (ask(AB, kind="exact_out", amount="2000"), "INSUFFICIENT_LIQUIDITY"),
    (ask(hop("weighted", "A", "C"), amount="500000"), "TRADE_TOO_LARGE"),
    (batch(), "API-017"),
    (batch(step(amount="0")), "ZERO_AMOUNT"),
    (batch(step(), step(amount="0")), "TOKEN"),
    (batch(step("v2")), "POOL_KIND"),
    (batch(step("nowhere")), "UNKNOWN_POOL"),
    ({"id": "q", "kind": "curve_virtual_price", "pool": "v2"}, "POOL_KIND"),
    ({"id": "q", "kind": "curve_virtual_price", "pool": "curve"}, "NO_LP_SUPPLY"),
    ({"id": "q", "kind": "curve_calc_withdraw_one_coin", "pool": "lp", "lp": "1", "i": 2}, "TOKEN"),
    ({"id": "q", "kind": "curve_calc_token_amount", "pool": "lp", "amounts": ["1"]}, "API-011"),
]
POOLS = {"pools": ALL | {"broken": {}, "lp": CURVE | {"lp_supply": "3000000"}}}


def read(document: object) -> Pools:
    found = read_pools(document)
    assert isinstance(found, Pools)
    return found


def test_every_kind_of_pool_is_read() -> None:
    found = read({"pools": ALL})
    assert (list(found.listed), found.faulty) == (list(ALL), {})


@pytest.mark.parametrize(("pool", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_what_is_wrong_with_a_pool_is_said(pool: dict[str, Any], said: str) -> None:
    found = read({"pools": {"bad": pool, "good": V2}})
    assert list(found.listed) == ["good"]
    assert said in "; ".join(reason.message for reason in found.faulty["bad"])


def test_all_that_is_wrong_with_a_pool_is_said_at_once() -> None:
    bad = V3 | {"fee_pips": -1, "tokens": ["A"], "liquidity": "x", "ticks": {"5": "1", "7": "y"}}
    assert len(read({"pools": {"bad": bad}}).faulty["bad"]) == 6


@pytest.mark.parametrize("document", [None, [], {}, {"pools": []}, {"pools": {}, "more": 1}])
def test_what_is_no_document_of_pools(document: object) -> None:
    assert isinstance(read_pools(document), Invalid)


def test_a_price_left_on_a_tick_by_a_swap_from_above_is_in_the_tick_below() -> None:
    assert read({"pools": {"p": V3 | {"tick": -1}}}).listed


@pytest.mark.parametrize(
    ("request_", "code"), BAD, ids=[f"{n}-{c}" for n, (_, c) in enumerate(BAD)]
)
def test_a_bad_request_has_its_error_and_others_their_answers(request_: object, code: str) -> None:
    first, bad, last = quote(POOLS, [ask(AB), request_, ask(AB)])
    assert first == last
    assert first["amount_out"] == "19"
    assert (bad["error"]["code"], bool(bad["error"]["message"])) == (code, True)


def test_a_path_goes_forwards_and_backwards() -> None:
    (forwards,) = quote(POOLS, [ask(AB, BC, amount="100")])
    assert [h["pool"] for h in forwards["hops"]] == ["v2", "v3"]
    assert forwards["hops"][0]["amount_out"] == forwards["hops"][1]["amount_in"] == "181"
    back = ask(AB, BC, amount=forwards["amount_out"], kind="exact_out")
    (backwards,) = quote(POOLS, [back])
    assert [h["pool"] for h in backwards["hops"]] == ["v2", "v3"]
    assert backwards["amount_out"] == forwards["amount_out"]
    assert backwards["amount_in"] == backwards["hops"][0]["amount_in"]
    assert int(backwards["amount_in"]) <= 101


def test_v4s_protocol_takes_its_part_in_each_direction() -> None:
    dearer, plain = V4 | {"fee_pips": 1_500}, V4 | {"tokens": ["B", "A"]}
    for pool in (dearer, plain):
        del pool["protocol_fee_pips"]
    pools = {"pools": {"v4": V4, "dearer": dearer, "plain": plain, "v3": V3}}
    there, same = (ask(hop(name, "A", "B"), amount="4900") for name in ("v4", "dearer"))
    back = [ask(hop(name, *pair), amount="4900") for name, pair in (("v4", "BA"), ("plain", "AB"))]
    answers = [int(answer["amount_out"]) for answer in quote(pools, [there, same, *back])]
    assert answers[0] == answers[1]  # 1000 and 500 of the rest, which is 1499.5, rounded up
    assert answers[2] == answers[3] > answers[0]
    (limited,) = quote(pools, [there | {"sqrt_price_limit_x96": str(2**96 - 10**20)}])
    assert limited["hops"][0]["sqrt_price_x96_after"] == str(2**96 - 10**20)


def test_a_stable_pool_of_solidly_is_asked_like_any_other() -> None:
    more = {"reserves": [str(10**24), str(10**12)], "fee_bps": 5}
    there = ask(hop("s", "A", "B"), amount=str(10**18))
    (answer,) = quote({"pools": {"s": SOLIDLY | more}}, [there])
    assert answer["amount_out"] == "999499", "a token is worth a token, less the fee and a unit"
    assert answer["hops"][0]["ticks_crossed"] is None


def test_a_part_is_told_as_one() -> None:
    whole, part = quote(POOLS, [ask(BC, amount="100"), ask(BC, amount="1000000")])
    assert "partial" not in whole
    assert part["partial"] is True
    assert int(part["amount_in"]) < 1_000_000
    assert part["hops"][0]["ticks_crossed"] == 2


def test_in_a_batch_a_pool_has_moved_when_it_comes_again() -> None:
    there_and_back = batch(step(amount="10000"), step(amount="0", asset_in=1))
    (found,) = quote(POOLS, [there_and_back])
    lost, nothing = map(int, found["asset_deltas"])
    assert nothing == 0
    assert 0 < lost < 10_000  # both fees, and no more than that
    (twice,) = quote(POOLS, [batch(step(amount="10000"), step(amount="10000"))])
    (once,) = quote(POOLS, [batch(step(amount="20000"))])
    assert twice["asset_deltas"][0] == once["asset_deltas"][0] == "20000"
    assert abs(int(twice["asset_deltas"][1]) - int(once["asset_deltas"][1])) < 1_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["A", "v2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
MEMBERS = sorted({name for pool in ALL.values() for name in pool})


@given(st.sampled_from(sorted(ALL)), st.sampled_from(MEMBERS), JSON)
def test_whatever_stands_in_a_pool_it_is_read_or_told(name: str, member: str, value: Any) -> None:
    found = read({"pools": {"p": {**ALL[name], member: value}}})
    assert len(found.listed) + len(found.faulty) == 1


@given(st.sampled_from([r for r, _ in BAD if isinstance(r, dict)]), st.text(max_size=6), JSON)
def test_whatever_is_asked_has_an_answer(request_: dict[str, Any], name: str, value: Any) -> None:
    for member in (name, *list(request_)[:3]):
        (answer,) = quote(POOLS, [{**request_, member: value}])
        assert ("error" in answer) or ("id" in answer)
