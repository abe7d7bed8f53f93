"""Any pool through one door: `swap` is what `exact_in` and `exact_out` say, whatever the kind."""

import pytest

from omnivenue.kernel import (
    CurvePool,
    Hop,
    Pool,
    QuoteError,
    StablePool,
    Swap,
    Template,
    V2Pool,
    WeightedPool,
    Why,
    quote_route,
)

UNIT = 10**18
V2 = V2Pool((10**24, 2 * 10**24), 30)
WHOLE: list[Pool] = [
    V2,
    WeightedPool((10**24, 10**24), (UNIT, UNIT), (UNIT // 2, UNIT // 2), 10**15),
    StablePool((10**24, 10**24), (UNIT, UNIT), 200_000, 10**15),
    CurvePool(Template.BASE2, (10**24, 10**24), (18, 18), 20_000, 4_000_000),
]


@pytest.mark.parametrize("pool", WHOLE)
def test_a_swap_is_what_either_way_answers(pool: Pool) -> None:
    out, after = pool.exact_in(0, 1, 10**20)
    assert pool.swap(0, 1, 10**20, by_in=True) == Swap(10**20, out, 0, False, after)
    needed, after = pool.exact_out(0, 1, 10**20)
    assert pool.swap(0, 1, 10**20, by_in=False) == Swap(needed, 10**20, 0, False, after)


@pytest.mark.parametrize("pool", WHOLE)
def test_what_has_no_ticks_takes_no_price_limit(pool: Pool) -> None:
    with pytest.raises(QuoteError) as refused:
        pool.swap(0, 1, 10**20, 2**96, by_in=True)
    assert refused.value.code == Why.PRICE_LIMIT


@pytest.mark.parametrize("pool", WHOLE)
@pytest.mark.parametrize("by_in", [True, False])
def test_less_than_nothing_is_refused(pool: Pool, by_in: bool) -> None:
    with pytest.raises(QuoteError) as refused:
        pool.swap(0, 1, -1, by_in=by_in)
    assert refused.value.code == Why.AMOUNT_TOO_LARGE


def test_a_route_goes_on_with_what_the_hop_before_gave() -> None:
    hops = [Hop(pool, 0, 1) for pool in WHOLE]
    there = quote_route(hops, 10**20, by_in=True)
    assert [done.amount_in for done in there[1:]] == [done.amount_out for done in there[:-1]]
    back = quote_route(hops, there[-1].amount_out, by_in=False)
    assert [done.amount_out for done in back[:-1]] == [done.amount_in for done in back[1:]]
    assert back[-1].amount_out == there[-1].amount_out
    assert back[0].amount_in <= 10**20 + 10**10
