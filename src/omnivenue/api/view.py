"""Orders, fills and instructions as users read them: the core's memory, after durability.

A turn decides and commits without a pause, so whoever looks sees only what is durable, and whoever
got a 202 sees it in the next GET.
"""

from collections.abc import Iterator

from omnivenue.api.status_words import ENDED, child_of, order_words, request_word
from omnivenue.engine import State
from omnivenue.message import EndReason
from omnivenue.model import (
    ExecID,
    Fill,
    InstructionID,
    Instrument,
    OrderID,
    exponent,
    format_decimal,
)
from omnivenue.oms import Moment, Order, Parent, Request, is_pending_cancel
from omnivenue.wire import (
    FeeRow,
    FillRow,
    InstructionRow,
    OrderFillRow,
    OrderRow,
    instruction_document,
    iso,
)

AVG_DECIMALS = 18
"""An average may have no end; so many digits are shown, the rest is cut off."""

_TOLD_ENDS = (
    EndReason.LOST_NOT_PLACED,
    EndReason.NOT_SENT,
    EndReason.DUST,
    EndReason.UNFILLED,
)

type FillKey = tuple[int, int, str]
"""The venue's time, the order's place in the journal, the trade's id: all fills in one order."""


def order_row(state: State, parent: Parent, mode: str) -> OrderRow:
    order, child = parent.order, child_of(state, parent)
    instrument = _listing(state, parent, child)
    base, quote = exponent(instrument.base), exponent(instrument.quote)
    word, ord_status = order_words(state, parent)
    cum_qty = 0 if child is None else instrument.atoms(child.cum_qty)
    leaves_qty = 0 if word in ENDED else order.qty - cum_qty  # more than ordered reads FILLED
    is_cancelling = child is not None and is_pending_cancel(child)
    return OrderRow(
        id=order.instruction_id,
        instruction_id=order.instruction_id,
        parent_id=None,
        venue=instrument.venue_id,
        venue_order_id=None if child is None else child.venue_order_id or None,
        instrument=order.instrument_id,
        side=order.side.value,
        type=order.ord_type.value,
        tif=order.tif.value,
        qty=format_decimal(order.qty, base),
        price=_price(parent, quote),
        status=word,
        ord_status=ord_status,
        cum_qty=format_decimal(cum_qty, base),
        leaves_qty=format_decimal(leaves_qty, base),
        avg_px=None if child is None else _avg_px(child, instrument),
        fees=() if child is None else _fees(child),
        fills=() if child is None else tuple(_fills(child, instrument)),
        pending="cancel" if is_cancelling else None,
        reason=_reason(parent, child),
        anomalies=() if child is None else child.flagged,
        mode=mode,
        strategy_id=order.strategy_id,
        account=order.account,
        created_at=iso(parent.received_at),
        updated_at=iso(parent.updated_at),
    )


def fill_rows(state: State, parent: Parent) -> Iterator[tuple[FillKey, FillRow]]:
    child = child_of(state, parent)
    if child is None or not child.fills:
        return
    instrument, order = state.listing(child.new), parent.order
    for exec_id, fill in _standing(child):
        row = _fill(exec_id, fill, instrument)
        yield (
            (fill.at, parent.seq, exec_id),
            FillRow(
                exec_id=row.exec_id,
                qty=row.qty,
                px=row.px,
                fee=row.fee,
                fee_asset=row.fee_asset,
                liquidity=row.liquidity,
                at=row.at,
                order_id=order.instruction_id,
                instruction_id=order.instruction_id,
                venue=instrument.venue_id,
                instrument=order.instrument_id,
                side=order.side.value,
            ),
        )


def instruction_row(state: State, key: str, mode: str) -> InstructionRow | None:
    """None where no such key has been used."""
    parent = state.parents.get(OrderID(key))
    if parent is not None:
        return _order_instruction(state, parent, mode)
    request = state.requests.get(InstructionID(key))
    return None if request is None else _request_instruction(state, request, mode)


def _order_instruction(state: State, parent: Parent, mode: str) -> InstructionRow:
    instrument = state.instruments[parent.order.instrument_id]
    return InstructionRow(
        id=parent.order.instruction_id,
        kind="order",
        status=order_words(state, parent)[0],
        instruction=instruction_document(parent.order, instrument),
        orders=(order_row(state, parent, mode),),
        fills=tuple(row for _, row in fill_rows(state, parent)),
        transactions=(),
        timeline=tuple(_moment(moment) for moment in parent.timeline),
        mode=mode,
    )


def _request_instruction(state: State, request: Request, mode: str) -> InstructionRow:
    """`orders` are those that it stopped; their fills are other instructions'."""
    instruction = request.instruction
    document = instruction_document(instruction, None)
    kind = str(document["kind"])
    timeline = [_moment((request.seq, request.received_at, f"{kind}_instructed"))]
    if request.reasons:
        timeline.append(_moment((request.seq, request.received_at, "refuse")))
    return InstructionRow(
        id=instruction.instruction_id,
        kind=kind,
        status=request_word(state, request),
        instruction=document,
        orders=tuple(order_row(state, state.parents[i], mode) for i in request.targets),
        fills=(),
        transactions=(),
        timeline=tuple(timeline),
        mode=mode,
    )


def _listing(state: State, parent: Parent, child: Order | None) -> Instrument:
    """In the version that the child is counted in: it may have been relisted since. Without a child
    there are no lots and ticks to show, and any version does."""
    if child is None:
        return state.instruments[parent.order.instrument_id]
    return state.listing(child.new)


def _price(parent: Parent, quote: int) -> str | None:
    """What the client named. A market order's protection price is ours and not its price."""
    px = parent.order.limit_px
    return None if px is None else format_decimal(px, quote)


def _avg_px(child: Order, instrument: Instrument) -> str | None:
    if child.cum_qty == 0:
        return None
    fine = 10 ** (AVG_DECIMALS - exponent(instrument.quote))
    avg_px = child.cum_qty_px * instrument.tick * fine // child.cum_qty
    return format_decimal(avg_px, AVG_DECIMALS)


def _standing(child: Order) -> list[tuple[ExecID, Fill]]:
    """The fills that count, by the venue's time: arrival may have been in any order."""
    counting = [pair for pair in child.fills.items() if pair[0] not in child.busts]
    return sorted(counting, key=lambda pair: (pair[1].at, pair[0]))


def _fills(child: Order, instrument: Instrument) -> Iterator[OrderFillRow]:
    for exec_id, fill in _standing(child):
        yield _fill(exec_id, fill, instrument)


def _fill(exec_id: ExecID, fill: Fill, instrument: Instrument) -> OrderFillRow:
    base, quote = exponent(instrument.base), exponent(instrument.quote)
    return OrderFillRow(
        exec_id=exec_id,
        qty=format_decimal(instrument.atoms(fill.qty), base),
        px=format_decimal(instrument.px(fill.px), quote),
        fee=format_decimal(fill.fee, exponent(fill.fee_asset)),
        fee_asset=fill.fee_asset,
        liquidity=fill.liquidity.value,
        at=iso(fill.at),
    )


def _fees(child: Order) -> tuple[FeeRow, ...]:
    sums: dict[str, int] = {}
    exponents: dict[str, int] = {}
    for _, fill in _standing(child):
        sums[fill.fee_asset] = sums.get(fill.fee_asset, 0) + fill.fee
        exponents[fill.fee_asset] = exponent(fill.fee_asset)
    return tuple(
        FeeRow(asset=asset, amount=format_decimal(sums[asset], exponents[asset]))
        for asset in sorted(sums)
    )


def _reason(parent: Parent, child: Order | None) -> str | None:
    """Why it did not go as it was asked; null where it did, or where the client ended it."""
    if parent.reasons:
        return "; ".join(f"{reason.code} {reason.message}" for reason in parent.reasons)
    if parent.end is EndReason.REJECTED and child is not None:
        said = ", ".join(sorted(text for text in child.rejections if text))
        return said or "REJECTED"
    return parent.end.name if parent.end in _TOLD_ENDS else None


def _moment(moment: Moment) -> dict[str, object]:
    seq, at, what = moment
    return {"seq": seq, "at": iso(at), "type": what}
