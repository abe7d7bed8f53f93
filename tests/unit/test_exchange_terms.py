"""How long an order may stay at the simulated exchange, and what it may not do there."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace as with_fields

from exchanges import (
    BUY,
    ENOUGH,
    MAIN,
    PX,
    SELL,
    USDT,
    Scripted,
    asked,
    at,
    cancel,
    exchange,
    kinds,
    level,
    order,
    printed,
    query,
    replace,
    reports,
)
from omnivenue.message import ArmDeadMan, ExecType, Held, NewOrder, StatusReport
from omnivenue.model import AccountID, AssetID, ClOrdID, Nanos, TimeInForce, VenueID
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.rules import CAPABILITIES, NOT_SUPPORTED, POST_ONLY, instruments_of

FUTURES = VenueID("BINANCE-FUTURES")
PERPETUAL, _ = instruments_of(FUTURES)
POSITION = AssetID(PERPETUAL.instrument_id)
OTHER = AccountID("other")
DAY, GTD, GTC = TimeInForce.DAY, TimeInForce.GTD, TimeInForce.GTC


@pytest.mark.parametrize("tif", [DAY, GTD])
@pytest.mark.parametrize("stop_px", [None, PX + 5])
def test_it_ends_by_itself_when_its_time_has_come(tif: TimeInForce, stop_px: int | None) -> None:
    e = exchange()
    e.handle(at(1), order("c", tif=tif, good_till=at(9), stop_px=stop_px))
    assert e.next_at() == at(9)
    assert kinds(e.advance(Nanos(at(9) - 1))) == []
    (report,) = reports(e.advance(at(9)))
    assert (report.exec_type, report.transact_at) == (ExecType.EXPIRED, at(9))
    assert e.orders[ClOrdID("c")].ended is ExecType.EXPIRED
    assert e.next_at() is None


def test_who_is_done_does_not_expire() -> None:
    e = exchange()
    e.handle(at(1), order("filled", px=PX + 1, tif=DAY, good_till=at(9)))
    e.handle(at(1), order("cancelled", tif=DAY, good_till=at(9)))
    e.handle(at(2), cancel("cancelled"))
    assert kinds(e.advance(at(10))) == []


def test_one_that_comes_when_its_time_is_over_is_taken_and_ends() -> None:
    e = exchange()
    said = e.handle(at(9), order("c", px=PX + 1, tif=GTD, good_till=at(9)))
    assert kinds(said) == ["NEW", "EXPIRED"]


def test_other_orders_know_no_time() -> None:
    e = exchange()
    e.handle(at(1), order("c", tif=GTC, good_till=at(9)))
    e.handle(at(1), order("d", tif=DAY))
    assert kinds(e.advance(at(10))) == []


def test_a_replace_does_not_prolong_it() -> None:
    e = exchange()
    e.handle(at(1), order("c", tif=GTD, good_till=at(9)))
    e.handle(at(2), replace("c", px=PX - 5))
    assert kinds(e.advance(at(10))) == ["EXPIRED"]


def test_a_bust_after_its_time_does_not_bring_it_back() -> None:
    e = exchange(habits=Habits(bust=100, bust_within=1))
    e.handle(at(1), order("c", px=PX + 1, tif=GTD, good_till=at(1) + 1))
    assert kinds(e.advance(at(2))) == ["TRADE_CANCEL", "EXPIRED"]


def test_who_may_only_make_is_refused_where_he_would_take() -> None:
    e = exchange()
    (report,) = reports(e.handle(at(1), order("c", px=PX + 1, post_only=True)))
    assert (report.exec_type, report.text) == (ExecType.REJECTED, POST_ONLY)
    assert POST_ONLY in CAPABILITIES.proven_rejects
    assert kinds(e.handle(at(2), order("d", px=PX, post_only=True))) == ["NEW"]
    (crossing,) = reports(e.handle(at(3), order("x", SELL, px=PX, post_only=True)))
    assert crossing.text == POST_ONLY  # one of our own is there


def test_a_stop_that_may_only_make_ends_where_it_would_take() -> None:
    e = exchange((at(5), [printed(PX + 5, 1, BUY)]))
    e.handle(at(1), order("c", px=PX + 1, stop_px=PX + 5, post_only=True))
    said = reports(e.advance(at(6)))
    assert kinds(said) == ["TRIGGERED", "CANCELED"]
    assert said[-1].text == POST_ONLY


@pytest.mark.parametrize(
    ("lacks", "wants"),
    [
        ({"has_post_only": False}, {"post_only": True}),
        ({"has_reduce_only": False}, {"reduce_only": True}),
        ({"tifs": (GTC,)}, {"tif": DAY}),
    ],
)
def test_what_a_venue_does_not_have_it_refuses(
    lacks: dict[str, object], wants: dict[str, object]
) -> None:
    e = exchange(capabilities=with_fields(CAPABILITIES, **lacks))
    (report,) = reports(e.handle(at(1), order("c", **wants)))  # type: ignore[arg-type]
    assert (report.exec_type, report.text) == (ExecType.REJECTED, NOT_SUPPORTED)
    assert NOT_SUPPORTED in CAPABILITIES.proven_rejects


def perpetual(*steps: tuple[int, Sequence[object]], long: int = ENOUGH) -> Exchange:
    """With a position of so many lots, which is why its book begins with fewer asks."""
    e = exchange(*steps, listed=(PERPETUAL,))  # type: ignore[arg-type]
    e.deposit(MAIN, POSITION, long * PERPETUAL.lot)
    return e


def reducing(name: str, side: object, qty: int = ENOUGH, px: int = PX, **more: object) -> NewOrder:
    named = PERPETUAL.instrument_id
    fields = {"venue_id": FUTURES, "instrument_id": named, "reduce_only": True, **more}
    return order(name, side, qty, px, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "qty", "said", "cum"),
    [
        pytest.param(ENOUGH, ENOUGH, ["NEW", "TRADE"], ENOUGH, id="all of it"),
        pytest.param(ENOUGH, 2 * ENOUGH, ["NEW", "TRADE", "CANCELED"], ENOUGH, id="no more"),
        pytest.param(0, ENOUGH, ["NEW", "CANCELED"], 0, id="there is nothing"),
        pytest.param(-ENOUGH, ENOUGH, ["NEW", "CANCELED"], 0, id="it would add"),
    ],
)
def test_it_takes_no_more_than_reduces(held: int, qty: int, said: list[str], cum: int) -> None:
    e = perpetual(long=held)
    events = reports(e.handle(at(1), reducing("c", SELL, qty, PX - 1)))
    assert kinds(events) == said
    assert e.orders[ClOrdID("c")].cum == cum
    assert all(r.text == "REDUCE_ONLY" for r in events if r.exec_type is ExecType.CANCELED)


def test_a_short_is_reduced_by_buying() -> None:
    e = perpetual(long=-ENOUGH)
    events = e.handle(at(1), reducing("c", BUY, 2 * ENOUGH, PX + 1))
    assert kinds(events) == ["NEW", "TRADE", "CANCELED"]
    assert e.balances[MAIN][POSITION] == 0


def test_what_rests_does_no_more_when_the_market_comes() -> None:
    e = perpetual((at(5), [printed(PX + 3, 10**6, BUY)]))
    e.handle(at(1), reducing("c", SELL, 2 * ENOUGH, PX))
    said = reports(e.advance(at(6)))
    assert [(r.exec_type.name, r.last_qty) for r in said] == [("TRADE", ENOUGH), ("CANCELED", 0)]
    assert e.balances[MAIN][POSITION] == 0


@pytest.mark.parametrize(
    "comes",
    [
        pytest.param([printed(PX, 10**6, BUY)], id="a print at its price"),
        pytest.param([printed(PX + 3, 10**6, BUY)], id="a print through it"),
        pytest.param([level(BUY, PX, 10**6)], id="the book"),
    ],
)
def test_two_at_one_instant_do_not_reduce_twice(comes: Sequence[object]) -> None:
    e = perpetual((at(5), comes))
    for name in ("c", "d"):
        e.handle(at(1), reducing(name, SELL, ENOUGH, PX))
    said = reports(e.advance(at(6)))
    assert [(r.cl_ord_id, r.exec_type.name) for r in said] == [("c", "TRADE"), ("d", "CANCELED")]
    assert e.balances[MAIN][POSITION] == 0


def test_another_order_of_the_account_may_have_reduced_it_before() -> None:
    e = perpetual((at(5), [printed(PX, 10**6, BUY)]))
    e.handle(at(1), reducing("free", SELL, ENOUGH, PX, reduce_only=False))
    e.handle(at(1), reducing("c", SELL, ENOUGH, PX))
    said = reports(e.advance(at(6)))
    assert [(r.cl_ord_id, r.exec_type.name) for r in said] == [
        ("free", "TRADE"),
        ("c", "CANCELED"),
    ]


def test_a_taker_passes_one_that_has_nothing_to_reduce() -> None:
    e = perpetual(long=ENOUGH)
    e.handle(at(1), reducing("c", SELL, ENOUGH, PX))
    e.handle(at(2), reducing("out", SELL, ENOUGH, PX - 1))
    buys = reducing("t", BUY, ENOUGH, PX + 1, reduce_only=False, account=OTHER)
    said = reports(e.handle(at(3), buys))
    assert [(r.cl_ord_id, r.exec_type.name) for r in said] == [
        ("t", "NEW"),
        ("t", "TRADE"),
        ("c", "CANCELED"),
    ]
    assert said[1].last_px == PX + 1


def test_all_or_nothing_counts_on_none_that_may_do_less() -> None:
    e = perpetual()
    e.handle(at(1), reducing("c", SELL, ENOUGH, PX))
    fok = reducing("t", BUY, ENOUGH, PX, tif=TimeInForce.FOK, reduce_only=False, account=OTHER)
    assert kinds(e.handle(at(2), fok)) == ["NEW", "CANCELED"]


def test_by_decree_it_does_no_more_either() -> None:
    e = perpetual()
    e.handle(at(1), reducing("c", SELL, 2 * ENOUGH, PX))
    assert kinds(e.fill(at(2), ClOrdID("c"))) == ["TRADE", "CANCELED"]
    assert e.balances[MAIN][POSITION] == 0


def test_the_answer_says_what_each_account_holds() -> None:
    e = exchange(listed=(PERPETUAL,))
    e.deposit(OTHER, USDT, 5)
    e.deposit(OTHER, AssetID("BTC"), 0)
    e.deposit(MAIN, POSITION, -3)
    assert asked(e).held == (
        Held(account=MAIN, asset=POSITION, total=-3),
        Held(account=OTHER, asset=USDT, total=5),
    )


def test_a_venue_that_does_not_say_what_is_held_is_silent_about_it() -> None:
    e = exchange(capabilities=with_fields(CAPABILITIES, reports_balances=False))
    e.deposit(OTHER, USDT, 5)
    (answer,) = e.handle(at(1), query())
    assert isinstance(answer, StatusReport)
    assert answer.held is None


def armed(until: int) -> ArmDeadMan:
    return ArmDeadMan(venue_id=VenueID("BYBIT"), at=Nanos(until))


def test_when_we_are_silent_everything_is_cancelled() -> None:
    e = exchange()
    e.handle(at(1), order("c"))
    e.handle(at(1), order("stop", account=OTHER, stop_px=PX + 9))
    assert e.handle(at(1), armed(at(5))) == []
    assert e.next_at() == at(5)
    assert kinds(e.advance(Nanos(at(5) - 1))) == []
    said = reports(e.advance(at(5)))
    assert kinds(said) == ["CANCELED"] * 2
    assert {r.text for r in said} == {"DEAD_MAN"}
    e.handle(at(6), order("d"))
    assert kinds(e.advance(at(99))) == []  # it strikes once


def test_each_refresh_moves_it_and_none_that_was_overtaken() -> None:
    e = exchange()
    e.handle(at(1), order("c"))
    for until in (at(5), at(8), at(6)):
        e.handle(at(2), armed(until))
    assert e.next_at() == at(8)
    assert kinds(e.advance(at(7))) == []
    assert kinds(e.advance(at(8))) == ["CANCELED"]


def test_at_zero_it_is_off() -> None:
    e = exchange()
    e.handle(at(1), order("c"))
    e.handle(at(1), armed(at(5)))
    e.handle(at(2), armed(0))
    assert e.next_at() is None
    assert kinds(e.advance(at(9))) == []


def test_a_venue_without_such_a_switch_ignores_it() -> None:
    e = exchange(capabilities=with_fields(CAPABILITIES, has_dead_man_switch=False))
    e.handle(at(1), armed(at(5)))
    assert e.next_at() is None


def test_a_market_that_happens_at_the_same_time_comes_after_it() -> None:
    e = exchange((at(5), [printed(PX - 1, 10**6, SELL)]))
    assert isinstance(e, Exchange)
    e.handle(at(1), order("c", px=PX))
    e.handle(at(1), armed(at(5)))
    assert kinds(e.advance(at(5))) == ["CANCELED"]
    assert Scripted().next_at() is None
