"""Recorded streams of real venues as the market of a simulated one.

Outside both folders, because a venue does not know another. What a recorder missed, or what cannot
be read, is part of the market: from there on the book is lost until the next snapshot, exactly as
it would be live. Times are those of receipt, as far as they can be (`receive_times.py`).
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from omnivenue.model import Instrument, InstrumentID, Nanos, Side, exponent, format_decimal
from omnivenue.venue.cefi.binance import (
    Applied,
    Crossed,
    DepthSync,
    DepthUpdate,
    Gap,
    Message,
    NotBinance,
    Outcome,
    Reading,
    Received,
    Snapshot,
    Trade,
)
from omnivenue.venue.receive_times import ReceiveTimes, Timed
from omnivenue.venue.sim.config import open_own
from omnivenue.venue.sim.recorded_market import Recorded
from omnivenue.venue.sim.recording import (
    Jumped,
    Lost,
    NotRecording,
    Record,
    Snapped,
    Traded,
    Updated,
)
from omnivenue.venue.sim.source import BookReset, Doubt, LevelChanged, Printed

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 18  # bytes at a time: less than a millisecond of whoever waits
LINE_MAX = 1 << 23
"""Bytes of a line: a snapshot of five thousand levels a side has a twentieth of it."""


class Streams(msgspec.Struct, frozen=True):
    """A file of streams, to be gone through once."""

    records: Iterator[Record]
    span: Nanos | None = None


def open_recording(
    path: Path, instruments: tuple[Instrument, ...]
) -> tuple[InstrumentID, Recorded]:
    """Told by its content: our own format, or Binance's streams, gzipped. Raises OSError, and
    NotRecording."""
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            return open_own(path, instruments)
    symbol = _symbol(path)
    instrument = _of_symbol(symbol, instruments)
    reading = Reading(
        format_decimal(instrument.tick, exponent(instrument.quote)),
        format_decimal(instrument.lot, exponent(instrument.qty_asset)),
        symbol,
    )
    return instrument.instrument_id, Streams(records(lines(path), reading))


def lines(path: Path) -> Iterator[bytes]:
    """Raises OSError, EOFError or zlib.error where the file is damaged or was cut."""
    rest = b""
    with gzip.open(path) as file:
        while chunk := file.read1(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if len(rest) > LINE_MAX:
                raise OSError(f"a line of more than {LINE_MAX} bytes")
    if rest:
        yield rest


def records(lines: Iterable[bytes], reading: Reading) -> Iterator[Record]:
    """From the first snapshot on. Tops that the exchange announced are left out: the levels say
    the same."""
    reel, source = _Reel(), iter(lines)
    while True:
        try:
            line = next(source, None)
            if line is None:
                yield from reel.end()
                return
            received = reading.line(line)
        except NotBinance:
            yield from reel.lose()
        except (OSError, EOFError, zlib.error):
            yield from reel.lose()
            return
        else:
            yield from reel.take(received)


class _Reel:
    """What the messages so far come to."""

    def __init__(self) -> None:
        self._sync = DepthSync()
        self._times = ReceiveTimes()
        self._start: int | None = None  # when the first book was whole
        self._at = 0  # of the last message
        self._jumps = 0  # of times, that were not told of yet: none is before there is a book

    def take(self, received: Received) -> list[Record]:
        return self._timed(self._times.take(received))

    def end(self) -> list[Record]:
        return self._timed(self._times.end())

    def lose(self) -> list[Record]:
        found = self.end()
        if self._sync.is_fresh:
            found.append(Lost(self._after(), Doubt.UNREADABLE))
        self._sync.lose()
        return found

    def _timed(self, timed: list[Timed]) -> list[Record]:
        found: list[Record] = []
        for each in timed:
            self._at = each.after
            self._jumps += each.has_jumped
            found += self._said(each.message)
            if self._jumps and self._start is not None:
                found.append(Jumped(self._after(), self._jumps))
                self._jumps = 0
        return found

    def _said(self, message: Message) -> list[Record]:
        match message:
            case Snapshot() | DepthUpdate():
                was_fresh = self._sync.is_fresh
                return self._book(self._sync.take(message), was_fresh)
            case Trade(px=px, qty=qty, aggressor=aggressor) if qty and self._start is not None:
                return [Traded(self._after(), Printed(px, qty, aggressor))]
            case _:
                return []

    def _book(self, outcome: Outcome, was_fresh: bool) -> list[Record]:
        match outcome:
            case Applied(snapshot=snapshot, updates=updates):
                found = [self._snapped(snapshot)] if snapshot else list[Record]()
                return found + [self._updated(update) for update in updates]
            case Gap() | Crossed() if was_fresh:
                doubt = Doubt.GAP if isinstance(outcome, Gap) else Doubt.CROSSED
                return [Lost(self._after(), doubt)]
            case _:
                return []

    def _snapped(self, book: Snapshot) -> Record:
        if self._start is None:
            self._start = self._at
        return Snapped(self._after(), book.update_id, BookReset(book.bids, book.asks))

    def _updated(self, update: DepthUpdate) -> Record:
        changes = [LevelChanged(Side.BUY, px, qty) for px, qty in update.bids]
        changes += [LevelChanged(Side.SELL, px, qty) for px, qty in update.asks]
        return Updated(self._after(), update.last_id, tuple(changes))

    def _after(self) -> Nanos:
        assert self._start is not None
        return Nanos(self._at - self._start)


def _symbol(path: Path) -> str:
    """Of the first message that names its stream."""
    try:
        for line in lines(path):
            _, is_stream, name = line[:80].partition(b'"stream":"')
            symbol, _, _ = name.partition(b"@")
            if is_stream and symbol.isalnum():
                return symbol.decode().upper()
    except (EOFError, zlib.error) as error:
        raise NotRecording(f"is damaged: {error}") from error
    raise NotRecording("is gzipped, and holds no stream of Binance's")


def _of_symbol(symbol: str, instruments: tuple[Instrument, ...]) -> Instrument:
    for instrument in instruments:
        if f"{instrument.base}{instrument.quote}" == symbol:
            return instrument
    raise NotRecording(f"is the market of {symbol}, which the venue does not list")
