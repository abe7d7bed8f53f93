"""Before an event is decided upon: has what it concerns left State? Then it comes back first.

A late fill, a key that is used again, a cancel of an order long over: each finds what it is about,
as if nothing had ever left. Where the archive is empty this costs nothing, else one look-up for a
key or an id that State does not know.
"""

from collections.abc import Iterator

from omnivenue.engine import State
from omnivenue.journal import Journal, by_client_id, by_order
from omnivenue.message import (
    AdjustmentInstructed,
    CancelAllInstructed,
    CancelInstructed,
    CancelRejected,
    Event,
    ExecutionReport,
    OrderInstructed,
    OrderRecalled,
    PauseInstructed,
    ReplaceInstructed,
    StatusReport,
)
from omnivenue.model import ClOrdID, InstructionID, OrderID


def recalls(state: State, journal: Journal, event: Event) -> list[OrderRecalled]:
    """To be decided upon before `event`. None, nearly always."""
    if not journal.has_archive:
        return []
    found: dict[OrderID, OrderRecalled] = {}
    for name in _unknown(state, event):
        if filed := journal.archived(name):
            found[filed.order_id] = OrderRecalled(
                order_id=filed.order_id, content=filed.content.decode()
            )
    return list(found.values())


def _unknown(state: State, event: Event) -> Iterator[str]:
    match event:
        case ExecutionReport(cl_ord_id=cl_ord_id) | CancelRejected(orig_cl_ord_id=cl_ord_id):
            yield from _orders(state, [cl_ord_id])
        case OrderInstructed() | CancelAllInstructed() | AdjustmentInstructed():
            yield from _keys(state, [event.instruction_id])
        case StatusReport():
            named = [*(r.cl_ord_id for r in event.reports), *(o.cl_ord_id for o in event.orders)]
            yield from _orders(state, [*named, *event.not_found])
        case CancelInstructed() | ReplaceInstructed() | PauseInstructed():
            yield from _keys(state, [event.instruction_id, event.order_id])
        case _:
            pass


def _orders(state: State, cl_ord_ids: list[ClOrdID]) -> Iterator[str]:
    for cl_ord_id in cl_ord_ids:
        if cl_ord_id not in state.orders:
            yield by_client_id(cl_ord_id)


def _keys(state: State, keys: list[OrderID | InstructionID]) -> Iterator[str]:
    for key in keys:
        if not state.knows(InstructionID(key)):
            yield by_order(key)
