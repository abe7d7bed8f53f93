"""From what the core holds back to what users read: an instruction and an instrument as documents.

The document of an instruction, sent again under its key, has the same hash: what we show is what we
would accept.
"""

from omnivenue.message import (
    AdjustmentInstructed,
    CancelAllInstructed,
    CancelInstructed,
    Instruction,
    OrderInstructed,
    ReplaceInstructed,
)
from omnivenue.model import Instrument, exponent, format_decimal
from omnivenue.wire.rows import InstrumentRow


def instruction_document(event: Instruction, instrument: Instrument | None) -> dict[str, object]:
    """The instruction with its defaults filled in. `instrument` is an order's own."""
    match event:
        case OrderInstructed():
            assert instrument is not None, "an order names a listed instrument"
            return _order(event, instrument)
        case ReplaceInstructed() | AdjustmentInstructed():
            raise NotImplementedError(event)
        case CancelInstructed():
            return {"kind": "cancel", "id": event.instruction_id, "order_id": event.order_id}
        case CancelAllInstructed():
            return {
                "kind": "cancel_all",
                "id": event.instruction_id,
                "venue": event.venue_id,
                "instrument": event.instrument_id,
                "strategy_id": event.strategy_id,
                "account": event.account,
            }


def instrument_row(instrument: Instrument) -> InstrumentRow:
    base, quote = exponent(instrument.base), exponent(instrument.quote)
    return InstrumentRow(
        instrument=instrument.instrument_id,
        venue=instrument.venue_id,
        type=instrument.type.value,
        base=instrument.base,
        quote=instrument.quote,
        settle=instrument.settle,
        tick=format_decimal(instrument.tick, quote),
        lot=format_decimal(instrument.lot, base),
        min_qty=format_decimal(instrument.min_qty * instrument.lot, base),
        min_notional=format_decimal(instrument.min_notional, quote),
        multiplier=str(instrument.multiplier),
        maker_bps=instrument.maker_bps,
        taker_bps=instrument.taker_bps,
    )


def _order(event: OrderInstructed, instrument: Instrument) -> dict[str, object]:
    px, quote = event.limit_px, exponent(instrument.quote)
    return {
        "kind": "order",
        "id": event.instruction_id,
        "strategy_id": event.strategy_id,
        "account": event.account,
        "instrument": event.instrument_id,
        "side": event.side.value,
        "qty": format_decimal(event.qty, exponent(instrument.base)),
        "type": event.ord_type.value,
        "price": None if px is None else format_decimal(px, quote),
        "stop_price": None,
        "trigger_by": "last",
        "tif": event.tif.value,
        "expire_at": None,
        "reduce_only": False,
        "post_only": False,
        "candidates": None,
        "allow_duplicate": False,
        "take_profit": None,
        "stop_loss": None,
        "oco": None,
        "algo": None,
    }
