"""One pair at two venues, for tests of orders over both: each book as a test puts it."""

from typing import Any

from msgspec.structs import replace

from omnivenue.market import Quote
from omnivenue.message import ExecType, InstrumentsListed, NewOrder, OrderInstructed
from omnivenue.model import SECOND, InstrumentID, Lots, Nanos, OrderID, TimeInForce
from omnivenue.oms import Composite
from scene import AT_A, BTC, WHOLE, B, Desk, listed, order, report, ticks, trade

AT_B = listed(B, BTC, maker_bps=1)
SMART = InstrumentID("SMART:SPOT_PAIR:BTC-USDT")


class Floor(Desk):
    """BTC-USDT at two venues; each book as a test puts it."""

    def __init__(self) -> None:
        super().__init__()
        self.tell(InstrumentsListed(instruments=(AT_B,)))
        self.asks = {AT_A: ((60_001, 5_000),), AT_B: ((60_001, 5_000),)}
        self.quote()

    def quote(self) -> None:
        for instrument, asks in self.asks.items():
            self.books.update(
                Quote(
                    instrument_id=instrument.instrument_id,
                    bids=((ticks(59_999), Lots(5_000)),),
                    asks=tuple((ticks(px), Lots(lots)) for px, lots in asks),
                    at=Nanos(self.at),
                )
            )

    def books_are(self, a: tuple[tuple[int, int], ...], b: tuple[tuple[int, int], ...]) -> None:
        self.asks = {AT_A: a, AT_B: b}
        self.quote()

    def later(self, seconds: int) -> None:
        super().later(seconds)
        if hasattr(self, "asks"):
            self.quote()

    def whole(self, key: str) -> Composite:
        return self.state.composites[OrderID(key)]

    def fill(self, new: NewOrder, lots: int | None = None, px: int = 60_001) -> list[Any]:
        lots = new.qty if lots is None else lots
        kind = f"{new.cl_ord_id}-{lots}"
        return self.tell(trade(new.cl_ord_id, lots, kind, px=ticks(px), fee=0))

    def ended(self, new: NewOrder, kind: ExecType, cum_qty: int = 0) -> list[Any]:
        return self.tell(report(new.cl_ord_id, kind, f"{new.cl_ord_id}-e", cum_qty=Lots(cum_qty)))


def smart(key: str, lots: int, px: int | None = 60_100, **more: Any) -> OrderInstructed:
    made = order(key, lots=lots, px=None if px is None else px * WHOLE, **more)
    return replace(made, instrument_id=SMART)


def gtd(floor: Floor, px: int) -> OrderInstructed:
    at = Nanos(floor.at + 3 * SECOND)
    return replace(smart("i", 10, px), tif=TimeInForce.GTD, expire_at=at)
