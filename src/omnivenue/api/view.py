"""Orders, fills and instructions as users read them: the core's memory, after durability.

A turn decides and commits without a pause, so whoever looks sees only what is durable, and whoever
got a 202 sees it in the next GET.
"""

from collections.abc import Iterator

from omnivenue.api.status_words import (
    ENDED,
    instruction_word,
    order_words,
    pending,
    request_word,
)
from omnivenue.api.whole import Records, Whole, filled, listing, part_ids
from omnivenue.engine import State
from omnivenue.message import AdjustmentInstructed, EndReason, ReplaceInstructed
from omnivenue.model import (
    SMART,
    Fill,
    InstructionID,
    Instrument,
    InstrumentID,
    OrderID,
    exponent,
    format_decimal,
)
from omnivenue.oms import Composite, Moment, Order, Request
from omnivenue.route import is_smart
from omnivenue.wire import (
    FeeRow,
    FillRow,
    InstructionRow,
    OrderFillRow,
    OrderRow,
    algo_document,
    instruction_document,
    iso,
    route_document,
)

FILLS_SHOWN = 100
"""Of a whole, the newest: all of them stand with its parts."""

MOMENTS_SHOWN = 1_000
"""Of a timeline, the first and the newest."""

AVG_DECIMALS = 18
"""An average may have no end; so many digits are shown, the rest is cut off."""

_TOLD_ENDS = (
    EndReason.LOST_NOT_PLACED,
    EndReason.NOT_SENT,
    EndReason.DUST,
    EndReason.UNFILLED,
    EndReason.KILLED,
    EndReason.OCO,
    EndReason.NOTHING_LEFT,
    EndReason.HALTED,
    EndReason.REDUCE_ONLY,
    EndReason.REFUSED,
)

type FillKey = tuple[int, OrderID, int, str]
"""The order's place in the journal, the venue's time, the trade's id: all fills in one order, and a
page of them is of few orders, however many have ever traded."""


def order_row(state: State, found: Whole, mode: str) -> OrderRow:
    parent, last = found.parent, found.last
    order, instrument = parent.order, listing(state, found)
    base, quote = exponent(instrument.qty_asset), exponent(instrument.quote)
    word, ord_status = order_words(state, found)
    cum_qty = filled(state, found)
    leaves_qty = 0 if word in ENDED else parent.qty - cum_qty  # more than ordered reads FILLED
    return OrderRow(
        id=order.instruction_id,
        instruction_id=_root(found),
        parent_id=_parent_id(found),
        venue=_venue(found, instrument),
        venue_order_id=None if last is None or found.is_composite else last.venue_order_id or None,
        instrument=order.instrument_id,
        side=order.side.value,
        type=order.ord_type.value,
        tif=order.tif.value,
        qty=format_decimal(parent.qty, base),
        price=_price(found, quote),
        status=word,
        ord_status=ord_status,
        cum_qty=format_decimal(cum_qty, base),
        leaves_qty=format_decimal(leaves_qty, base),
        avg_px=_avg_px(state, found),
        fees=_fees(found),
        fills=tuple(_fill(*pair) for pair in _standing(state, found)),
        pending=pending(found),
        reason=_reason(found),
        anomalies=tuple(dict.fromkeys(text for c in found.children for text in c.rare.flagged)),
        mode=mode,
        strategy_id=order.strategy_id,
        account=order.account,
        created_at=iso(parent.received_at),
        updated_at=iso(parent.updated_at),
        stop_price=None if order.stop_px is None else format_decimal(order.stop_px, quote),
        trigger_by=order.trigger_by.value if order.ord_type.is_triggered else None,
        triggered=_is_triggered(found) if order.ord_type.is_triggered else None,
        expire_at=None if parent.expire_at is None else iso(parent.expire_at),
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        oco=order.oco,
        exits=() if isinstance(parent, Composite) else parent.exits,
        children=parent.parts if isinstance(parent, Composite) else (),
        algo=algo_document(order.algo),
    )


def _parent_id(found: Whole) -> OrderID | None:
    """The entry of an exit; what a part is of."""
    parent = found.parent
    return None if isinstance(parent, Composite) else parent.part_of or parent.entry_id


def _root(found: Whole) -> str:
    """The instruction that it came of."""
    return _parent_id(found) or found.parent.order.instruction_id


def _venue(found: Whole, instrument: Instrument) -> str:
    order = found.parent.order
    return SMART if is_smart(order.instrument_id) else instrument.venue_id


def _is_triggered(found: Whole) -> bool:
    parent = found.parent
    is_ours = not isinstance(parent, Composite) and parent.is_triggered
    return is_ours or any(child.is_triggered for child in found.children)


def fill_rows(state: State, found: Whole) -> Iterator[tuple[FillKey, FillRow]]:
    parent, order = found.parent, found.parent.order
    for fill, instrument in _standing(state, found):
        row = _fill(fill, instrument)
        yield (
            (parent.seq, OrderID(order.instruction_id), fill.at, fill.exec_id),
            FillRow(
                exec_id=row.exec_id,
                qty=row.qty,
                px=row.px,
                fee=row.fee,
                fee_asset=row.fee_asset,
                liquidity=row.liquidity,
                at=row.at,
                order_id=order.instruction_id,
                instruction_id=_root(found),
                venue=instrument.venue_id,
                instrument=order.instrument_id,
                side=order.side.value,
            ),
        )


def instruction_row(state: State, records: Records, key: str, mode: str) -> InstructionRow | None:
    """None where no such key has been used."""
    found = records.order(OrderID(key))
    if found is not None:
        return _order_instruction(state, records, found, mode)
    request = records.request(InstructionID(key))
    return None if request is None else _request_instruction(state, records, request, mode)


def _order_instruction(state: State, records: Records, found: Whole, mode: str) -> InstructionRow:
    """With the exits of a bracket, which are orders of their own: its status is the entry's."""
    parent = found.parent
    others = [records.order(order_id) for order_id in part_ids(found)]
    orders = (found, *(each for each in others if each is not None))
    fills = orders[1:] if found.is_composite else orders  # a part's fills are the whole's
    return InstructionRow(
        id=parent.order.instruction_id,
        kind="order",
        status=instruction_word(state, found),
        instruction=instruction_document(parent.order, listing(state, found)),
        orders=tuple(order_row(state, each, mode) for each in orders),
        fills=tuple(row for each in fills for _, row in fill_rows(state, each)),
        transactions=(),
        timeline=tuple(_timeline(state, found)),
        mode=mode,
    )


def _timeline(state: State, found: Whole) -> Iterator[dict[str, object]]:
    """Of a whole each route with its reasons."""
    parent = found.parent
    routes = dict(parent.routes) if isinstance(parent, Composite) else {}
    first, *later = parent.moments
    for seq, at, what in (first, *later[1 - MOMENTS_SHOWN :]):
        row = _moment((seq, at, what))
        if what == "route" and seq in routes:
            row |= route_document(routes[seq], state.instruments)
        yield row


def _request_instruction(
    state: State, records: Records, request: Request, mode: str
) -> InstructionRow:
    """`orders` are those that it stopped or changed; their fills are other instructions'."""
    instruction = request.instruction
    document = instruction_document(instruction, _listing_of(state, records, request))
    kind = str(document["kind"])
    timeline = [_moment((request.seq, request.received_at, f"{kind}_instructed"))]
    if request.reasons:
        timeline.append(_moment((request.seq, request.received_at, "refuse")))
    targets = [records.order(order_id) for order_id in request.targets]
    return InstructionRow(
        id=instruction.instruction_id,
        kind=kind,
        status=request_word(records.order, state, request),
        instruction=document,
        orders=tuple(order_row(state, each, mode) for each in targets if each is not None),
        fills=(),
        transactions=(),
        timeline=tuple(timeline),
        mode=mode,
    )


def _listing_of(state: State, records: Records, request: Request) -> Instrument | None:
    """That its numbers are counted in, where it has any."""
    match request.instruction:
        case ReplaceInstructed(order_id=order_id):
            found = records.order(order_id)
            return None if found is None else listing(state, found)
        case AdjustmentInstructed(asset=asset):
            return state.instruments.get(InstrumentID(asset))
        case _:
            return None


def _price(found: Whole, quote: int) -> str | None:
    """What the client named, or has replaced it by. A market order's protection price is ours and
    not its price."""
    parent = found.parent
    named = parent.order.limit_px
    if named is None:
        return None
    replaced = 0 if isinstance(parent, Composite) else parent.limit_px
    return format_decimal(replaced or named, quote)


def _avg_px(state: State, found: Whole) -> str | None:
    """Over all children, each in its own lots and ticks."""
    qty = worth = 0
    for child in found.children:
        instrument = state.listing(child.new)
        qty += child.cum_qty * instrument.lot
        worth += sum(f.qty * f.px for f in child.standing) * instrument.lot * instrument.tick
    if qty == 0:
        return None
    fine = 10 ** (AVG_DECIMALS - exponent(listing(state, found).quote))
    return format_decimal(worth * fine // qty, AVG_DECIMALS)


def _standing(state: State, found: Whole) -> list[tuple[Fill, Instrument]]:
    """The fills that count, by the venue's time: arrival may have been in any order."""
    counting = ((fill, child.new) for child in found.children for fill in child.standing)
    by_time = sorted(counting, key=lambda each: (each[0].at, each[0].exec_id))
    shown = by_time[-FILLS_SHOWN:] if found.is_composite else by_time
    return [(fill, state.listing(new)) for fill, new in shown]


def _fill(fill: Fill, instrument: Instrument) -> OrderFillRow:
    base, quote = exponent(instrument.qty_asset), exponent(instrument.quote)
    return OrderFillRow(
        exec_id=fill.exec_id,
        qty=format_decimal(instrument.atoms(fill.qty), base),
        px=format_decimal(instrument.px(fill.px), quote),
        fee=format_decimal(fill.fee, exponent(fill.fee_asset)),
        fee_asset=fill.fee_asset,
        liquidity=fill.liquidity.value,
        at=iso(fill.at),
    )


def _fees(found: Whole) -> tuple[FeeRow, ...]:
    sums: dict[str, int] = {}
    exponents: dict[str, int] = {}
    for child in found.children:
        for fill in child.standing:
            sums[fill.fee_asset] = sums.get(fill.fee_asset, 0) + fill.fee
            exponents[fill.fee_asset] = exponent(fill.fee_asset)
    return tuple(
        FeeRow(asset=asset, amount=format_decimal(sums[asset], exponents[asset]))
        for asset in sorted(sums)
    )


def _reason(found: Whole) -> str | None:
    """Why it did not go as it was asked; null where it did, or where the client ended it."""
    parent, last = found.parent, found.last
    if reasons := parent.reasons or parent.end_reasons:
        return "; ".join(f"{reason.code} {reason.message}" for reason in reasons)
    if parent.end is EndReason.REJECTED and last is not None:
        return _said(last) or "REJECTED"
    return parent.end.name if parent.end in _TOLD_ENDS else None


def _said(child: Order) -> str:
    return ", ".join(sorted(text for text in child.rejections if text))


def _moment(moment: Moment) -> dict[str, object]:
    seq, at, what = moment
    return {"seq": seq, "at": iso(at), "type": what}
