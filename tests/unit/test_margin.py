"""What a derivative binds: the initial margin of the worst that it can come to, and no more."""

import msgspec
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
from omnivenue.message import AccountOpened, ExecType, InstrumentsListed, LimitsSet
from omnivenue.model import Atoms, ClOrdID, Instrument, Limits, Lots, MarginTier, Side, Ticks
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
    names,
    quote,
    replace,
    report,
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


def rests_at(desk: Desk, key: str, lots: int, px: int) -> ClOrdID:
    """Sold, and so reserved at its limit also where that is below the mark."""
    desk.equip(F)
    cl_ord_id = desk.place(sell(key, lots, instrument=INVERSE, px=px)).new.cl_ord_id
    desk.tell(report(cl_ord_id, ExecType.NEW, f"{key}/n"))
    return cl_ord_id


@pytest.mark.parametrize("px", [59_000 * WHOLE, 61_000 * WHOLE])
def test_of_an_inverse_contract_the_lower_price_is_reserved_until_a_replace_is_answered(
    px: int,
) -> None:
    desk = desk_with(INVERSE)
    cl_ord_id = rests_at(desk, "i", 600, PX)
    desk.tell(replace("r", "i", limit_px=Atoms(px)))
    atoms = 600 * INVERSE.lot
    for at in (min(px, PX), px):  # before the answer, and after it
        amount = INVERSE.cost_ceil(atoms, at)
        assert desk.balance(margin(MAIN, F), BTC) == INVERSE.initial_ceil(amount)
        assert desk.balance(held(MAIN, F), BTC) == INVERSE.hold_ceil(SELL, atoms, at)
        desk.tell(report(cl_ord_id, ExecType.REPLACED, "v", version=1))
    desk.check_replay()


def left_with(desk: Desk, amount: int) -> None:
    """Of what is free, so much is left."""
    wanted = amount - desk.balance(free(MAIN, F), BTC)
    once_more = deposit(MAIN, F, BTC, wanted)
    desk.tell(msgspec.structs.replace(once_more, deposit_id=f"{amount}"))


@pytest.mark.parametrize(
    ("lots", "px", "more_lots"),
    [
        (1_200, PX, 600),
        (1_200, 61_000 * WHOLE, 600),  # until it is answered all of it stays at the dearer price
        (600, 59_000 * WHOLE, 0),
    ],
)
def test_a_replace_needs_what_it_reserves_beyond_what_it_takes_the_place_of(
    lots: int, px: int, more_lots: int
) -> None:
    desk = desk_with(INVERSE)
    rests_at(desk, "i", 600, PX)
    at, before = min(px, PX), 600 * INVERSE.lot
    after = before + more_lots * INVERSE.lot
    more = INVERSE.hold_ceil(SELL, after, at) - INVERSE.hold_ceil(SELL, before, PX)
    bound, was_bound = (INVERSE.cost_ceil(*each) for each in ((after, at), (before, PX)))
    more += INVERSE.initial_ceil(bound) - INVERSE.initial_ceil(was_bound)
    wanted = {"qty": Atoms(lots * INVERSE.lot), "limit_px": Atoms(px)}
    left_with(desk, more - 1)
    assert names(desk.tell(replace("r", "i", **wanted))) == "Refuse"
    left_with(desk, more)
    assert "ReplaceOrder" in names(desk.tell(replace("s", "i", **wanted)))
    assert desk.balance(free(MAIN, F), BTC) == 0
    desk.check_replay()
