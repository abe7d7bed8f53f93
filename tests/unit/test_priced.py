"""Arbitrage signals over given pools: the way, the amounts, the gates, and all that is wrong."""

from itertools import pairwise, product
from random import Random
from typing import Any

import pytest

from omnivenue.kernel import Hop, quote_route
from omnivenue.message import Reason
from omnivenue.model import mul_div_ceil
from omnivenue.route import ChainTerms, Priced, Wanted, default_terms, expected_slippage_ppm, priced
from omnivenue.route.priced import SWAP_KINDS
from omnivenue.wire.pools.read import TOKENS_OF_KIND
from pool_documents import CYCLE, E6, E18, POLYGON, curve, market, profitable, v2, v3, weighted

GWEI = 10**9


def wanted(principal: int = 1_000 * E6, route: tuple[str, ...] = CYCLE, **more: Any) -> Wanted:
    terms = {"slippage_bps": 30, "min_profit": 20 * E6, "max_gas_price": 150 * GWEI} | more
    return Wanted(route=route, principal=principal, **terms)


def run(asked: Wanted, pools: dict[str, Any] | None = None, terms: ChainTerms = POLYGON) -> Priced:
    return priced(asked, market(profitable() if pools is None else pools, terms), terms)


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.code for reason in reasons]


@pytest.mark.covers("D3", "D7")
def test_the_reference_route_is_exact_and_its_ten_dollars_earn_less_than_twenty() -> None:
    found = run(wanted(10_000_000))
    pools = market(profitable()).pools
    hops = [Hop(pools[n].state, 0, 1) for n in ("usdc-wmatic", "wmatic-weth", "weth-usdc")]
    amounts = [(q.amount_in, q.amount_out) for q in quote_route(hops, 10_000_000, by_in=True)]
    assert [(s.amount_in, s.amount_out) for s in found.steps] == amounts
    assert found.score is not None
    assert found.score.gross == amounts[-1][1] - 10_000_000
    assert found.score.gas == 570_000 * 60 * GWEI * 500_000 // E18  # WMATIC at fifty cents
    assert found.score.net == found.score.gross - found.score.gas
    assert codes(found.reasons) == ["ARB-001"]
    assert not found.is_worth_sending


@pytest.mark.covers("D3")
def test_what_passes_every_gate_is_worth_sending() -> None:
    found = run(wanted())
    assert found.is_worth_sending
    assert (found.sent, found.size_percent) == (1_000 * E6, 100)


@pytest.mark.covers("D3")
@pytest.mark.parametrize(
    ("asked", "terms", "expected"),
    [
        (wanted(max_gas_price=60 * GWEI), {}, []),
        (wanted(max_gas_price=60 * GWEI - 1), {}, ["ARB-002"]),
        (wanted(slippage_bps=6), {}, ["ARB-004"]),
        (wanted(slippage_bps=3), {}, ["ARB-003", "ARB-004"]),
        (wanted(), {"loan_fee_bps": 364}, ["ARB-001"]),
        (wanted(), {"loan_fee_bps": 363}, []),
        (wanted(min_profit=0), {"base_fee": 15 * 10**13}, ["ARB-002", "ARB-005"]),
    ],
)
def test_each_gate_is_asked(asked: Wanted, terms: dict[str, Any], expected: list[str]) -> None:
    said: dict[str, Any] = {"base_fee": 30 * GWEI, "priority_fee": 30 * GWEI} | terms
    found = run(asked, terms=ChainTerms(chain="POLYGON", native=("WMATIC",), **said))
    assert codes(found.reasons) == expected


def test_a_loan_beyond_a_tenth_of_the_first_pool_is_refused() -> None:
    pools = profitable() | {"usdc-wmatic": v2(("USDC", 9_000 * E6), ("WMATIC", 18_000 * E18), 0)}
    assert "ARB-006" in codes(run(wanted(2_000 * E6), pools).reasons)
    assert "ARB-006" not in codes(run(wanted(1_000 * E6), pools).reasons)


@pytest.mark.covers("I5")
@pytest.mark.parametrize(
    ("principal", "percent"), [(4_000, 100), (5_000, 70), (7_000, 70), (7_500, 50), (60_000, 50)]
)
def test_a_size_that_would_slip_too_far_is_cut_once_and_judged_as_it_would_be_sent(
    principal: int, percent: int
) -> None:
    found = run(wanted(principal * E6, slippage_bps=10_000))
    assert found.size_percent == percent
    assert found.sent == found.steps[0].amount_in == principal * E6 * percent // 100
    assert found.score is not None
    assert found.score.gross == found.steps[-1].amount_out - found.sent


@pytest.mark.covers("I3", "I5")
def test_a_cut_size_passes_where_the_whole_would_not() -> None:
    """Of 7,500 dollars half a percent is lost, of half of them a quarter, which 6 % allow."""
    found = run(wanted(7_500 * E6, slippage_bps=50))
    assert (found.is_worth_sending, found.sent) == (True, 3_750 * E6)


@pytest.mark.covers("I4")
def test_the_slippage_that_is_expected_of_a_pair_at_one_kind_of_pool() -> None:
    pools = market(profitable() | {"v3": v3(("WMATIC", "WETH"), 2**96 // 77, 10**24)})
    amount = 1_000_000 * E18
    assert expected_slippage_ppm(pools, "uniswap_v2", "WMATIC", "WETH", amount) == mul_div_ceil(
        997 * amount, E6, 12_000_000 * E18 * 1000 + 997 * amount
    )
    concentrated = expected_slippage_ppm(pools, "uniswap_v3", "WMATIC", "WETH", amount)
    assert concentrated is not None
    assert 0 < concentrated < 76_000
    assert expected_slippage_ppm(pools, "curve_stableswap", "WMATIC", "WETH", amount) is None


def test_a_hop_goes_through_the_pool_that_brings_most() -> None:
    pools = profitable() | {
        "cheaper": v2(("WMATIC", 24_000_000 * E18), ("WETH", 4_100 * E18)),
        "dearer": v2(("WMATIC", 24_000_000 * E18), ("WETH", 3_900 * E18)),
    }
    found = run(wanted(), pools)
    assert [step.swap.pool for step in found.steps] == ["usdc-wmatic", "cheaper", "weth-usdc"]
    assert [step.pools for step in found.steps] == [1, 3, 1]


def test_a_pool_is_used_once_and_kept_for_the_hop_that_needs_it() -> None:
    """The pool of three tokens is the best for the first hop, and the only one for the second."""
    pools = {
        "three": weighted(("USDC", 10**12, 6, 30), ("A", 10**24, 18, 30), ("B", 10**24, 18, 40)),
        "dear": v2(("USDC", 10**12), ("A", 9 * 10**23)),
        "back": v2(("B", 10**24), ("USDC", 2 * 10**12)),
        "gas": v2(("USDC", 10**12), ("WMATIC", 2 * 10**24)),
    }
    found = run(wanted(route=("USDC", "A", "B", "USDC")), pools)
    assert [step.swap.pool for step in found.steps] == ["dear", "three", "back"]
    pools.pop("dear")
    alone = run(wanted(route=("USDC", "A", "B", "USDC")), pools)
    (reason,) = alone.reasons
    assert (reason.code, "each of its pools is used by another hop" in reason.message) == (
        "NO_QUOTE",
        True,
    )


def test_where_every_pool_could_stand_at_every_hop_the_search_ends_and_says_so() -> None:
    route = ("USDC", "WMATIC", "WETH", "A", "USDC")
    pools = {
        f"p{n}": weighted(
            *(("USDC", 10**12 + n, 6, 25), ("WMATIC", 10**24, 18, 25)),
            *(("WETH", 10**24, 18, 25), ("A", 10**24 + n, 18, 25)),
        )
        for n in range(24)
    }
    found = run(wanted(route=route), pools)
    assert len({step.swap.pool for step in found.steps}) == 4
    assert found.is_cut
    few = run(wanted(route=route), {name: pools[name] for name in ("p0", "p1", "p2", "p3")})
    assert len(few.steps) == 4
    assert not few.is_cut


@pytest.mark.parametrize("seed", range(40))
def test_no_other_choice_of_pools_brings_more(seed: int) -> None:
    random = Random(seed)
    tokens = ["USDC", "A", "B"]
    pools: dict[str, Any] = {"gas": v2(("USDC", 10**12), ("WMATIC", 2 * 10**24))}
    for n in range(7):
        names = random.sample(tokens, 2 if n < 4 else 3)
        amounts = [random.randrange(10**11, 10**12) for _ in names]
        if len(names) == 2:
            pools[f"p{n}"] = v2((names[0], amounts[0]), (names[1], amounts[1]))
        else:
            rows = [(t, a, 6, w) for t, a, w in zip(names, amounts, (20, 30, 50), strict=True)]
            pools[f"p{n}"] = weighted(*rows)
    there = market(pools)
    route = ("USDC", "A", "B", "USDC") if seed % 2 else ("USDC", "A", "USDC")
    choices = [there.between(a, b) for a, b in pairwise(route)]
    best = 0
    for swaps in product(*choices):
        if len({swap.pool for swap in swaps}) == len(swaps):
            hops = [Hop(there.pools[s.pool].state, s.token_in, s.token_out) for s in swaps]
            best = max(best, quote_route(hops, 10**8, by_in=True)[-1].amount_out)
    found = priced(wanted(10**8, route=route, slippage_bps=10_000), there, POLYGON)
    if not best:
        assert found.score is None
    elif found.sent == 10**8:
        assert found.steps[-1].amount_out == best
    else:
        assert found.size_percent in (50, 70)


def test_pools_of_every_kind_can_stand_in_a_route() -> None:
    pools = {
        "dai": curve(("DAI", 10**24, 18), ("USDC", 10**12, 6)),
        "eth": v3(("DAI", "WETH"), 2**96 // 55, 10**23),
        "usd": weighted(("WETH", 10**21, 18, 50), ("USDC", 3_100 * 10**9, 6, 50)),
        "gas": v2(("USDC", 10**12), ("WMATIC", 2 * 10**24)),
    }
    found = run(wanted(route=("USDC", "DAI", "WETH", "USDC"), min_profit=0), pools)
    kinds = [step.kind for step in found.steps]
    assert kinds == ["curve_stableswap", "uniswap_v3", "balancer_weighted"]
    assert found.score is not None
    assert found.score.gas_units == 150_000 + 90_000 + 120_000 + 100_000 + 100_000 + 50_000


def test_every_kind_of_pool_has_its_gas() -> None:
    assert SWAP_KINDS.keys() == TOKENS_OF_KIND.keys()


@pytest.mark.parametrize(
    ("route", "changes", "expected"),
    [
        (("USDC", "WMTIC", "WETH", "USDC"), {}, ["UNKNOWN_TOKEN"]),
        (("USDC", "X", "Y", "USDC"), {}, ["UNKNOWN_TOKEN", "UNKNOWN_TOKEN"]),
        (CYCLE, {"wmatic-weth": None}, ["NO_POOL"]),
        (CYCLE, {"usdc-wmatic": None, "wmatic-weth": None}, ["UNKNOWN_TOKEN", "NO_PRICE"]),
        (
            ("WETH", "LINK", "WETH"),
            {"usdc-wmatic": None, "wmatic-weth": None, "weth-usdc": v2(("WETH", 1), ("LINK", 1))},
            ["NO_PRICE", "NO_PRICE"],
        ),
        (
            CYCLE,
            {"c": curve(("USDC", 10**24, 18), ("DAI", 10**24, 18)), "weth-usdc": None}
            | {"d": curve(("USDC", 10**12, 6), ("WETH", 10**24, 18))},
            ["DECIMALS", "NO_PRICE"],
        ),
    ],
)
def test_what_cannot_be_priced_is_told_with_all_its_causes(
    route: tuple[str, ...], changes: dict[str, Any], expected: list[str]
) -> None:
    pools = {n: p for n, p in (profitable() | changes).items() if p is not None}
    found = run(wanted(route=route), pools)
    assert [c for c in codes(found.reasons) if c != "NO_QUOTE"] == expected
    assert (found.score, found.steps, found.is_worth_sending) == (None, (), False)


def test_a_name_that_no_pool_has_is_answered_with_the_nearest() -> None:
    (reason,) = run(wanted(route=("USDC", "WMTIC", "WETH", "USDC"))).reasons
    assert reason.message == "no pool has the token WMTIC; nearest known: WMATIC"


@pytest.mark.parametrize(
    ("principal", "pools", "said"),
    [
        (
            1,
            {"weth-usdc": v2(("WETH", 10**30), ("USDC", 10**12))},
            "hop 3: no pool swaps it from WETH to USDC: weth-usdc: it would bring nothing",
        ),
        (2**255, {}, "hop 1: no pool swaps it from USDC to WMATIC: usdc-wmatic: OVERFLOW"),
        (
            E6 * E6,
            {"usdc-wmatic": v3(("USDC", "WMATIC"), 2**96 * 10**6, 10**9)},
            "hop 1: no pool swaps it from USDC to WMATIC: usdc-wmatic: INSUFFICIENT_LIQUIDITY",
        ),
    ],
)
def test_a_hop_that_no_pool_takes_is_told_with_what_each_pool_says(
    principal: int, pools: dict[str, Any], said: str
) -> None:
    (reason,) = run(wanted(principal), profitable() | pools).reasons
    assert (reason.code, reason.message) == ("NO_QUOTE", said)


@pytest.mark.parametrize(
    ("chain", "name"), [("ETHEREUM", "WETH"), ("POLYGON", "WMATIC"), ("AVALANCHE", "WAVAX")]
)
def test_gas_is_paid_in_the_chains_own_token(chain: str, name: str) -> None:
    pools = profitable() | {"avax": v2(("USDC", 10**12), ("WAVAX", 10**23))}
    terms = default_terms(chain)
    found = run(wanted(), pools, terms)
    assert found.native_name == name
    assert found.native is not None
    expected = {"WETH": 3_000 * E6, "WMATIC": 500_000, "WAVAX": 10 * E6}[name]
    assert found.native.price.up(E18) == expected


def test_a_cycle_in_another_token_is_worth_what_its_dollars_are() -> None:
    """Three thousand: the path by way of WMATIC is the deeper one."""
    asked = wanted(E18 // 3, route=("WETH", "USDC", "WMATIC", "WETH"))
    found = run(asked)
    assert found.score is not None
    gained = found.steps[-1].amount_out - found.sent
    assert found.score.gross == gained * 3_000 * E6 // E18
