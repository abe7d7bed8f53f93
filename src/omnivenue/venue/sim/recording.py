"""A recorded market in a form small enough to be part of the project, and its way back into time.

A file is one JSON line that says what it is, then an xz stream of variable-length integers. Prices
are differences from the price before, so that a level change costs some three bytes. Beside the
updates stand tops of the book as the exchange itself announced them: whoever replays a recording
can check that the book is right.
"""

import lzma
from importlib.resources import files
from typing import Literal

import msgspec

from omnivenue.market import Book, Level
from omnivenue.model import InstrumentID, Lots, Nanos, Side, Ticks
from omnivenue.venue.sim.source import (
    BookLost,
    BookReset,
    Doubt,
    LevelChanged,
    MarketEvent,
    Printed,
    TimeJumped,
)
from omnivenue.venue.sim.varint import Reader, Writer

FORMAT = 1
BODY_MAX = 64 * 1024 * 1024
"""Bytes of a body after decompression: hours of a busy market. A file that claims more is refused
before it fills the memory."""

_SNAPPED, _UPDATED, _TRADED, _LOST, _JUMPED = 0, 1, 2, 3, 4
_DOUBTS = (Doubt.GAP, Doubt.CROSSED, Doubt.UNREADABLE)
"""By their place here they stand in a file."""


class NotRecording(ValueError):
    """The bytes are no recording of a format that we read."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal[1] = FORMAT
    instrument_id: InstrumentID
    source: str
    tick: str  # decimal strings of quote and base asset: what prices and quantities count
    lot: str
    start_at: Nanos  # when the first record was received, by the recorder's clock
    span: Nanos  # of the recording; the market went on after its last record


class CheckTop(msgspec.Struct, frozen=True, gc=False):
    """The top of the book that the exchange announced as of `update_id`."""

    update_id: int
    bid: Level
    ask: Level


class Snapped(msgspec.Struct, frozen=True, gc=False):
    after: Nanos  # since the recording's start, as in all records
    update_id: int
    book: BookReset


class Updated(msgspec.Struct, frozen=True, gc=False):
    """`top` is the last announcement up to `update_id`: the book must show it after `changes`."""

    after: Nanos
    update_id: int
    changes: tuple[LevelChanged, ...]
    top: CheckTop | None = None


class Traded(msgspec.Struct, frozen=True, gc=False):
    after: Nanos
    printed: Printed


class Lost(msgspec.Struct, frozen=True, gc=False):
    """The recorder missed something: there is no book until the next Snapped."""

    after: Nanos
    doubt: Doubt


class Jumped(msgspec.Struct, frozen=True, gc=False):
    """So many messages since the last one of these came with a time that was not believed."""

    after: Nanos
    count: int


type Record = Snapped | Updated | Traded | Lost | Jumped


class Recording(msgspec.Struct, frozen=True):
    """Records in time order, a Snapped first."""

    header: Header
    records: tuple[Record, ...]

    @property
    def span(self) -> Nanos:
        return self.header.span


def encode(recording: Recording) -> bytes:
    """The same bytes each time, as far as liblzma's encoder does not change."""
    body, after = Writer(), 0
    for record in recording.records:
        assert after <= record.after <= recording.header.span
        match record:
            case Snapped():
                body.unsigned(_SNAPPED, record.after - after)
                _put_snapped(body, record)
            case Updated():
                body.unsigned(_UPDATED, record.after - after)
                _put_updated(body, record)
            case Traded():
                body.unsigned(_TRADED, record.after - after)
                _put_sided(body, record.printed.aggressor, record.printed.px, record.printed.qty)
            case Lost():
                body.unsigned(_LOST, record.after - after)
                body.unsigned(_DOUBTS.index(record.doubt))
            case Jumped():
                body.unsigned(_JUMPED, record.after - after)
                body.unsigned(record.count)
        after = record.after
    packed = lzma.compress(bytes(body.out), preset=6)
    return msgspec.json.encode(recording.header) + b"\n" + packed


def decode(blob: bytes) -> Recording:
    """Raises NotRecording."""
    head, newline, packed = blob.partition(b"\n")
    try:
        header = msgspec.json.decode(head, type=Header)
        unpacking = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
        body = Reader(unpacking.decompress(packed, max_length=BODY_MAX))
        if not (newline and unpacking.eof):
            raise NotRecording(f"its body is cut short, or larger than {BODY_MAX} bytes")
        records: list[Record] = []
        after = 0
        while not body.is_done:
            record = _got(body, after)
            after = record.after
            records.append(record)
    except (msgspec.MsgspecError, lzma.LZMAError, IndexError) as error:
        raise NotRecording(f"is no recording of format {FORMAT}: {error}") from error
    if not (records and isinstance(records[0], Snapped) and after <= header.span):
        raise NotRecording("must begin with a whole book and end within its span")
    return Recording(header=header, records=tuple(records))


def excerpt() -> Recording:
    """The one that comes with the package; SOURCE.md beside it says where it is from."""
    return decode(files("omnivenue").joinpath("venue/sim/recordings/btcusdt.ovr").read_bytes())


def events_of(record: Record) -> tuple[MarketEvent, ...]:
    match record:
        case Snapped(book=book):
            return (book,)
        case Updated(changes=changes):
            return changes
        case Traded(printed=printed):
            return (printed,)
        case Lost(doubt=doubt):
            return (BookLost(doubt),)
        case Jumped(count=count):
            return (TimeJumped(count),)


def apply(book: Book, event: MarketEvent) -> None:
    """What an event means for a book. Prints leave it: the exchange sends their level changes. A
    loss leaves it as it was last known."""
    match event:
        case BookReset(bids=bids, asks=asks):
            book.reset(bids, asks)
        case LevelChanged(side=side, px=px, qty=qty):
            book.set_level(side, px, qty)
        case Printed() | BookLost() | TimeJumped():
            pass


def _put_snapped(body: Writer, record: Snapped) -> None:
    body.update_id(record.update_id)
    for levels in (record.book.bids, record.book.asks):
        body.unsigned(len(levels))
        for px, qty in levels:
            body.px(px)
            body.unsigned(qty)


def _put_updated(body: Writer, record: Updated) -> None:
    body.update_id(record.update_id)
    body.unsigned(len(record.changes))
    for change in record.changes:
        _put_sided(body, change.side, change.px, change.qty)
    body.unsigned(1 if record.top else 0)
    if record.top:
        body.signed(record.update_id - record.top.update_id)
        for px, qty in (record.top.bid, record.top.ask):
            body.px(px)
            body.unsigned(qty)


def _put_sided(body: Writer, side: Side, px: Ticks, qty: Lots) -> None:
    body.px(px, 1 if side is Side.BUY else 0)
    body.unsigned(qty)


def _got(body: Reader, before: int) -> Record:
    kind = body.unsigned()
    after = Nanos(before + body.unsigned())
    if kind == _SNAPPED:
        update_id = body.update_id()
        bids = _got_levels(body, body.unsigned())
        asks = _got_levels(body, body.unsigned())
        return Snapped(after, update_id, BookReset(bids=bids, asks=asks))
    if kind == _UPDATED:
        update_id = body.update_id()
        changes = tuple([LevelChanged(*_got_sided(body)) for _ in range(body.unsigned())])
        return Updated(after, update_id, changes, _got_top(body, update_id))
    if kind == _TRADED:
        side, px, qty = _got_sided(body)
        return Traded(after, Printed(px=px, qty=qty, aggressor=side))
    if kind == _LOST:
        return Lost(after, _DOUBTS[body.unsigned()])
    if kind == _JUMPED:
        return Jumped(after, body.unsigned())
    raise NotRecording(f"has a record of the unknown kind {kind}")


def _got_levels(body: Reader, count: int) -> tuple[Level, ...]:
    return tuple([(Ticks(body.px()), Lots(body.unsigned())) for _ in range(count)])


def _got_sided(body: Reader) -> tuple[Side, Ticks, Lots]:
    is_bid, px = body.flagged_px()
    return Side.BUY if is_bid else Side.SELL, Ticks(px), Lots(body.unsigned())


def _got_top(body: Reader, update_id: int) -> CheckTop | None:
    if not body.unsigned():
        return None
    top_id = update_id - body.signed()
    bid, ask = _got_levels(body, 2)
    return CheckTop(update_id=top_id, bid=bid, ask=ask)
