"""From what the core holds back to what users read: an instruction and an instrument as documents.

The document of an instruction, sent again under its key, has the same hash: what we show is what we
would accept.
"""

from collections.abc import Mapping

from omnivenue.message import (
    AdjustmentInstructed,
    CancelAllInstructed,
    CancelInstructed,
    Exit,
    Instruction,
    OrderInstructed,
    PauseInstructed,
    ReplaceInstructed,
    Route,
)
from omnivenue.model import Instrument, InstrumentID, exponent, format_decimal
from omnivenue.wire.algo import algo_document
from omnivenue.wire.fields import DECIMALS_MAX
from omnivenue.wire.rows import InstrumentRow
from omnivenue.wire.times import iso


def instruction_document(event: Instruction, instrument: Instrument | None) -> dict[str, object]:
    """The instruction with its defaults filled in. `instrument` is an order's own; that of the
    order which is replaced; that of a position which is adjusted."""
    match event:
        case OrderInstructed():
            assert instrument is not None, "an order names a listed instrument"
            return _order(event, instrument)
        case ReplaceInstructed():
            assert instrument is not None, "a replace is counted in its order's listing"
            return {
                "kind": "replace",
                "id": event.instruction_id,
                "order_id": event.order_id,
                "qty": None if event.qty is None else _qty(event.qty, instrument),
                "price": _px(event.limit_px, instrument),
            }
        case AdjustmentInstructed():
            counted_in = event.asset if instrument is None else instrument.qty_asset
            return {
                "kind": "adjustment",
                "id": event.instruction_id,
                "account": event.account,
                "venue": event.venue_id,
                "asset": event.asset,
                "amount": format_decimal(event.amount, exponent(counted_in)),
                "reason": event.reason,
            }
        case PauseInstructed(is_over=is_over):
            kind = "resume" if is_over else "pause"
            return {"kind": kind, "id": event.instruction_id, "order_id": event.order_id}
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


def route_document(
    route: Route, instruments: Mapping[InstrumentID, Instrument]
) -> dict[str, object]:
    """Why it went where: prices in the quote asset, the cost with fees of what trades at once."""
    counted_in = [instruments[leg.instrument_id] for leg in route.legs]
    named = [*counted_in, *(instruments[i] for i, _ in route.passed_over)]
    if not named:
        return {}
    any_of_them = named[0]
    return {
        "qty": _qty(route.qty, any_of_them),
        "left": _qty(route.left, any_of_them),
        "why_left": route.why_left or None,
        "legs": [
            {
                "instrument": leg.instrument_id,
                "qty": _qty(leg.qty, instrument),
                "px": _px(leg.px, instrument),
                "cost": _px(leg.cost, instrument),
            }
            for leg, instrument in zip(route.legs, counted_in, strict=True)
        ],
        "passed_over": [{"instrument": name, "why": why} for name, why in route.passed_over],
    }


def instrument_row(instrument: Instrument) -> InstrumentRow:
    base, quote = exponent(instrument.qty_asset), exponent(instrument.quote)
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
        multiplier=format_decimal(
            instrument.multiplier * 10**DECIMALS_MAX // instrument.multiplier_unit, DECIMALS_MAX
        ),
        maker_bps=instrument.maker_bps,
        taker_bps=instrument.taker_bps,
    )


def _order(event: OrderInstructed, instrument: Instrument) -> dict[str, object]:
    return {
        "kind": "order",
        "id": event.instruction_id,
        "strategy_id": event.strategy_id,
        "account": event.account,
        "instrument": event.instrument_id,
        "side": event.side.value,
        "qty": _qty(event.qty, instrument),
        "type": event.ord_type.value,
        "price": _px(event.limit_px, instrument),
        "stop_price": _px(event.stop_px, instrument),
        "trigger_by": event.trigger_by.value,
        "tif": event.tif.value,
        "expire_at": None if event.expire_at is None else iso(event.expire_at),
        "reduce_only": event.reduce_only,
        "post_only": event.post_only,
        "candidates": list(event.candidates) or None,
        "allow_duplicate": event.allow_duplicate,
        "take_profit": _exit(event.take_profit, instrument, ("price",)),
        "stop_loss": _exit(event.stop_loss, instrument, ("stop_price", "price")),
        "oco": event.oco,
        "algo": algo_document(event.algo),
    }


def _exit(end: Exit | None, instrument: Instrument, names: tuple[str, ...]) -> object:
    if end is None:
        return None
    found = {"price": end.limit_px, "stop_price": end.stop_px}
    return {name: _px(found[name], instrument) for name in names}


def _qty(atoms: int, instrument: Instrument) -> str:
    return format_decimal(atoms, exponent(instrument.qty_asset))


def _px(px: int | None, instrument: Instrument) -> str | None:
    return None if px is None else format_decimal(px, exponent(instrument.quote))
