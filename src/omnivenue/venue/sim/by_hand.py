"""Somebody else trades on an account: by hand, or with another program. The exchange knows such an
order by an id that is none of ours, and says with each report all that there is to know of it."""

from omnivenue.message import External, NewOrder
from omnivenue.model import (
    AccountID,
    ClOrdID,
    Instrument,
    Lots,
    Nanos,
    OrderID,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    VenueID,
)
from omnivenue.venue.sim.chance import chance
from omnivenue.venue.sim.pit import Pit
from omnivenue.venue.sim.settle import notional


def order_of(venue_id: VenueID, cl_ord_id: ClOrdID, external: External) -> NewOrder:
    """As if it had come over the wire."""
    return NewOrder(
        cl_ord_id=cl_ord_id,
        parent_id=OrderID(""),
        account=external.account,
        venue_id=venue_id,
        instrument_id=external.instrument_id,
        instrument_version=external.instrument_version,
        side=external.side,
        qty=external.qty,
        limit_px=external.limit_px,
        tif=external.tif,
        expires_at=Nanos(1 << 62),  # it is there when it is made
        strategy_id=StrategyID(""),
    )


def drawn(pit: Pit, account: AccountID, seed: int, at: Nanos) -> External | None:
    """Some small order near the touch: it takes, or it rests. None where nothing is shown."""
    instrument, about = pit.instrument, (seed, "by hand", pit.instrument.instrument_id, at)
    side = Side.BUY if chance(2, *about, "side") else Side.SELL
    takes = chance(2, *about, "takes") > 0
    touch = pit.matching.book.best(side.opposite if takes else side)
    if touch is None:
        return None
    return External(
        account=account,
        instrument_id=instrument.instrument_id,
        instrument_version=instrument.version,
        side=side,
        qty=Lots(_least(instrument, touch[0]) * (1 + chance(4, *about, "qty"))),
        limit_px=touch[0],
        tif=TimeInForce.IOC if takes else TimeInForce.GTC,
    )


def _least(instrument: Instrument, px: Ticks) -> int:
    one = max(1, notional(instrument, Side.SELL, Lots(1), px))
    return max(instrument.min_qty, 1 + instrument.min_notional // one)
