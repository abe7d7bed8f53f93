"""A file of recorded streams as an exchange's market: what it shows, and what is not believed.

Each story is a file, line by line; what is wrong with it is planted there.
"""

import gzip
from pathlib import Path

import pytest

from exchanges import MAIN, order
from omnivenue.market import Quote
from omnivenue.message import ExecutionReport, Missing
from omnivenue.model import Nanos, Side, Ticks, TimeInForce, VenueID
from omnivenue.runtime import Books
from omnivenue.venue.recorded import LINE_MAX, lines, open_recording
from omnivenue.venue.sim import Exchange, SimVenueConfig, build_exchange
from omnivenue.venue.sim.generator import GeneratedMarket
from omnivenue.venue.sim.recorded_market import RecordedMarket
from omnivenue.venue.sim.recording import (
    Jumped,
    Lost,
    NotRecording,
    Record,
    Recording,
    Snapped,
    Traded,
    Updated,
    excerpt,
)
from omnivenue.venue.sim.rules import instruments_of
from omnivenue.venue.sim.source import BookReset, Doubt, LevelChanged
from streams import ASKS, BIDS, snapshot, trade, update, written

SPOT, FUTURES = VenueID("BINANCE-SPOT"), VenueID("BINANCE-FUTURES")
LISTED = instruments_of(SPOT)
BTC, ETH = LISTED
MS = 1_000_000
COMMITTED = Path(__file__).parents[2] / "src/omnivenue/venue/sim/recordings/btcusdt.ovr"
FIRST = [update(0, 90, 95), snapshot(5, 100), update(6, 99, 103, bids=[(6_000_000, 9)])]


def read(path: Path) -> list[Record]:
    instrument_id, recorded = open_recording(path, LISTED)
    assert instrument_id == BTC.instrument_id
    return list(recorded.records)


def told(records: list[Record]) -> list[tuple[int, str]]:
    """In short: when, in milliseconds since the first book, and what."""
    return [(r.after // MS, _said(r)) for r in records]


def _said(record: Record) -> str:
    match record:
        case Snapped(update_id=update_id):
            return f"book {update_id}"
        case Updated(update_id=update_id):
            return f"update {update_id}"
        case Traded():
            return "trade"
        case Lost(doubt=doubt):
            return doubt.name
        case Jumped(count=count):
            return f"{count} jumped"


def exchange(path: Path, *, keeps_going: bool = False, speed: int = 1000) -> Exchange:
    config = SimVenueConfig(
        venue_id=SPOT,
        instruments=LISTED,
        market=f"recording:{path}",
        keeps_going=keeps_going,
        speed=speed,
    )
    return build_exchange(config, Nanos(0), open_recording)


# --- what is read


@pytest.mark.parametrize("prev", [None, 95])
def test_it_begins_with_the_snapshot_and_counts_from_there(
    tmp_path: Path, prev: int | None
) -> None:
    """By spot's rules, or by a perpetual's: the updates themselves say which."""
    path = written(
        tmp_path / "a.gz",
        update(0, 90, 95, prev=None if prev is None else 89),
        trade(1, 6_000_000, 7),  # before there is a market
        snapshot(5, 100),
        update(6, 96, 103, bids=[(6_000_000, 9), (5_999_900, 0)], asks=[(6_000_200, 1)], prev=prev),
        trade(8, 6_000_100, 7),
        trade(9, 6_000_000, 7, is_buyer_maker=True),
        update(10, 104, 104, prev=None if prev is None else 103),
    )
    found = read(path)
    assert told(found) == [
        (0, "book 100"),
        (1, "update 103"),
        (3, "trade"),
        (4, "trade"),
        (5, "update 104"),
    ]
    first, changed, bought, sold, _ = found
    assert isinstance(first, Snapped)
    assert first.book == BookReset(tuple(BIDS), tuple(ASKS))  # type: ignore[arg-type]
    assert isinstance(changed, Updated)
    assert [(c.side, c.px, c.qty) for c in changed.changes] == [
        (Side.BUY, 6_000_000, 9),
        (Side.BUY, 5_999_900, 0),
        (Side.SELL, 6_000_200, 1),
    ]
    assert isinstance(bought, Traded)
    assert isinstance(sold, Traded)
    assert (bought.printed.aggressor, sold.printed.aggressor) == (Side.BUY, Side.SELL)


def test_it_is_told_by_its_content(tmp_path: Path) -> None:
    renamed = tmp_path / "streams.gz"
    renamed.write_bytes(COMMITTED.read_bytes())
    _, ours = open_recording(renamed, LISTED)
    assert ours == excerpt()
    instrument_id, theirs = open_recording(written(tmp_path / "b.ovr", *FIRST), LISTED)
    assert instrument_id == BTC.instrument_id
    assert not isinstance(theirs, Recording)


def test_it_is_the_market_of_its_symbol_wherever_that_stands(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", *FIRST)
    (perpetual, _) = instruments_of(FUTURES)
    assert open_recording(path, LISTED[::-1])[0] == BTC.instrument_id
    assert open_recording(path, (perpetual,))[0] == perpetual.instrument_id
    with pytest.raises(NotRecording, match="BTCUSDT, which the venue does not list"):
        open_recording(path, (ETH,))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no recording"),
        (b"\x1f\x8b", "damaged"),
        (gzip.compress(b""), "no stream"),
        (gzip.compress(b"5 {}\n" * 9), "no stream"),
        (gzip.compress(b"\n".join(FIRST))[:14], "damaged"),
        (gzip.compress(update(0, 90, 95)), "no whole book"),
        (gzip.compress(update(0, 90, 95) + b"\nnonsense"), "no whole book"),
    ],
    ids=range(7),
)
def test_what_has_no_market_in_it_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises((NotRecording, OSError), match=why):
        RecordedMarket(open_recording(path, LISTED)[1], Nanos(0))


def test_lines_come_whole_however_the_file_is_cut_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.gz", *FIRST)
    for size in (1, 7, 100):
        monkeypatch.setattr("omnivenue.venue.recorded._CHUNK", size)
        assert list(lines(path)) == FIRST
    path.write_bytes(gzip.compress(b"\n".join(FIRST)))
    assert list(lines(path)) == FIRST, "the last one needs no end"


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", *FIRST, b"6 " + b" " * (LINE_MAX * 4))
    assert told(read(path))[-1] == (1, "UNREADABLE")


# --- what is planted


AFTER = [snapshot(20, 120), update(21, 120, 125)]


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize(
    ("planted", "doubt"),
    [
        ([update(10, 105, 108), update(11, 109, 110)], "GAP"),
        ([update(10, 103, 108)], "GAP"),  # it overlaps
        ([update(10, 104, 108, prev=102)], "GAP"),
        ([update(10, 104, 108, bids=[(6_000_100, 1)])], "CROSSED"),
        ([update(10, 104, 108, asks=[(5_999_900, 1)])], "CROSSED"),
        ([b"10000000 nonsense"], "UNREADABLE"),
        ([update(10, 104, 108, bids=[(1, 1)]).replace(b"0.01", b"0.001")], "UNREADABLE"),
        ([b""], "UNREADABLE"),
        ([trade(10, 268_000, 1, symbol="ethusdt")], "UNREADABLE"),
        ([update(10, 90, 95, symbol="ethusdt")], "UNREADABLE"),  # not one that is only old
    ],
)
def test_a_planted_fault_loses_the_book_until_the_next_snapshot(
    tmp_path: Path, planted: list[bytes], doubt: str
) -> None:
    path = written(tmp_path / "a.gz", *FIRST, *planted, trade(15, 6_000_000, 1), *AFTER)
    lost, *rest = told(read(path))[2:]
    assert lost[1] == doubt
    assert lost[0] in (1, 5)  # a line that cannot be read has no time of its own
    assert rest == [(10, "trade"), (15, "book 120"), (16, "update 125")]


def test_a_file_that_was_cut_ends_with_a_lost_book(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    many = [update(6 + n, 104 + n, 104 + n, bids=[(5_000_000 + n, n + 1)]) for n in range(500)]
    path.write_bytes(gzip.compress(b"\n".join([*FIRST, *many]))[:-200])
    (*_, last) = read(path)
    assert isinstance(last, Lost)
    assert last.doubt is Doubt.UNREADABLE


def test_a_snapshot_that_is_older_than_the_book_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", *FIRST, snapshot(7, 101), update(8, 104, 104))
    assert told(read(path)) == [(0, "book 100"), (1, "update 103"), (3, "update 104")]


def test_time_does_not_go_back(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", *FIRST, update(3, 104, 104), update(9, 105, 105))
    assert told(read(path))[2:] == [(1, "update 104"), (4, "update 105")]


FAR = 10**12  # milliseconds: some thirty years


@pytest.mark.holds("I17", "T34")
def test_one_time_that_cannot_be_moves_nothing_else(tmp_path: Path) -> None:
    """Planted thirty years ahead, at the epoch, and on a snapshot: all in one file."""
    path = written(
        tmp_path / "a.gz",
        *FIRST,
        update(FAR, 104, 104),
        update(8, 105, 105),
        update(0, 106, 106),
        update(10_000, 107, 107),
        b"%d" % (10**18) + snapshot(0, 108).removeprefix(b"0"),
        update(10_002, 109, 109),
    )
    assert told(read(path)) == [
        (0, "book 100"),
        (1, "update 103"),
        (1, "update 104"),
        (1, "1 jumped"),
        (3, "update 105"),
        (3, "update 106"),
        (9_995, "update 107"),
        (9_995, "book 108"),
        (9_995, "1 jumped"),
        (9_997, "update 109"),
    ]


def test_a_time_that_was_wrong_before_the_first_book_is_told_with_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", update(FAR, 90, 95), *FIRST[1:], update(7, 104, 104))
    assert told(read(path)) == [
        (0, "book 100"),
        (0, "1 jumped"),
        (1, "update 103"),
        (2, "update 104"),
    ]


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize("speed", [500, 1000, 60_000])
def test_a_book_is_fresh_again_with_the_next_message(tmp_path: Path, speed: int) -> None:
    """At any speed. What was not believed is counted, in the quote itself."""
    more = [update(100 * n + 200, 106 + n, 106 + n) for n in range(20)]
    wrong = [update(FAR, 104, 104), update(101, 105, 105)]
    made = exchange(written(tmp_path / "a.gz", *FIRST, *wrong, *more), speed=speed)
    ends_ms = (2_100 - 5) * 1000 / speed
    last = quote(made, ends_ms)
    assert (last.at, last.time_jumps) == (int(ends_ms * MS), 1)
    assert last.bids


def test_a_pause_is_one_and_the_feed_is_stale_meanwhile(tmp_path: Path) -> None:
    hours = 3 * 3_600_000
    made = exchange(written(tmp_path / "a.gz", *FIRST, update(hours, 104, 104),
                            update(hours + 7, 105, 105)))  # fmt: skip
    assert quote(made, hours - 6).at == 1 * MS
    assert quote(made, hours).at == (hours - 5) * MS
    assert quote(made, hours + 7).time_jumps == 0


# --- as a market


@pytest.mark.parametrize(
    ("speed", "ats"),
    [(1000, [0, 1, 15, 16]), (500, [0, 2, 30, 32]), (10_000, [0, 0.1, 1.5, 1.6])],
)
def test_it_runs_at_the_speed_that_is_asked_for(
    tmp_path: Path, speed: int, ats: list[float]
) -> None:
    _, recorded = open_recording(written(tmp_path / "a.gz", *FIRST, *AFTER), LISTED)
    market = RecordedMarket(recorded, Nanos(7 * MS), speed=speed)
    found: list[float] = []
    while market.next_at() is not None:
        at, _ = market.pop()
        found.append((at - 7 * MS) / MS)
    assert found == ats


def test_at_another_speed_the_market_that_follows_comes_when_it_ends() -> None:
    ends: list[int] = []

    def then(at: Nanos, _: Ticks) -> GeneratedMarket:
        ends.append(at)
        return GeneratedMarket(1, Nanos(10**20), Ticks(10**6))

    for speed in (1000, 4000):
        market = RecordedMarket(excerpt(), Nanos(0), then, speed)
        while market.next_at() != 10**20:
            market.pop()
    assert ends == [120_000 * MS, 30_000 * MS]


def test_levels_of_one_moment_come_at_once(tmp_path: Path) -> None:
    """At a high speed some moments are one; each still ends with a book."""
    _, recorded = open_recording(written(tmp_path / "a.gz", *FIRST, *AFTER), LISTED)
    market = RecordedMarket(recorded, Nanos(0), speed=10**10)
    ((at, events), after) = (market.pop(), market.next_at())
    assert (at, after) == (0, 1)
    assert [type(e) for e in events] == [BookReset, LevelChanged]


def quote(made: Exchange, at_ms: float) -> Quote:
    made.advance(Nanos(int(at_ms * MS)))
    return made.quote(BTC.instrument_id)


@pytest.mark.holds("I17", "T34")
def test_an_exchange_shows_no_book_that_it_lost_and_trades_on_none(tmp_path: Path) -> None:
    gap = update(10, 105, 108)
    made = exchange(written(tmp_path / "a.gz", *FIRST, gap, *AFTER))
    books = Books()
    books.update(quote(made, 2))
    assert books.is_fresh(BTC.instrument_id, Nanos(2 * MS))
    lost = quote(made, 5)
    assert (lost.bids, lost.asks, lost.lost) == ((), (), "updates are missing")
    books.update(lost)
    assert books.quote(BTC.instrument_id, Nanos(5 * MS)) == Missing(
        why="the feed is stale: updates are missing"
    )
    new = order("o", Side.BUY, 1000, 7_000_000, TimeInForce.IOC, venue_id=SPOT,
                instrument_id=BTC.instrument_id)  # fmt: skip
    made.deposit(MAIN, BTC.quote, 10**15)
    (ack, ended) = made.handle(Nanos(6 * MS), new)
    assert isinstance(ack, ExecutionReport)
    assert isinstance(ended, ExecutionReport)
    assert ended.cum_qty == 0
    again = quote(made, 15)
    books.update(again)
    assert again.bids[0] == BIDS[0]
    assert books.is_fresh(BTC.instrument_id, Nanos(15 * MS))


def test_where_it_ends_it_goes_stale_or_on(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", *FIRST)
    made = exchange(path)
    assert quote(made, 60_000).at == 1 * MS
    going = exchange(path, keeps_going=True)
    later = quote(going, 60_000)
    assert later.at > 59_000 * MS
    assert abs(later.bids[0][0] - 6_000_000) < 100_000


def test_several_venues_each_have_their_own(tmp_path: Path) -> None:
    here = exchange(written(tmp_path / "a.gz", *FIRST))
    dearer = [(px + 5_000, qty) for px, qty in BIDS], [(px + 5_000, qty) for px, qty in ASKS]
    there = exchange(written(tmp_path / "b.gz", update(0, 90, 95), snapshot(5, 100, *dearer)))
    assert quote(there, 0).bids[0][0] - quote(here, 0).bids[0][0] == 5_000
