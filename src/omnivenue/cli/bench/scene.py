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
    parse_limit,
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
LOOSE = {
    LimitName.ORDER_QTY: "1000",
    LimitName.ORDER_NOTIONAL: "1000000",
    LimitName.POSITION_QTY: "1000",
    LimitName.POSITION_NOTIONAL: "5000000",
    LimitName.TOTAL_NOTIONAL: "50000000",
    LimitName.GROSS_NOTIONAL: "50000000",
    LimitName.LEVERAGE: "10",
    LimitName.ORDERS_PER_SECOND: "1000000",
    LimitName.ORDERS_PER_MINUTE: "10000000",
    LimitName.OPEN_ORDERS: "10000",
    LimitName.PRICE_COLLAR: "0.05",
    LimitName.DAILY_LOSS: "0.5",
    LimitName.CANCEL_RATIO: "1000",
    LimitName.DUPLICATE_WINDOW: "0.00001",
    LimitName.REPEATED_EXECUTION: "1000000",
    LimitName.CLOCK_OFFSET: "1000",
    LimitName.NOTIONAL_CHECK: "0.01",
    LimitName.REJECT_RATE: "0.5",
    LimitName.STALE_FEED: "on",
    LimitName.UNKNOWN_COUNT: "1000",
    LimitName.SELF_MATCH_PREVENTION: "on",
}
"""Every limit that can hold for all orders, and none of them in the way."""

LIMITS = Limits(
    limits=tuple(
        Limit(scope="global", name=name, value=parse_limit(name, text))
        for name, text in LOOSE.items()
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
