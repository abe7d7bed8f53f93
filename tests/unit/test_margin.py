"""What a derivative binds: the initial margin of the worst that it can come to, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivatives import CONTRACTS, INVERSE, LINEAR, QUANTO
from omnivenue.ledger import (
    LONG,
    NET,
    SHORT,
    Commitment,
    Exposure,
    cash_needed,
    free,
    held,
    margin,
    margin_after,
    needed_margin,
)
from omnivenue.message import AccountOpened, InstrumentsListed, LimitsSet
from omnivenue.model import Instrument, Limits, Lots, MarginTier, Side, Ticks
from scene import (
    AT_A,
    AT_F,
    BTC,
    BUY,
    COLLAR,
    MAIN,
    SELL,
    USDT,
    VENUES,
    WHOLE,
    Desk,
    F,
    buy,
    deposit,
    listed,
    quote,
    sell,
    ticks,
    trade,
)

pytestmark = pytest.mark.covers("P5")


@pytest.mark.parametrize(
    ("cost", "buys", "sells", "worst"),
    [
        (0, 0, 0, 0),
        (100, 0, 0, 100),
        (-100, 0, 0, 100),
        (100, 50, 0, 150),
        (100, 0, -50, 100),  # it closes a half
        (100, 0, -250, 150),  # it closes all, and opens more than that
        (100, 20, -250, 150),
        (-100, 250, -10, 150),
        (-100, -30, 0, 130),  # inverse: what is bought comes in too
    ],
)
def test_the_worst_case_of_a_leg(cost: int, buys: int, sells: int, worst: int) -> None:
    assert Commitment(cost, buys, sells).worst() == worst


PX = 60_000 * WHOLE
HALF = WHOLE // 2


@pytest.mark.parametrize(
    ("instrument", "legs", "side", "atoms", "more", "fee"),
    [
        # Half a BTC is 30,000 USDT, at 2 %, and a fee of 0.1 %.
        (LINEAR, {}, BUY, HALF, 600 * WHOLE, 30 * WHOLE),
        (LINEAR, {}, SELL, HALF, 600 * WHOLE, 30 * WHOLE),
        # With 80,000 held it comes to 110,000: the next tier takes 5 % of all of it.
        (LINEAR, {NET: Commitment(80_000 * WHOLE)}, BUY, HALF, 3_900 * WHOLE, 30 * WHOLE),
        # What closes needs no margin.
        (LINEAR, {NET: Commitment(80_000 * WHOLE)}, SELL, HALF, 0, 30 * WHOLE),
        (LINEAR, {NET: Commitment(-80_000 * WHOLE)}, BUY, HALF, 0, 30 * WHOLE),
        # Another order that closes all stands already, so this one opens.
        (
            LINEAR,
            {NET: Commitment(30_000 * WHOLE, 0, -60_000 * WHOLE)},
            SELL,
            HALF,
            600 * WHOLE,
            30 * WHOLE,
        ),
        # 30,000 USD are half a BTC, at 1 %.
        (INVERSE, {}, BUY, 30_000 * WHOLE, WHOLE // 200, WHOLE // 4_000),
        (INVERSE, {NET: Commitment(-HALF)}, SELL, 30_000 * WHOLE, 0, WHOLE // 4_000),
    ],
)
def test_what_one_more_order_needs(
    instrument: Instrument,
    legs: dict[str, Commitment],
    side: Side,
    atoms: int,
    more: int,
    fee: int,
) -> None:
    exposure = Exposure(legs=legs)
    exposure.margin = needed_margin(exposure, instrument)
    assert margin_after(exposure, instrument, side, atoms, PX) == exposure.margin + more
    assert cash_needed(exposure, instrument, side, atoms, PX) == more + fee


def test_what_closes_one_leg_of_a_hedge_opens_nothing_and_what_opens_the_other_does() -> None:
    exposure = Exposure(legs={LONG: Commitment(30_000 * WHOLE)})
    exposure.margin = needed_margin(exposure, LINEAR)
    before = exposure.margin
    assert margin_after(exposure, LINEAR, SELL, HALF, PX, LONG) == before
    assert margin_after(exposure, LINEAR, SELL, HALF, PX, SHORT) == 2 * before


def test_a_spot_order_needs_what_it_holds() -> None:
    assert cash_needed(Exposure(), AT_A, SELL, 7, PX) == 7
    assert cash_needed(Exposure(), AT_A, BUY, WHOLE, PX) == PX + PX // 1000


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(Side),
        st.sampled_from((NET, LONG, SHORT)),
        st.integers(1, 10**5).map(Lots),
        st.integers(1, 10**7).map(Ticks),
        st.booleans(),
    ),
    max_size=20,
)


@given(st.sampled_from((AT_F, *CONTRACTS)), ORDERS)
def test_margin_is_never_negative_and_never_less_with_one_more_order(
    instrument: Instrument, orders: list[tuple[Side, str, Lots, Ticks, bool]]
) -> None:
    exposure = Exposure()
    for side, leg, lots, px, is_held in orders:
        atoms, at = instrument.atoms(lots), instrument.px(px)
        before = needed_margin(exposure, instrument)
        after = margin_after(exposure, instrument, side, atoms, at, leg)
        assert after >= before >= 0
        paid = instrument.paid_ceil(side, atoms, at)
        if is_held:
            exposure.leg(leg).cost += paid
        else:
            exposure.leg(leg).commit(side, paid)
            assert needed_margin(exposure, instrument) == after


def desk_with(instrument: Instrument, *, hedging: bool = False) -> Desk:
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=(instrument,)))
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES, hedging=hedging))
    desk.tell(deposit(MAIN, F, BTC, 10 * WHOLE))
    limits = Limits(currency=instrument.quote, limits=(COLLAR,))
    desk.tell(LimitsSet(limits=limits, from_file=True))
    px = 3_000 if instrument is QUANTO else 60_000
    desk.books.update(quote(desk.at, px, instrument))
    return desk


def test_an_account_that_nets_closes_what_it_has() -> None:
    desk = desk_with(INVERSE)
    bought = desk.place(buy("i", 600, instrument=INVERSE, px=PX))
    assert desk.balance(margin(MAIN, F), BTC) == WHOLE // 100, "1 % of 1 BTC"
    assert desk.balance(held(MAIN, F), BTC) == WHOLE // 2000
    desk.tell(trade(bought.new.cl_ord_id, 600, px=ticks(60_000, INVERSE), fee=0))
    sold = desk.place(sell("j", 600, instrument=INVERSE, px=PX))
    assert desk.balance(margin(MAIN, F), BTC) == WHOLE // 100
    desk.tell(trade(sold.new.cl_ord_id, 600, "y", px=ticks(75_000, INVERSE), fee=0))
    assert desk.balance(margin(MAIN, F), BTC) == desk.balance(held(MAIN, F), BTC) == 0
    assert desk.balance(free(MAIN, F), BTC) == 10 * WHOLE + WHOLE // 5
    desk.check_replay()


def test_an_account_that_hedges_keeps_its_legs_apart() -> None:
    desk = desk_with(INVERSE, hedging=True)
    for key, order in (("i", buy), ("j", sell)):
        placed = desk.place(order(key, 600, instrument=INVERSE, px=PX))
        desk.tell(trade(placed.new.cl_ord_id, 600, key, px=ticks(60_000, INVERSE), fee=0))
    assert desk.balance(margin(MAIN, F), BTC) == 2 * WHOLE // 100
    position = desk.state.positions[MAIN][sell("x").strategy_id][INVERSE.instrument_id]
    assert position.qty == position.cost == 0
    assert position.legs[LONG].qty == -position.legs[SHORT].qty == 600 * INVERSE.lot
    closing = desk.place(sell("k", 600, instrument=INVERSE, px=PX, reduce_only=True))
    assert desk.balance(margin(MAIN, F), BTC) == 2 * WHOLE // 100
    desk.tell(trade(closing.new.cl_ord_id, 600, "k", px=ticks(75_000, INVERSE), fee=0))
    assert position.legs[LONG].qty == 0
    assert position.legs[LONG].realized == WHOLE // 5
    assert desk.balance(margin(MAIN, F), BTC) == WHOLE // 100
    desk.check_replay()


def test_the_mode_of_an_account_changes_only_while_it_has_nothing() -> None:
    desk = desk_with(INVERSE)
    placed = desk.place(buy("i", 600, instrument=INVERSE, px=PX))
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES, hedging=True))
    assert not desk.state.hedging
    desk.tell(trade(placed.new.cl_ord_id, 600, px=ticks(60_000, INVERSE), fee=0))
    closing = desk.place(sell("j", 600, instrument=INVERSE, px=PX))
    desk.tell(trade(closing.new.cl_ord_id, 600, "y", px=ticks(60_000, INVERSE), fee=0))
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES, hedging=True))
    assert list(desk.state.hedging) == [MAIN]
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES))
    assert not desk.state.hedging


def test_a_venue_that_changes_its_tiers_changes_what_is_bound() -> None:
    desk = Desk()
    placed = desk.place(buy("i", instrument=AT_F, px=PX))
    desk.tell(trade(placed.new.cl_ord_id, 10, px=ticks(60_000, AT_F), fee=0))
    all_of_it = desk.balance(margin(MAIN, F), USDT)
    tiers = (MarginTier(initial=100_000, maintenance=50_000),)
    given_ = {"type": AT_F.type, "lot": AT_F.lot, "tick": AT_F.tick}
    tiered = listed(F, BTC, version=2, margin=tiers, **given_)
    desk.tell(InstrumentsListed(instruments=(tiered,)))
    assert desk.balance(margin(MAIN, F), USDT) * 10 == all_of_it
    desk.check_replay()
