"""What leaves State because it is over, and what comes back because something concerns it.

`retiring` is the queue of what is over, the longest first. It holds an id for each ending, so an
order that was opened again and has ended once more stands in it twice; whoever takes from it looks
at what has become of the order meanwhile. `leaving` holds what has just left, until the next event:
so that the runtime can file it, in the same commit as the entry that says so.
"""

from omnivenue.engine.archived import Archived, decode_archived
from omnivenue.engine.state import State
from omnivenue.message import Evict, OrderRecalled
from omnivenue.model import InstructionID, Nanos, OrderID


def retire(state: State, at: Nanos, key: OrderID | InstructionID) -> None:
    """An order is over, or a request has been answered."""
    state.retiring.append(key)
    state.over_at.append(at)


def apply_evict(state: State, at: Nanos, command: Evict) -> None:
    del state.retiring[: command.taken], state.over_at[: command.taken]
    for key in command.later:
        retire(state, at, OrderID(key))
    for order_id in command.order_ids:
        parent = state.parents.pop(order_id)
        family = state.leaving.setdefault(parent.entry_id or order_id, Archived())
        family.parents[order_id] = parent
        for cl_ord_id in parent.children:
            family.orders[cl_ord_id] = state.orders.pop(cl_ord_id)
    for key in command.instruction_ids:
        state.leaving[OrderID(key)] = Archived(request=state.requests.pop(key))


def apply_recall(state: State, at: Nanos, event: OrderRecalled) -> None:
    """As it was when it left, and over again from now on. Ignored where it is there."""
    order_id = event.order_id
    if order_id in state.parents or InstructionID(order_id) in state.requests:
        return
    archived = decode_archived(event.content)
    state.parents |= archived.parents
    state.orders |= archived.orders
    for each in archived.parents:
        retire(state, at, each)
    if archived.request is not None:
        state.requests[InstructionID(order_id)] = archived.request
        retire(state, at, order_id)
