"""Recordings come back as they were written, and the one that we ship is a market: never crossed,
with the top of its book where the exchange itself announced it."""

import lzma
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnivenue.market import Book, Level
from omnivenue.model import SECOND, InstrumentID, Lots, Nanos, Side, Ticks
from omnivenue.venue.sim.generator import continuing
from omnivenue.venue.sim.recorded_market import RecordedMarket
from omnivenue.venue.sim.recording import (
    CheckTop,
    Header,
    Jumped,
    Lost,
    NotRecording,
    Record,
    Recording,
    Snapped,
    Traded,
    Updated,
    apply,
    decode,
    encode,
    events_of,
    excerpt,
)
from omnivenue.venue.sim.source import BookReset, Doubt, LevelChanged, MarketEvent, Printed
from streams import whole

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "src/omnivenue/venue/sim/recordings/btcusdt.ovr"

SIZES = st.one_of(st.integers(0, 300), st.integers(0, 10**24))
LEVELS = st.tuples(SIZES.map(Ticks), SIZES.map(Lots))
BOOKS = st.lists(LEVELS, max_size=5).map(tuple)
CHANGES = st.builds(LevelChanged, st.sampled_from(Side), SIZES.map(Ticks), SIZES.map(Lots))
PRINTS = st.builds(Printed, SIZES.map(Ticks), SIZES.map(Lots), st.sampled_from(Side))
DOUBTS = st.sampled_from(Doubt)
TOPS = st.none() | st.builds(CheckTop, SIZES, LEVELS, LEVELS)


def header(span: int) -> Header:
    return Header(
        instrument_id=InstrumentID("BINANCE-SPOT:SPOT_PAIR:BTC-USDT"),
        source="made up",
        tick="0.01",
        lot="0.00001",
        start_at=Nanos(77),
        span=Nanos(span),
    )


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    book = draw(st.builds(BookReset, bids=BOOKS, asks=BOOKS))
    records: list[Record] = [Snapped(Nanos(0), draw(SIZES), book)]
    for wait in draw(st.lists(st.integers(0, 2) | SIZES, max_size=12)):
        after = Nanos(records[-1].after + wait)
        updates = st.builds(
            Updated, st.just(after), SIZES, st.lists(CHANGES, max_size=4).map(tuple), TOPS
        )
        snaps = st.builds(Snapped, st.just(after), SIZES, st.just(book))
        prints = st.builds(Traded, st.just(after), PRINTS)
        losses = st.builds(Lost, st.just(after), DOUBTS)
        jumps = st.builds(Jumped, st.just(after), st.integers(1, 9))
        records.append(draw(st.one_of(updates, snaps, prints, losses, jumps)))
    return Recording(header(records[-1].after + draw(SIZES)), tuple(records))


def drained(market: RecordedMarket, most: int = 10_000) -> list[tuple[Nanos, MarketEvent]]:
    found: list[tuple[Nanos, MarketEvent]] = []
    for _ in range(most):
        promised = market.next_at()
        if promised is None:
            return found
        at, events = market.pop()
        assert at == promised
        found += [(at, event) for event in events]
    raise AssertionError("it does not end")


# --- the format


@settings(deadline=None)
@given(recordings())
def test_a_recording_comes_back_as_it_was_written(recording: Recording) -> None:
    blob = encode(recording)
    assert decode(blob) == recording
    assert encode(decode(blob)) == blob


@settings(deadline=None)
@given(recordings(), st.data())
def test_a_file_that_was_cut_is_refused(recording: Recording, data: st.DataObject) -> None:
    blob = encode(recording)
    with pytest.raises(NotRecording):
        decode(blob[: data.draw(st.integers(0, len(blob) - 1))])


def test_another_format_is_refused() -> None:
    blob = encode(Recording(header(0), (Snapped(Nanos(0), 1, BookReset((), ())),)))
    with pytest.raises(NotRecording, match="format"):
        decode(blob.replace(b'"format":1', b'"format":2'))
    with pytest.raises(NotRecording):
        decode(blob.replace(b'"tick"', b'"tock"'))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "begin with a whole book"),
        (b"\x02\x00\x02\x01", "begin with a whole book"),  # a print and no book
        (b"\x09\x00", "unknown kind 9"),
        (b"\x03\x00\x09", "no recording"),  # lost for a reason that has no name
        (b"\x00\x05\x02\x00\x00", "within its span"),
        (b"\x00\x00\x02\xff\xff\x03", "no recording"),  # counts levels that are not there
    ],
)
def test_a_body_that_makes_no_sense_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(NotRecording, match=why):
        decode(msgspec.json.encode(header(4)) + b"\n" + lzma.compress(body))


def test_a_file_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnivenue.venue.sim.recording.BODY_MAX", 1000)
    with pytest.raises(NotRecording, match="larger than 1000"):
        decode(msgspec.json.encode(header(0)) + b"\n" + lzma.compress(bytes(100_000)))


def test_time_does_not_go_back_in_what_we_write() -> None:
    book = BookReset((), ())
    with pytest.raises(AssertionError):
        encode(Recording(header(9), (Snapped(Nanos(5), 1, book), Snapped(Nanos(4), 1, book))))
    with pytest.raises(AssertionError):
        encode(Recording(header(9), (Snapped(Nanos(10), 1, book),)))


# --- as a source


def small(*more: Record, span: int = 50) -> Recording:
    book = BookReset(bids=((Ticks(100), Lots(1)),), asks=((Ticks(104), Lots(1)),))
    return Recording(header(span), (Snapped(Nanos(0), 1, book), *more))


UP = LevelChanged(Side.BUY, Ticks(102), Lots(5))
PRINT = Printed(Ticks(104), Lots(1), Side.BUY)


def test_it_begins_at_the_given_time_with_the_whole_book() -> None:
    market = RecordedMarket(small(Updated(Nanos(7), 2, (UP,))), Nanos(1000))
    assert market.next_at() == 1000
    (first_at, first), second = drained(market)
    assert first_at == 1000
    assert isinstance(first, BookReset)
    assert second == (1007, UP)
    assert market.next_at() is None


def test_what_is_of_one_instant_comes_at_once_and_in_order() -> None:
    records = (Traded(Nanos(7), PRINT), Updated(Nanos(7), 2, (UP,)), Traded(Nanos(8), PRINT))
    market = RecordedMarket(small(*records), Nanos(0))
    market.pop()
    assert market.pop() == (7, (PRINT, UP))
    assert market.pop() == (8, (PRINT,))
    assert market.next_at() is None


@settings(deadline=None)
@given(recordings(), st.integers(0, 10**19))
def test_nothing_is_lost_or_moved_against_the_rest(recording: Recording, start: int) -> None:
    events = drained(RecordedMarket(recording, Nanos(start)))
    plain = [(start + r.after, event) for r in recording.records for event in events_of(r)]
    assert events == plain


def test_it_goes_on_from_its_last_mid_where_its_span_ends() -> None:
    asked: list[tuple[Nanos, Ticks]] = []

    def then(at: Nanos, mid_px: Ticks) -> RecordedMarket:
        asked.append((at, mid_px))
        return RecordedMarket(small(), at)

    market = RecordedMarket(small(Updated(Nanos(7), 2, (UP,))), Nanos(1000), then)
    assert [at for at, _ in drained(market)] == [1000, 1007, 1050]
    assert asked == [(1050, 103)]


def test_a_book_that_ended_one_sided_has_no_price_to_go_on_from() -> None:
    gone = Updated(Nanos(7), 2, (LevelChanged(Side.SELL, Ticks(104), Lots(0)),))
    market = RecordedMarket(small(gone), Nanos(0), continuing(seed=1))
    assert len(drained(market)) == 2


# --- the one that we ship


def book_after(records: tuple[Record, ...]) -> list[tuple[Record, Level | None, Level | None]]:
    """Each record with the top of the book after it; the book never crossed on the way."""
    book, found = Book(), list[tuple[Record, Level | None, Level | None]]()
    for record in records:
        for event in events_of(record):
            apply(book, event)
        assert not book.is_crossed, record
        found.append((record, book.best(Side.BUY), book.best(Side.SELL)))
    return found


def test_the_excerpt_is_small_names_its_source_and_lasts_two_minutes() -> None:
    head = excerpt().header
    assert COMMITTED.stat().st_size <= 600_000
    assert (head.tick, head.lot) == ("0.01", "0.00001")
    assert head.instrument_id == "BINANCE-SPOT:SPOT_PAIR:BTC-USDT"
    assert "MIT-licensed hftbacktest" in head.source
    assert head.span == 120 * SECOND
    assert head.span - SECOND < excerpt().records[-1].after < head.span
    assert "tools/make_excerpt.py" in (COMMITTED.parent / "SOURCE.md").read_text()


def test_the_excerpt_shows_the_tops_that_the_exchange_announced() -> None:
    compared = same_id = 0
    for record, bid, ask in book_after(excerpt().records):
        if isinstance(record, Updated) and (top := record.top):
            assert top.update_id <= record.update_id
            assert (bid, ask) == (top.bid, top.ask), record.after
            compared += 1
            same_id += top.update_id == record.update_id
    assert compared == 1198, "every update of the two minutes"
    assert same_id == 207, "announced as of the very update"


def test_the_excerpt_trades_on_both_sides_at_prices_near_its_book() -> None:
    near = Ticks(5000)  # 50 USDT: trades come up to 100 ms before their levels
    sides: set[Side] = set()
    for record, bid, ask in book_after(excerpt().records):
        if isinstance(record, Traded):
            assert bid
            assert ask
            assert bid[0] - near <= record.printed.px <= ask[0] + near
            assert record.printed.qty > 0
            sides.add(record.printed.aggressor)
    assert sides == set(Side)


def test_the_excerpt_goes_on_as_a_generated_market_near_its_last_price() -> None:
    start = Nanos(10**18)
    market = RecordedMarket(excerpt(), start, continuing(seed=1))
    at, events = market.pop()
    while at < start + 120 * SECOND:
        at, events = market.pop()
    assert at == start + 120 * SECOND
    (reset,) = events
    assert isinstance(reset, BookReset)
    _, bid, ask = book_after(excerpt().records)[-1]
    assert bid
    assert ask
    assert abs(2 * reset.bids[0][0] - bid[0] - ask[0]) <= 8


def test_made_again_the_excerpt_has_the_committed_bytes(tmp_path: Path) -> None:
    source, target = whole("spot/btcusdt_20240808.gz"), tmp_path / "again.ovr"
    command = [sys.executable, str(ROOT / "tools/make_excerpt.py"), str(source), str(target)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    assert target.read_bytes() == COMMITTED.read_bytes()
