"""Each second while anything is held: marks, equity, profit, and the day's loss."""

from typing import Any

import pytest
from msgspec.structs import replace

from derivatives import CONTRACTS, INVERSE, USD, deposits
from omnivenue.engine.equity import daily_loss, equity
from omnivenue.engine.state import Day, Worth
from omnivenue.message import (
    Command,
    EndReason,
    FundingPaid,
    InstrumentsListed,
    LimitsSet,
    SetMarks,
    SetState,
    StartDay,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    SHARE_UNIT,
    Instrument,
    LimitName,
    Limits,
    Nanos,
    TradingState,
)
from omnivenue.risk import DAY
from scene import (
    AT_A,
    AT_B,
    AT_F,
    BTC,
    COLLAR,
    ETH,
    MAIN,
    OTHER,
    S2,
    WHOLE,
    A,
    Desk,
    F,
    buy,
    deposit,
    limit,
    listed,
    quote,
    sell,
    ticks,
    trade,
)

W = QTY_UNIT
TIMER = "mark"


def fill(desk: Desk, make: Any, key: str, lots: int, px: int = 60_000, **more: Any) -> None:
    """At once, at `px` whole USDT, for a fee of 7 atoms."""
    instrument: Instrument = more.get("instrument", AT_A)
    order = desk.place(make(key, lots, **more))
    desk.tell(trade(order.new.cl_ord_id, lots, f"{key} x", ticks(px, instrument)))


def second(desk: Desk, **px: int) -> list[Command]:
    """A second passes, prices come to `px`, and the marks are due."""
    desk.later(1)
    for name, instrument in (("a", AT_A), ("b", AT_B), ("f", AT_F)):
        if name in px:
            desk.books.update(quote(desk.at, px[name], instrument))
    return desk.wake(TIMER)


def marks(commands: list[Command]) -> dict[str, int]:
    (found,) = [c for c in commands if isinstance(c, SetMarks)]
    return {str(i): (px + WHOLE // 2) // WHOLE for i, px in found.marks.items()}


def test_the_first_fill_arms_the_timer_once() -> None:
    desk = Desk()
    assert TIMER not in desk.state.timers
    fill(desk, buy, "i", 10)
    assert desk.state.timers[TIMER].at == desk.at + SECOND
    armed = desk.state.timers[TIMER]
    desk.later(0)
    fill(desk, buy, "j", 10)
    assert desk.state.timers[TIMER] is armed


def test_what_is_held_is_marked_with_all_that_tells_its_money() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10, instrument=AT_F, px=60_010)
    commands = second(desk, f=60_500)
    assert marks(commands) == {
        AT_F.instrument_id: 60_500,  # it is held
        AT_A.instrument_id: 60_000,  # what it derives from, and what coins are worth
        AT_B.instrument_id: 3_000,  # the account has some
    }
    assert desk.state.marks[AT_F.instrument_id] == 60_500 * WHOLE
    desk.check_replay()


def test_it_goes_on_while_anything_is_held_and_counts_the_end() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10)
    assert "ArmTimer" in str(second(desk, a=60_000))
    fill(desk, sell, "j", 10, 60_100)
    commands = second(desk, a=60_000)
    assert TIMER not in desk.state.timers
    assert desk.state.worths[MAIN].pnl == 10 * AT_A.lot * 100 * W // WHOLE - 14 * 10**10
    assert isinstance(commands[1], SetMarks)
    fill(desk, buy, "k", 1)
    assert TIMER in desk.state.timers


def test_strategies_that_hold_the_opposite_are_marked_though_the_account_has_nothing() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10)
    fill(desk, sell, "j", 10, strategy_id=S2)
    assert AT_A.instrument_id in marks(second(desk))
    assert TIMER in desk.state.timers


def test_what_has_no_price_keeps_its_mark() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10)
    second(desk, a=60_500)
    desk.at += 60 * SECOND  # the quotes are old by now
    assert marks(desk.wake(TIMER)) == {}
    assert desk.state.marks[AT_A.instrument_id] == 60_500 * WHOLE
    desk.check_replay()


def test_a_pair_is_told_by_the_first_that_has_a_price() -> None:
    """What stood for it before has an old mark, and must not be heard any more."""
    first = listed(A, ETH)  # by its id before AT_B
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=(first,)))
    fill(desk, buy, "i", 10)
    desk.later(1)
    desk.books.update(quote(desk.at, 2_000, first))
    assert marks(desk.wake(TIMER))[first.instrument_id] == 2_000
    assert AT_B.instrument_id not in desk.state.marks
    was = equity(desk.state, MAIN)
    desk.later(60)  # nothing was heard of `first`
    found = marks(desk.wake(TIMER))
    assert (found[first.instrument_id], found[AT_B.instrument_id]) == (0, 3_000)
    dearer = desk.state.marks[AT_B.instrument_id] - 2_000 * WHOLE
    assert abs(equity(desk.state, MAIN) - was - 1_000 * dearer * 10**10) < W
    desk.later(1)
    assert first.instrument_id not in marks(desk.wake(TIMER))


def test_equity_is_all_cash_and_what_closing_would_bring() -> None:
    desk = Desk()
    assert equity(desk.state, MAIN) == 30_000_000 * W  # coins have no mark yet
    fill(desk, buy, "i", 1_000, instrument=AT_F, px=60_010)
    second(desk, f=60_020)
    eth_px = desk.state.marks[AT_B.instrument_id] * 10**10
    coins, fee = 100 * 60_000 * W + 1_000 * eth_px, 7 * 10**10
    assert equity(desk.state, MAIN) == (30_000_000 + 10) * W + coins - fee
    assert desk.state.worths[MAIN].pnl == 10 * W - fee
    assert equity(desk.state, OTHER) == 30_000_000 * W + coins


def test_money_paid_in_between_two_marks_counts_at_once_and_is_no_profit() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10)
    second(desk)
    was = desk.state.worths[MAIN]
    desk.tell(replace(deposit(MAIN, A, BTC, WHOLE), deposit_id="more"))
    now = desk.state.worths[MAIN]
    assert (now.equity - was.equity, now.pnl) == (60_000 * W, was.pnl)


def loss_limited(share: int) -> Desk:
    desk = Desk()
    found = limit(LimitName.DAILY_LOSS, share)
    desk.tell(LimitsSet(limits=Limits(limits=(COLLAR, found)), from_file=False))
    return desk


def states(commands: list[Command]) -> list[tuple[str, TradingState]]:
    return [(c.scope, c.state) for c in commands if isinstance(c, SetState)]


def days(commands: list[Command]) -> list[tuple[str, int]]:
    return [(c.account, c.day) for c in commands if isinstance(c, StartDay)]


def test_a_day_begins_with_the_first_marks_and_counts_the_first_fee() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10)
    assert days(second(desk, a=60_000)) == [(MAIN, 0), (OTHER, 0)]
    day = desk.state.days[MAIN]
    assert (day.pnl, desk.state.worths[MAIN].pnl) == (0, -7 * 10**10)
    assert day.equity == equity(desk.state, MAIN) + 7 * 10**10
    assert daily_loss(desk.state, MAIN) == 1  # rounded up
    assert days(second(desk)) == []


def test_a_day_begins_at_midnight_for_each_account() -> None:
    desk = Desk()
    fill(desk, buy, "i", 1_000)
    second(desk, a=60_000)
    second(desk, a=59_000)
    lost = desk.state.worths[MAIN].pnl
    desk.at = DAY - SECOND
    assert days(second(desk, a=58_000)) == [(MAIN, 1), (OTHER, 1)]
    day = desk.state.days[MAIN]
    assert day.pnl == lost  # the last second's move belongs to the new day
    assert day.equity == equity(desk.state, MAIN) + 100 * W
    assert day.day == 1
    desk.check_replay()


def test_what_was_closed_on_another_day_is_not_lost_today() -> None:
    desk = loss_limited(SHARE_UNIT // 1_000_000)
    fill(desk, buy, "i", 1_000)
    fill(desk, sell, "j", 1_000, 59_000)
    assert states(second(desk)) != []
    desk = loss_limited(SHARE_UNIT // 1_000_000 * 2)
    fill(desk, buy, "i", 1_000)
    fill(desk, sell, "j", 1_000, 60_000)
    second(desk)
    lost = desk.state.worths[MAIN].pnl
    desk.at = 3 * DAY
    desk.later(0)
    fill(desk, buy, "k", 10)
    second(desk, a=60_000)
    assert desk.state.days[MAIN].pnl == lost == -14 * 10**10
    assert desk.state.worths[MAIN].pnl - lost == -7 * 10**10


@pytest.mark.covers("P5")
@pytest.mark.parametrize(
    ("px", "want"),
    [
        (59_700, []),  # 3,000 and a fee of 39 million: not above 1 bp
        (59_600, [("account:main", TradingState.REDUCE_ONLY)]),
        (59_200, [("account:main", TradingState.KILLED)]),
    ],
)
def test_a_loss_that_nobody_has_realised_stops_the_account(
    px: int, want: list[tuple[str, TradingState]]
) -> None:
    desk = loss_limited(SHARE_UNIT // 10_000)
    fill(desk, buy, "i", 10 * WHOLE // AT_A.lot)
    second(desk, a=60_000)
    assert states(second(desk, a=px)) == want
    desk.check_replay()


@pytest.mark.covers("P5")
@pytest.mark.holds("I16")
def test_what_rests_and_would_open_more_ends_with_the_loss_and_what_closes_stays() -> None:
    desk = loss_limited(SHARE_UNIT // 10_000)
    fill(desk, buy, "i", 10 * WHOLE // AT_A.lot)
    desk.place(buy("more", 10, px=59_000 * WHOLE))
    desk.place(sell("less", 10, px=61_000 * WHOLE))
    second(desk, a=60_000)
    assert states(second(desk, a=59_600)) == [("account:main", TradingState.REDUCE_ONLY)]
    assert [desk.parent(key).is_stopped for key in ("more", "less")] == [True, False]
    assert desk.parent("more").end is EndReason.REDUCE_ONLY
    desk.check_replay()


def test_funding_is_lost_like_anything() -> None:
    desk = loss_limited(SHARE_UNIT // 10_000)
    fill(desk, buy, "i", 10, instrument=AT_F, px=60_010)
    second(desk)
    desk.tell(
        FundingPaid(
            funding_id="f1",
            account=MAIN,
            venue_id=F,
            instrument_id=AT_F.instrument_id,
            amount=-5_000 * WHOLE,
            at=Nanos(desk.at),
        )
    )
    assert states(second(desk)) == [("account:main", TradingState.REDUCE_ONLY)]


def test_another_currency_begins_anew() -> None:
    desk = Desk()
    fill(desk, buy, "i", 10)
    second(desk, a=60_000)
    second(desk, a=61_000)
    position = desk.state.positions[MAIN][next(iter(desk.state.positions[MAIN]))]
    assert position[AT_A.instrument_id].delta != 0
    desk.tell(LimitsSet(limits=Limits(currency=BTC, limits=(COLLAR,)), from_file=False))
    assert (desk.state.worths, desk.state.days) == ({}, {})
    assert position[AT_A.instrument_id].delta == 0
    commands = second(desk, a=50_000)
    assert days(commands) == [(MAIN, 0), (OTHER, 0)]
    assert abs(equity(desk.state, MAIN) - 700 * W) < W // 1_000  # no pair of ETH and BTC
    desk.check_replay()


def test_equity_counts_what_closing_a_derivative_would_realise() -> None:
    dollars = listed(F, USD)
    found: list[int] = []
    for lots in (60, 600):
        desk = Desk()
        desk.tell(InstrumentsListed(instruments=(*CONTRACTS, dollars)))
        for event in deposits((MAIN,)):
            desk.tell(event)  # pyright: ignore[reportArgumentType]
        desk.books.update(quote(desk.at, 1, dollars))
        desk.books.update(quote(desk.at, 60_000, INVERSE))
        order = desk.place(buy("i", lots, instrument=INVERSE, px=60_000 * WHOLE))
        desk.tell(trade(order.new.cl_ord_id, lots, "x", ticks(60_000, INVERSE), fee=0))
        desk.later(1)
        desk.books.update(quote(desk.at, 50_000, INVERSE))
        desk.books.update(quote(desk.at, 50_000))
        desk.wake(TIMER)
        found.append(equity(desk.state, MAIN))
    # 60,000 USD were one coin, and are 1.2 by now: 0.2 lost, at 50,000. A tenth before.
    assert found[1] - found[0] == -9_000 * W


@pytest.mark.parametrize("began_with", [0, -5])
def test_who_began_the_day_with_nothing_has_lost_more_than_all_of_it_with_the_first_atom(
    began_with: int,
) -> None:
    desk = Desk()
    desk.state.days[MAIN] = Day(day=0, equity=began_with, pnl=0)
    for pnl, lost in ((0, 0), (1, 0), (-1, 2 * SHARE_UNIT)):
        desk.state.worths[MAIN] = Worth(equity=began_with + pnl, pnl=pnl)
        assert daily_loss(desk.state, MAIN) == lost
