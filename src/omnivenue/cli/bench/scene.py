"""What every measurement trades: one spot pair on one venue, and an account that can afford it."""

from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Event,
    InstrumentsListed,
    LimitsSet,
    OrderInstructed,
    StatusReport,
    VenueUp,
)
from omnivenue.model import (
    QTY_UNIT,
    SHARE_UNIT,
    AccountID,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    InstrumentType,
    Limit,
    LimitName,
    Limits,
    Lots,
    Nanos,
    OrdType,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    VenueID,
    unit,
)

VENUE = VenueID("BINANCE-SPOT")
MAIN, BTC, USDT = AccountID("main"), AssetID("BTC"), AssetID("USDT")
PX = 60_000 * unit(USDT)
SPOT = Instrument(
    instrument_id=InstrumentID("BINANCE-SPOT:SPOT_PAIR:BTC-USDT"),
    version=1,
    venue_id=VENUE,
    type=InstrumentType.SPOT_PAIR,
    base=BTC,
    quote=USDT,
    settle=USDT,
    lot=Atoms(1_000),
    tick=Atoms(10**6),
    min_qty=Lots(1),
    min_notional=Atoms(5 * unit(USDT)),
    maker_bps=2,
    taker_bps=4,
)
LIMITS = Limits(
    limits=(
        Limit(scope="global", name=LimitName.ORDER_NOTIONAL, value=1_000_000 * QTY_UNIT),
        Limit(scope="global", name=LimitName.POSITION_NOTIONAL, value=5_000_000 * QTY_UNIT),
        Limit(scope="global", name=LimitName.PRICE_COLLAR, value=SHARE_UNIT // 20),
    )
)
BODY_HASH = "0" * 64  # as long as a real one: it is written and hashed with every entry


def deposits() -> list[Deposited]:
    return [
        Deposited(
            deposit_id=f"bench/{asset}",
            account=MAIN,
            venue_id=VENUE,
            asset=asset,
            amount=Atoms(1_000_000 * unit(asset)),
        )
        for asset in (USDT, BTC)
    ]


def configuration() -> list[Event]:
    return [
        InstrumentsListed(instruments=(SPOT,)),
        LimitsSet(limits=LIMITS, from_file=True),
        AccountOpened(account=MAIN, venue_ids=(VENUE,)),
        *deposits(),
    ]


def prepared_events() -> list[Event]:
    """All that it takes until the venue is open for business."""
    answer = StatusReport(
        venue_id=VENUE, query=0, as_of=Nanos(1), reports=(), orders=(), not_found=()
    )
    return [*configuration(), VenueUp(venue_id=VENUE), answer]


def quote(at: int) -> Quote:
    ticks = PX // SPOT.tick
    return Quote(
        instrument_id=SPOT.instrument_id,
        bids=((Ticks(ticks - 1), Lots(10**9)),),
        asks=((Ticks(ticks + 1), Lots(10**9)),),
        at=Nanos(at),
    )


def instruction(key: str, side: Side) -> OrderInstructed:
    """Priced to trade at once: a buy a little above the market, a sell a little below."""
    return OrderInstructed(
        instruction_id=InstructionID(key),
        body_hash=BODY_HASH,
        account=MAIN,
        strategy_id=StrategyID("default"),
        instrument_id=SPOT.instrument_id,
        side=side,
        qty=Atoms(10 * SPOT.lot),
        ord_type=OrdType.LIMIT,
        limit_px=Atoms(PX + side.sign * 10 * SPOT.tick),
        tif=TimeInForce.GTC,
    )
