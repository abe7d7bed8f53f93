"""What tests of the simulated exchange need: a scripted market, and short names."""

from collections.abc import Mapping, Sequence
from typing import Any

from omnivenue.market import Level
from omnivenue.message import (
    CancelOrder,
    CancelRejected,
    ExecutionReport,
    NewOrder,
    QueryOrders,
    ReplaceOrder,
    StatusReport,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
    ClOrdID,
    Instrument,
    InstrumentID,
    Lots,
    Nanos,
    OrderID,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    VenueID,
)
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.rules import CAPABILITIES, instruments_of
from omnivenue.venue.sim.source import BookReset, LevelChanged, MarketEvent, Printed

VENUE = VenueID("BYBIT")
BTC_USDT, ETH_USDT = instruments_of(VENUE)
MAIN = AccountID("main")
BTC, USDT = AssetID("BTC"), AssetID("USDT")
BUY, SELL = Side.BUY, Side.SELL
NEVER = Nanos(9 * 10**18)
PX = 6_180_000  # ticks, near which the tests trade
ENOUGH = 10_000  # lots that are above the minimum notional at that price


class Scripted:
    """A market that does what the test says, at the times that it says."""

    def __init__(self, *steps: tuple[int, Sequence[MarketEvent]]) -> None:
        self.steps = [(Nanos(at), tuple(events)) for at, events in steps]

    def next_at(self) -> Nanos | None:
        return self.steps[0][0] if self.steps else None

    def pop(self) -> tuple[Nanos, tuple[MarketEvent, ...]]:
        return self.steps.pop(0)


def levels(*pairs: tuple[int, int]) -> tuple[Level, ...]:
    return tuple((Ticks(px), Lots(qty)) for px, qty in pairs)


def book(bids: Sequence[tuple[int, int]], asks: Sequence[tuple[int, int]]) -> BookReset:
    return BookReset(levels(*bids), levels(*asks))


def level(side: Side, px: int, qty: int) -> LevelChanged:
    return LevelChanged(side, Ticks(px), Lots(qty))


def printed(px: int, qty: int, aggressor: Side) -> Printed:
    return Printed(Ticks(px), Lots(qty), aggressor)


AROUND = book([(PX - 1, 50_000), (PX - 2, 50_000)], [(PX + 1, 50_000), (PX + 2, 50_000)])


def exchange(
    *steps: tuple[int, Sequence[MarketEvent]],
    habits: Habits | None = None,
    seed: int = 1,
    capabilities: Capabilities = CAPABILITIES,
    listed: Sequence[Instrument] = (BTC_USDT, ETH_USDT),
    fee_rates: Mapping[AssetID, Atoms] | None = None,
) -> Exchange:
    """The market of the first that is listed: at time 0 a book around PX, then the steps."""
    made = Exchange(
        listed[0].venue_id,
        listed,
        {listed[0].instrument_id: Scripted((0, [AROUND]), *steps)},
        habits,
        seed,
        capabilities=capabilities,
        fee_rates=fee_rates,
    )
    made.advance(Nanos(0))
    return made


def order(
    cl_ord_id: str,
    side: Side = BUY,
    qty: int = ENOUGH,
    px: int = PX,
    tif: TimeInForce = TimeInForce.GTC,
    *,
    venue_id: VenueID = VENUE,
    instrument_id: InstrumentID = BTC_USDT.instrument_id,
    expires_at: int = NEVER,
    account: AccountID = MAIN,
    **more: Any,
) -> NewOrder:
    return NewOrder(
        cl_ord_id=ClOrdID(cl_ord_id),
        parent_id=OrderID("p"),
        account=account,
        venue_id=venue_id,
        instrument_id=instrument_id,
        instrument_version=1,
        side=side,
        qty=Lots(qty),
        limit_px=Ticks(px),
        tif=tif,
        expires_at=Nanos(expires_at),
        **more,
    )


def replace(
    orig: str,
    version: int = 1,
    *,
    qty: int = ENOUGH,
    px: int = PX,
    expires_at: int = NEVER,
    venue_id: VenueID = VENUE,
) -> ReplaceOrder:
    return ReplaceOrder(
        cl_ord_id=ClOrdID(f"replace-{orig}-{version}"),
        orig_cl_ord_id=ClOrdID(orig),
        venue_id=venue_id,
        account=MAIN,
        strategy_id=StrategyID("default"),
        version=version,
        qty=Lots(qty),
        limit_px=Ticks(px),
        expires_at=Nanos(expires_at),
    )


def cancel(orig: str, venue_id: VenueID = VENUE) -> CancelOrder:
    return CancelOrder(
        cl_ord_id=ClOrdID(f"cancel-{orig}"), orig_cl_ord_id=ClOrdID(orig), venue_id=venue_id
    )


def query(
    *cl_ord_ids: str, number: int = 0, since: int = 0, venue_id: VenueID = VENUE
) -> QueryOrders:
    return QueryOrders(
        venue_id=venue_id,
        query=number,
        cl_ord_ids=tuple(ClOrdID(i) for i in cl_ord_ids),
        since=Nanos(since),
    )


def reports(events: Sequence[object]) -> list[ExecutionReport]:
    return [e for e in events if isinstance(e, ExecutionReport)]


def kinds(events: Sequence[object]) -> list[str]:
    """Of the reports, in words."""
    return [r.exec_type.name for r in reports(events)]


def at(seconds: int) -> Nanos:
    return Nanos(seconds * SECOND)


def asked(of: Exchange, *cl_ord_ids: str, seconds: int = 900, since: int = 0) -> StatusReport:
    (answer,) = of.handle(at(seconds), query(*cl_ord_ids, since=since))
    assert isinstance(answer, StatusReport)
    return answer


def refused(events: Sequence[object]) -> str:
    """The text of the one CancelRejected that was said."""
    (said,) = events
    assert isinstance(said, CancelRejected)
    return said.text
