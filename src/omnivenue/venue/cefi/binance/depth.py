"""Binance's spot market streams: what a line says, and when a book built from it is whole.

The exchange sends differences and, on request, a snapshot; only its published rules say which
differences belong on top of which snapshot. They are kept here, away from any connection, because
a book that is silently wrong looks exactly like one that is right.
Rules: "How to manage a local order book correctly", Binance spot API, WebSocket streams.
"""

from collections import deque

import msgspec

from omnivenue.market import Book, Level
from omnivenue.model import Lots, Nanos, NotDecimal, Side, Ticks, parse_decimal

BUFFER_MAX = 1000
"""Differences kept while there is no snapshot: a hundred seconds of them. Beyond it the oldest go,
which the rule about the first difference notices unless the snapshot is newer than them."""

_MILLI = 1_000_000
_AT_MAX = 19  # digits of a time in nanoseconds
_DECIMALS = 8  # of every price and quantity that the exchange sends

type _Pairs = list[tuple[str, str]]  # price, quantity


class NotBinance(ValueError):
    """The line is not what the exchange documents, or its prices lie between our ticks."""


class Snapshot(msgspec.Struct, frozen=True):
    """The book up to `update_id`, best first, as far down as the exchange shows it."""

    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class DepthUpdate(msgspec.Struct, frozen=True):
    """Levels that changed in the updates `first_id` to `last_id`; a quantity of 0 removes one."""

    first_id: int
    last_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: Nanos  # the exchange's time, as in Trade


class Ticker(msgspec.Struct, frozen=True):
    """The top of the book as of `update_id`."""

    update_id: int
    bid: Level
    ask: Level


class Trade(msgspec.Struct, frozen=True):
    trade_id: int
    px: Ticks
    qty: Lots
    aggressor: Side
    at: Nanos


type Message = Snapshot | DepthUpdate | Ticker | Trade


class Received(msgspec.Struct, frozen=True):
    at: Nanos  # the receiver's time, which need not agree with the exchange's
    message: Message


class _Envelope(msgspec.Struct):
    """A combined stream's message, or (without `stream`) the REST snapshot."""

    stream: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    last_update_id: int | None = msgspec.field(default=None, name="lastUpdateId")
    bids: _Pairs = []
    asks: _Pairs = []


class _Depth(msgspec.Struct):
    first_id: int = msgspec.field(name="U")
    last_id: int = msgspec.field(name="u")
    bids: _Pairs = msgspec.field(name="b")
    asks: _Pairs = msgspec.field(name="a")
    at_ms: int = msgspec.field(name="E")


class _Ticker(msgspec.Struct):
    update_id: int = msgspec.field(name="u")
    bid: str = msgspec.field(name="b")
    bid_qty: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_qty: str = msgspec.field(name="A")


class _Trade(msgspec.Struct):
    trade_id: int = msgspec.field(name="t")
    px: str = msgspec.field(name="p")
    qty: str = msgspec.field(name="q")
    is_buyer_maker: bool = msgspec.field(name="m")
    at_ms: int = msgspec.field(name="T")


_envelope = msgspec.json.Decoder(_Envelope)
_depth = msgspec.json.Decoder(_Depth)
_ticker = msgspec.json.Decoder(_Ticker)
_trade = msgspec.json.Decoder(_Trade)


class _Steps:
    """Decimal text as a count of steps. Parsed exactly, whatever is made of the rest."""

    def __init__(self, step: str) -> None:
        self.step = parse_decimal(step, _DECIMALS)
        assert self.step > 0

    def exact(self, text: str) -> int:
        count, rest = divmod(parse_decimal(text, _DECIMALS), self.step)
        if rest:
            raise NotDecimal(f"{text} is no multiple of the step")
        return count

    def floor(self, text: str) -> int:
        return parse_decimal(text, _DECIMALS) // self.step


class Reading:
    """Reads an instrument's lines. `tick` and `lot` are the exchange's steps of price and quantity
    as decimal strings ("0.01"): everything that comes out is counted in them.

    A price between ticks is an error. A quantity is cut to whole lots, since orders older than
    today's lot still rest there (25.426189 BTC at 200000, where the lot is 0.00001): no order of
    ours could take the rest.
    """

    def __init__(self, tick: str, lot: str) -> None:
        self._px, self._qty = _Steps(tick), _Steps(lot)

    def line(self, line: bytes) -> Received:
        """A recorded line: receive time in nanoseconds, a space, the message. Raises NotBinance."""
        at, _, message = line.partition(b" ")
        if not (at.isdigit() and len(at) <= _AT_MAX):
            raise NotBinance(f"no receive time at the start of {line[:40]!r}")
        return Received(at=Nanos(int(at)), message=self.message(message))

    def message(self, body: bytes) -> Message:
        """Raises NotBinance."""
        try:
            return self._message(_envelope.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError, NotDecimal) as error:
            raise NotBinance(f"{error} in {body[:80]!r}") from error

    def _message(self, envelope: _Envelope) -> Message:
        if envelope.stream is None:
            if envelope.last_update_id is None:
                raise NotBinance("neither a stream's message nor a depth snapshot")
            bids, asks = self._levels(envelope.bids), self._levels(envelope.asks)
            return Snapshot(update_id=envelope.last_update_id, bids=bids, asks=asks)
        kind = envelope.stream.partition("@")[2]
        if kind == "depth" or kind.startswith("depth@"):
            return self._update(_depth.decode(envelope.data))
        if kind == "bookTicker":
            return self._top(_ticker.decode(envelope.data))
        if kind == "trade":
            return self._traded(_trade.decode(envelope.data))
        raise NotBinance(f"no stream that we read: {envelope.stream[:80]!r}")

    def _update(self, d: _Depth) -> DepthUpdate:
        if d.first_id > d.last_id:
            raise NotBinance(f"an update from {d.first_id} back to {d.last_id}")
        bids, asks = self._levels(d.bids), self._levels(d.asks)
        at = Nanos(d.at_ms * _MILLI)
        return DepthUpdate(first_id=d.first_id, last_id=d.last_id, bids=bids, asks=asks, at=at)

    def _top(self, t: _Ticker) -> Ticker:
        bid, ask = self._levels([(t.bid, t.bid_qty), (t.ask, t.ask_qty)])
        return Ticker(update_id=t.update_id, bid=bid, ask=ask)

    def _traded(self, t: _Trade) -> Trade:
        ((px, qty),) = self._levels([(t.px, t.qty)])
        aggressor = Side.SELL if t.is_buyer_maker else Side.BUY
        at = Nanos(t.at_ms * _MILLI)
        return Trade(trade_id=t.trade_id, px=px, qty=qty, aggressor=aggressor, at=at)

    def _levels(self, pairs: _Pairs) -> tuple[Level, ...]:
        px, qty = self._px.exact, self._qty.floor
        return tuple([(Ticks(px(p)), Lots(qty(q))) for p, q in pairs])


class Buffered(msgspec.Struct, frozen=True):
    """There is no snapshot to put it on: `count` updates wait for one."""

    count: int


class Applied(msgspec.Struct, frozen=True):
    """What went into the book, in order; nothing at all where the message was an old one."""

    snapshot: Snapshot | None = None
    updates: tuple[DepthUpdate, ...] = ()


class Gap(msgspec.Struct, frozen=True):
    """Updates from `expected_id` on are missing: the book is stale until a next snapshot."""

    expected_id: int
    first_id: int  # where the stream went on


type Outcome = Applied | Buffered | Gap


class DepthSync:
    """A book that knows whether it is whole. While `is_fresh` is False, do not read `book`."""

    def __init__(self) -> None:
        self.book = Book()
        self.is_fresh = False
        self.update_id = 0  # the last one in the book
        self._is_first = False  # no update has been put on this snapshot yet
        self._waiting: deque[DepthUpdate] = deque(maxlen=BUFFER_MAX)

    def take(self, message: Snapshot | DepthUpdate) -> Outcome:
        if isinstance(message, Snapshot):
            return self._take_snapshot(message)
        if not self.is_fresh:
            self._waiting.append(message)
            return Buffered(count=len(self._waiting))
        return self._take_updates((message,))

    def _take_snapshot(self, snapshot: Snapshot) -> Outcome:
        if self.is_fresh and snapshot.update_id <= self.update_id:
            return Applied()  # the book is further on; to go back would need updates long gone
        self.book.reset(snapshot.bids, snapshot.asks)
        self.update_id = snapshot.update_id
        self.is_fresh = self._is_first = True
        waiting = tuple(self._waiting)
        self._waiting.clear()
        outcome = self._take_updates(waiting)
        if isinstance(outcome, Gap):
            return outcome
        return msgspec.structs.replace(outcome, snapshot=snapshot)

    def _take_updates(self, updates: tuple[DepthUpdate, ...]) -> Applied | Gap:
        """Those up to a gap. From there on they wait: a newer snapshot will need them."""
        applied: list[DepthUpdate] = []
        for i, update in enumerate(updates):
            if update.last_id <= self.update_id:
                continue
            if not self._follows(update):
                self.is_fresh = False
                self._waiting.extend(updates[i:])
                return Gap(expected_id=self.update_id + 1, first_id=update.first_id)
            self._apply(update)
            applied.append(update)
        return Applied(updates=tuple(applied))

    def _follows(self, update: DepthUpdate) -> bool:
        """A snapshot is taken at any moment, so the first update on it may begin before it (that it
        reaches beyond is known: it would have been dropped as old). After that the exchange's
        updates join without overlap, and one that does not is not trusted."""
        expected = self.update_id + 1
        if self._is_first:
            return update.first_id <= expected
        return update.first_id == expected

    def _apply(self, update: DepthUpdate) -> None:
        for px, qty in update.bids:
            self.book.set_level(Side.BUY, px, qty)
        for px, qty in update.asks:
            self.book.set_level(Side.SELL, px, qty)
        self.update_id, self._is_first = update.last_id, False
