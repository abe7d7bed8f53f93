"""All four recordings of a real market, where they are: the book that is built from differences is
never crossed and has the top that the exchange announced beside them, update for update; and what
is planted among them is found."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cache

import pytest

from omnivenue.market import Level, Quote
from omnivenue.model import SECOND, Instrument, InstrumentID, Nanos, Side
from omnivenue.venue.cefi.binance import (
    Applied,
    Buffered,
    Crossed,
    DepthSync,
    DepthUpdate,
    Gap,
    Message,
    Reading,
    Snapshot,
    Ticker,
)
from omnivenue.venue.recorded import lines, open_recording
from omnivenue.venue.sim import SimVenueConfig, build_exchange
from omnivenue.venue.sim.rules import INSTRUMENTS
from streams import WHOLE, whole

LOTS = {"BTC": "0.00001", "ETH": "0.0001"}
FILES = pytest.mark.parametrize("name", WHOLE)


def instrument_of(name: str) -> Instrument:
    return next(i for i in INSTRUMENTS if i.instrument_id == WHOLE[name])


@cache
def messages_of(name: str) -> tuple[Message, ...]:
    reading = Reading("0.01", LOTS[instrument_of(name).base])
    return tuple([reading.line(line).message for line in lines(whole(name))])


def depth_of(name: str) -> list[Snapshot | DepthUpdate]:
    return [m for m in messages_of(name) if isinstance(m, Snapshot | DepthUpdate)]


def book_of(sync: DepthSync) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    return sync.book.levels(Side.BUY, 10**6), sync.book.levels(Side.SELL, 10**6)


def played(messages: Iterable[Snapshot | DepthUpdate]) -> DepthSync:
    sync = DepthSync()
    for message in messages:
        sync.take(message)
    return sync


@pytest.mark.covers("T4")
@pytest.mark.holds("T34")
@FILES
def test_each_is_a_book_with_the_announced_tops_and_never_crossed(name: str) -> None:
    tops = sorted(
        (m for m in messages_of(name) if isinstance(m, Ticker)), key=lambda t: t.update_id
    )
    ids = [top.update_id for top in tops]
    sync, compared, same_id = DepthSync(), 0, 0
    for message in depth_of(name):
        outcome = sync.take(message)
        if not sync.is_fresh:
            assert isinstance(outcome, Buffered)
            assert not compared
            continue
        assert isinstance(outcome, Applied)
        assert not sync.book.is_crossed
        top = tops[bisect_right(ids, sync.update_id) - 1]
        assert (sync.book.best(Side.BUY), sync.book.best(Side.SELL)) == (top.bid, top.ask)
        compared += 1
        same_id += top.update_id == sync.update_id
    assert compared > 3400
    assert same_id > 500, "announced as of the very update"


@FILES
@pytest.mark.parametrize("part", [7, 2])
def test_an_update_that_is_taken_out_is_missed_at_once(name: str, part: int) -> None:
    """And a snapshot, later, makes the book what it would have been."""
    depth = depth_of(name)
    out = len(depth) * (part - 1) // part
    sync = played(depth[:out])
    assert sync.is_fresh
    assert isinstance(sync.take(depth[out + 1]), Gap)
    behind = depth[out + 2 : out + 50]
    assert {type(sync.take(each)) for each in behind} == {Buffered}
    right = played(depth[: out + 20])
    snapshot = Snapshot(right.update_id, *book_of(right))
    assert isinstance(sync.take(snapshot), Applied)
    for each in depth[out + 50 :]:
        assert isinstance(sync.take(each), Applied)
    assert book_of(sync) == book_of(played(depth))


@FILES
@pytest.mark.parametrize("side", Side)
def test_a_level_across_the_spread_is_found_at_once(name: str, side: Side) -> None:
    depth = depth_of(name)
    at = len(depth) // 2
    sync = played(depth[:at])
    best = sync.book.best(side.opposite)
    after = depth[at]
    assert best is not None
    assert isinstance(after, DepthUpdate)
    bids, asks = ((best,), ()) if side is Side.BUY else ((), (best,))
    planted = DepthUpdate(
        after.first_id, after.last_id, bids=bids, asks=asks, at=after.at, prev_id=after.prev_id
    )
    assert isinstance(sync.take(planted), Crossed)
    assert not sync.is_fresh


@FILES
def test_an_exchange_on_each_shows_a_whole_book_to_its_end(name: str) -> None:
    """At forty times the speed, so in nine seconds of the exchange's own time."""
    instrument = instrument_of(name)
    config = SimVenueConfig(
        venue_id=instrument.venue_id,
        instruments=(instrument,),
        market=f"recording:{whole(name)}",
        keeps_going=False,
        speed=40_000,
    )
    exchange = build_exchange(config, Nanos(0), open_recording)
    shown, at = list[Quote](), 0
    while exchange.next_at() is not None:
        shown += [q for q in exchange.advance(Nanos(at)) if isinstance(q, Quote)]
        at += SECOND // 50
    assert 400 < len(shown) < 600
    assert 8 * SECOND < shown[-1].at < 9 * SECOND
    for quote in shown:
        assert not (quote.lost or quote.time_jumps)
        assert len(quote.bids) == len(quote.asks) == 10
        assert quote.bids[0][0] < quote.asks[0][0]


def test_told_by_name_each_is_the_market_of_one_instrument() -> None:
    for name, instrument_id in WHOLE.items():
        venue_id = instrument_of(name).venue_id
        listed = tuple(i for i in INSTRUMENTS if i.venue_id == venue_id)
        assert open_recording(whole(name), listed)[0] == InstrumentID(instrument_id)
