"""Scenarios of one matching: what the market shows and does, and what of ours trades."""

import pytest

from exchanges import BUY, SELL, book, level, printed
from omnivenue.model import ClOrdID, Lots, Nanos, Side, Ticks
from omnivenue.venue.sim.matching import Matching, Trade
from omnivenue.venue.sim.source import BookLost, Doubt, MarketEvent

SHOWN = book([(99, 5), (98, 7)], [(101, 4), (102, 6), (105, 9)])

GONE = [level(BUY, 99, 0), level(BUY, 98, 0)]
LOST = BookLost(Doubt.GAP)

type Row = tuple[int, int, str | None, str | None]


def market(*events: MarketEvent) -> Matching:
    made = Matching()
    made.apply(Nanos(1), (SHOWN, *events))
    return made


def take(m: Matching, name: str, side: Side, px: int, qty: int) -> list[Row]:
    return rows(m.take(ClOrdID(name), side, Ticks(px), Lots(qty)))


def rest(m: Matching, name: str, side: Side, px: int, qty: int) -> None:
    m.rest(ClOrdID(name), side, Ticks(px), Lots(qty))


def happens(m: Matching, *events: MarketEvent) -> list[Row]:
    return rows(m.apply(Nanos(2), events))


def rows(trades: list[Trade]) -> list[Row]:
    return [(t.px, t.qty, t.taker, t.maker) for t in trades]


@pytest.mark.parametrize(
    ("side", "limit_px", "qty", "trades"),
    [
        pytest.param(BUY, 101, 3, [(101, 3)], id="within the touch"),
        pytest.param(BUY, 102, 7, [(101, 4), (102, 3)], id="best first, at the levels' prices"),
        pytest.param(BUY, 102, 99, [(101, 4), (102, 6)], id="up to its limit"),
        pytest.param(BUY, 100, 3, [], id="a limit below the touch"),
        pytest.param(SELL, 98, 6, [(99, 5), (98, 1)], id="a seller goes down"),
        pytest.param(SELL, 1, 99, [(99, 5), (98, 7)], id="until nothing is left"),
    ],
)
def test_a_taker_takes_what_is_shown(
    side: Side, limit_px: int, qty: int, trades: list[tuple[int, int]]
) -> None:
    assert take(market(), "t", side, limit_px, qty) == [(px, n, "t", None) for px, n in trades]


def test_what_we_took_is_missing_until_the_level_changes() -> None:
    m = market()
    take(m, "a", BUY, 101, 3)
    assert take(m, "b", BUY, 101, 4) == [(101, 1, "b", None)]
    assert happens(m, level(SELL, 102, 8)) == []
    assert take(m, "c", BUY, 101, 4) == []
    happens(m, level(SELL, 101, 2))
    assert take(m, "d", BUY, 101, 4) == [(101, 2, "d", None)]
    happens(m, SHOWN)
    assert take(m, "e", BUY, 101, 9) == [(101, 4, "e", None)]


@pytest.mark.parametrize(
    ("events", "filled"),
    [
        pytest.param([printed(99, 5, SELL)], 0, id="a print uses the queue up"),
        pytest.param([printed(99, 6, SELL)], 1, id="and then fills"),
        pytest.param([printed(99, 50, SELL)], 3, id="no more than ordered"),
        pytest.param([printed(99, 3, SELL), printed(99, 3, SELL)], 1, id="prints add up"),
        pytest.param([printed(99, 50, BUY)], 0, id="of the same aggressor: not ours"),
        pytest.param([printed(98, 2, SELL)], 3, id="through our price: it was ours before"),
        pytest.param([printed(100, 50, SELL)], 0, id="above our price: not ours"),
        pytest.param([level(BUY, 99, 2), printed(99, 3, SELL)], 1, id="the level shrank"),
        pytest.param([level(BUY, 99, 9), printed(99, 6, SELL)], 1, id="newcomers queue behind"),
        pytest.param(
            [level(BUY, 99, 0), level(BUY, 99, 9), printed(99, 2, SELL)], 2, id="came back behind"
        ),
        pytest.param([book([(99, 1)], [(101, 1)]), printed(99, 3, SELL)], 2, id="a new book"),
        pytest.param([*GONE, level(SELL, 99, 2)], 2, id="the other side comes: all of it"),
        pytest.param([*GONE, level(SELL, 97, 9)], 3, id="the other side comes through"),
        pytest.param([level(SELL, 97, 9)], 0, id="a crossed book is none"),
        pytest.param([level(SELL, 99, 9), level(BUY, 99, 0)], 3, id="crossed within an instant"),
        pytest.param([LOST, level(BUY, 99, 9), printed(99, 6, SELL)], 1, id="prints go on"),
    ],
)
def test_a_resting_buy_is_filled(events: list[MarketEvent], filled: int) -> None:
    m = market()
    rest(m, "r", BUY, 99, 3)
    trades = happens(m, *events)
    assert sum(qty for _, qty, _, _ in trades) == filled
    assert {(px, taker, maker) for px, _, taker, maker in trades} <= {(99, None, "r")}


@pytest.mark.parametrize(
    ("events", "filled"),
    [
        ([printed(101, 6, BUY)], 2),
        ([printed(102, 1, BUY)], 3),
        ([printed(101, 9, SELL)], 0),
        ([level(SELL, 101, 0), level(BUY, 101, 2)], 2),
        ([level(SELL, 101, 1), printed(101, 2, BUY)], 1),
    ],
)
def test_a_resting_sell_mirrors_it(events: list[MarketEvent], filled: int) -> None:
    m = market()
    rest(m, "r", SELL, 101, 3)
    assert sum(qty for _, qty, _, _ in happens(m, *events)) == filled


def test_what_crossed_us_is_taken_once() -> None:
    m = market()
    rest(m, "a", BUY, 100, 3)
    rest(m, "b", BUY, 100, 3)
    rest(m, "c", BUY, 99, 3)
    assert happens(m, level(SELL, 100, 4)) == [(100, 3, None, "a"), (100, 1, None, "b")]
    assert m.book.qty_at(SELL, Ticks(100)) == 0
    assert happens(m, level(SELL, 102, 1)) == []


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize(
    ("event", "doubt"),
    [(LOST, Doubt.GAP), (level(BUY, 101, 1), Doubt.CROSSED), (level(SELL, 98, 1), Doubt.CROSSED)],
)
def test_without_a_whole_book_there_is_nothing_to_take(event: MarketEvent, doubt: Doubt) -> None:
    m = market()
    happens(m, event)
    assert m.doubt is doubt
    happens(m, level(SELL, 101, 5), level(BUY, 99, 1))
    assert take(m, "t", BUY, 999, 3) == []
    assert not m.can_fill(BUY, Ticks(999), Lots(1))
    happens(m, SHOWN)
    assert m.doubt is None
    assert take(m, "u", BUY, 101, 9) == [(101, 4, "u", None)]


def test_who_comes_while_there_is_no_book_is_the_last_of_the_next_one() -> None:
    m = market(LOST)
    rest(m, "r", BUY, 99, 3)
    assert happens(m, printed(99, 2, SELL)) == []
    assert happens(m, SHOWN, printed(99, 6, SELL)) == [(99, 1, None, "r")]


def test_own_orders_meet_also_where_nobody_knows_what_is_ahead() -> None:
    m = market(LOST)
    rest(m, "r", BUY, 99, 3)
    assert take(m, "t", SELL, 99, 2) == [(99, 2, "t", "r")]


def test_inside_the_spread_nobody_is_ahead() -> None:
    m = market()
    rest(m, "r", BUY, 100, 3)
    assert happens(m, printed(100, 1, SELL)) == [(100, 1, None, "r")]


def test_own_orders_meet_by_price_and_time_at_the_makers_price() -> None:
    m = market()
    rest(m, "late", SELL, 101, 2)
    rest(m, "best", SELL, 100, 1)
    rest(m, "later", SELL, 101, 2)
    assert take(m, "t", BUY, 101, 8) == [
        (100, 1, "t", "best"),
        (101, 2, "t", "late"),
        (101, 1, "t", "later"),
        (101, 4, "t", None),  # the market's part of the level was there before both
    ]


def test_what_we_take_of_a_level_is_no_longer_ahead() -> None:
    m = market()
    rest(m, "r", BUY, 99, 3)
    take(m, "t", SELL, 99, 4)
    assert happens(m, printed(99, 2, SELL)) == [(99, 1, None, "r")]


def test_of_one_price_the_older_is_first_and_a_print_fills_both() -> None:
    m = market()
    rest(m, "a", BUY, 99, 2)
    happens(m, level(BUY, 99, 8))  # three more, between the two
    rest(m, "b", BUY, 99, 2)
    assert happens(m, printed(99, 7, SELL)) == [(99, 2, None, "a")]
    assert happens(m, printed(99, 4, SELL)) == [(99, 1, None, "b")]


def test_a_print_through_several_prices_fills_all_of_them_the_best_first() -> None:
    m = market()
    rest(m, "low", BUY, 98, 2)
    rest(m, "high", BUY, 100, 2)
    assert happens(m, printed(97, 3, SELL)) == [(100, 2, None, "high"), (98, 2, None, "low")]


def test_who_leaves_is_not_filled() -> None:
    m = market()
    rest(m, "r", BUY, 100, 3)
    m.leave(ClOrdID("r"))
    m.leave(ClOrdID("never"))
    assert happens(m, printed(97, 9, SELL)) == []


def test_who_comes_back_is_the_last_of_what_is_shown() -> None:
    m = Matching()
    m.rejoin(ClOrdID("r"), BUY, Ticks(99), Lots(3))
    m.rejoin(ClOrdID("x"), BUY, Ticks(101), Lots(1))
    assert rows(m.apply(Nanos(1), (SHOWN,))) == [(101, 1, None, "x")]
    assert happens(m, printed(99, 6, SELL)) == [(99, 1, None, "r")]


@pytest.mark.parametrize(
    ("side", "limit_px", "qty", "can"),
    [
        (BUY, 102, 10, True),
        (BUY, 102, 11, False),
        (BUY, 105, 19, True),
        (BUY, 999, 20, False),
        (SELL, 98, 12, True),
        (SELL, 99, 6, False),
    ],
)
def test_all_or_nothing_counts_first(side: Side, limit_px: int, qty: int, can: bool) -> None:
    assert market().can_fill(side, Ticks(limit_px), Lots(qty)) is can


def test_all_or_nothing_counts_own_orders_and_deep_levels() -> None:
    m = Matching()
    deep = [(100 + i, 1) for i in range(1, 41)]
    m.apply(Nanos(1), (book([], deep),))
    assert m.can_fill(BUY, Ticks(140), Lots(40))
    assert not m.can_fill(BUY, Ticks(139), Lots(40))
    rest(m, "r", SELL, 120, 1)
    assert m.can_fill(BUY, Ticks(139), Lots(40))
