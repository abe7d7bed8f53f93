"""Binance's market streams: what a line says. Pure. Spot and USD-margined, which differ in how an
update is numbered, and in nothing else that we read.

A busy market is some thousands of messages a second and most of its numbers are ones that came
before, so JSON is decoded once, into the shape that its stream's name promises, and each text of a
number is parsed strictly the first time and looked up after that.
"""

from collections.abc import Callable

import msgspec

from omnivenue.market import Level
from omnivenue.model import Lots, Nanos, NotDecimal, Side, Ticks, parse_decimal

_MILLI = 1_000_000
_AT_MAX = 19  # digits of a time in nanoseconds
_DECIMALS = 8  # of every price and quantity that the exchange sends
_NAME_MAX = 80  # bytes from a message's beginning to the end of its stream's name
_SEEN_MAX = 1 << 17  # texts of numbers that are remembered; a day has more, a minute has not

type _Pairs = list[tuple[str, str]]  # price, quantity


class NotBinance(ValueError):
    """The line is not what the exchange documents, or its prices lie between our ticks."""


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """The book up to `update_id`, best first, as far down as the exchange shows it."""

    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class DepthUpdate(msgspec.Struct, frozen=True, gc=False):
    """Levels that changed in the updates `first_id` to `last_id`; a quantity of 0 removes one."""

    first_id: int
    last_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: Nanos  # the exchange's time, as in Trade
    prev_id: int | None = None  # the last id of the update before; spot has no such field


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """The top of the book as of `update_id`."""

    update_id: int
    bid: Level
    ask: Level


class Trade(msgspec.Struct, frozen=True, gc=False):
    trade_id: int
    px: Ticks
    qty: Lots
    aggressor: Side
    at: Nanos


type Message = Snapshot | DepthUpdate | Ticker | Trade


class Received(msgspec.Struct, frozen=True, gc=False):
    at: Nanos  # the receiver's time, which need not agree with the exchange's
    message: Message


class _Snapshot(msgspec.Struct, gc=False):
    """Of the REST call, so without a stream's name around it."""

    last_update_id: int = msgspec.field(name="lastUpdateId")
    bids: _Pairs
    asks: _Pairs


class _Depth(msgspec.Struct, gc=False):
    first_id: int = msgspec.field(name="U")
    last_id: int = msgspec.field(name="u")
    bids: _Pairs = msgspec.field(name="b")
    asks: _Pairs = msgspec.field(name="a")
    at_ms: int = msgspec.field(name="E")
    prev_id: int | None = msgspec.field(name="pu", default=None)


class _Ticker(msgspec.Struct, gc=False):
    update_id: int = msgspec.field(name="u")
    bid: str = msgspec.field(name="b")
    bid_qty: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_qty: str = msgspec.field(name="A")


class _Trade(msgspec.Struct, gc=False):
    trade_id: int = msgspec.field(name="t")
    px: str = msgspec.field(name="p")
    qty: str = msgspec.field(name="q")
    is_buyer_maker: bool = msgspec.field(name="m")
    at_ms: int = msgspec.field(name="T")


class _Streamed[T](msgspec.Struct, gc=False):
    """A combined stream's message; its name was read before."""

    data: T


_snapshot = msgspec.json.Decoder(_Snapshot).decode
_depth = msgspec.json.Decoder(_Streamed[_Depth]).decode
_ticker = msgspec.json.Decoder(_Streamed[_Ticker]).decode
_trade = msgspec.json.Decoder(_Streamed[_Trade]).decode


class _Counts(dict[str, int]):
    """Decimal text to a count of steps, by `parse` the first time that it is asked for."""

    def __init__(self, parse: Callable[[str], int]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> int:
        if len(self) >= _SEEN_MAX:
            self.clear()
        count = self[text] = self._parse(text)
        return count


class Reading:
    """Reads an instrument's lines. `tick` and `lot` are the exchange's steps of price and quantity
    as decimal strings ("0.01"): everything that comes out is counted in them. Where `symbol` is
    given, a stream of another is an error: its prints have no number by which that would show.

    A price between ticks is an error. A quantity is cut to whole lots, since orders older than
    today's lot still rest there (25.426189 BTC at 200000, where the lot is 0.00001): no order of
    ours could take the rest.
    """

    def __init__(self, tick: str, lot: str, symbol: str = "") -> None:
        self._of = f'"{symbol.lower()}@'.encode() if symbol else b"@"
        self._tick, self._lot = parse_decimal(tick, _DECIMALS), parse_decimal(lot, _DECIMALS)
        assert self._tick > 0
        assert self._lot > 0
        self._px, self._qty = _Counts(self._exact), _Counts(self._floor)

    def line(self, line: bytes) -> Received:
        """A recorded line: receive time in nanoseconds, a space, the message. Raises NotBinance."""
        at, _, message = line.partition(b" ")
        if not (at.isdigit() and len(at) <= _AT_MAX):
            raise NotBinance(f"no receive time at the start of {line[:40]!r}")
        return Received(Nanos(int(at)), self.message(message))

    def message(self, body: bytes) -> Message:
        """Raises NotBinance."""
        try:
            return self._message(body)
        except (msgspec.DecodeError, UnicodeDecodeError, NotDecimal) as error:
            raise NotBinance(f"{error} in {body[:80]!r}") from error

    def _message(self, body: bytes) -> Message:
        """By the name of its stream, which the exchange sends first."""
        kind = body.find(b"@", 0, _NAME_MAX) + 1
        if not kind:
            return self._whole(_snapshot(body))
        if not body.startswith(self._of, kind - len(self._of)):
            raise NotBinance(f"a stream of another symbol: {body[:_NAME_MAX]!r}")
        if body.startswith(b'bookTicker"', kind):
            return self._top(_ticker(body).data)
        if body.startswith((b'depth"', b"depth@"), kind):
            return self._update(_depth(body).data)
        if body.startswith(b'trade"', kind):
            return self._traded(_trade(body).data)
        raise NotBinance(f"no stream that we read: {body[:_NAME_MAX]!r}")

    def _whole(self, s: _Snapshot) -> Snapshot:
        return Snapshot(s.last_update_id, self._levels(s.bids), self._levels(s.asks))

    def _update(self, d: _Depth) -> DepthUpdate:
        if d.first_id > d.last_id:
            raise NotBinance(f"an update from {d.first_id} back to {d.last_id}")
        bids, asks = self._levels(d.bids), self._levels(d.asks)
        return DepthUpdate(d.first_id, d.last_id, bids, asks, Nanos(d.at_ms * _MILLI), d.prev_id)

    def _top(self, t: _Ticker) -> Ticker:
        px, qty = self._px, self._qty
        bid = (Ticks(px[t.bid]), Lots(qty[t.bid_qty]))
        return Ticker(t.update_id, bid, (Ticks(px[t.ask]), Lots(qty[t.ask_qty])))

    def _traded(self, t: _Trade) -> Trade:
        px, qty = Ticks(self._px[t.px]), Lots(self._qty[t.qty])
        aggressor = Side.SELL if t.is_buyer_maker else Side.BUY
        return Trade(t.trade_id, px, qty, aggressor, Nanos(t.at_ms * _MILLI))

    def _levels(self, pairs: _Pairs) -> tuple[Level, ...]:
        px, qty = self._px, self._qty
        return tuple([(px[p], qty[q]) for p, q in pairs])  # type: ignore[return-value] # no calls

    def _exact(self, text: str) -> int:
        count, rest = divmod(_parse(text), self._tick)
        if rest:
            raise NotDecimal(f"{text} is no multiple of the step")
        return count

    def _floor(self, text: str) -> int:
        return _parse(text) // self._lot


def _parse(text: str) -> int:
    """As parse_decimal, which takes three times as long: most texts are of this plain kind."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction.ljust(_DECIMALS, "0")
    is_plain = digits.isascii() and digits.isdigit()
    if is_plain and 0 < len(fraction) <= _DECIMALS and 0 < len(whole) < 40:
        return int(digits)
    return parse_decimal(text, _DECIMALS)
