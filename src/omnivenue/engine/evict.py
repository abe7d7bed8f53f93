"""What has been over for long leaves State, so that a core that runs for months stays as large as
what it has to do.

Late facts come within a minute of an order's end, seldom later: until then it stays. Whatever comes
later brings it back from the archive, and it is as if it had never left. Kept for longer, what is
over is most of State: of its snapshots, of a start, and of what the processor's cache cannot hold.
A few leave at a time, because everything else waits meanwhile.
"""

from omnivenue.engine.state import State
from omnivenue.engine.turn import Turn
from omnivenue.message import Alert, ArmTimer, Evict, EvictDue, Timer
from omnivenue.model import SECOND, InstructionID, Nanos, OrderID
from omnivenue.oms import Composite, Parent

KEEP = Nanos(60 * SECOND)  # after its end, or after the last that was heard of it
EVERY = Nanos(10 * SECOND)
AGAIN = Nanos(SECOND // 50)  # while more is due than one turn takes
BATCH = 250  # taken from the queue by one turn; a family of three may go for each
PARENTS_MAX = 100_000  # in State: above, the oldest that are over go before their time

TIMER_ID = "evict"


def look_after_evictions(turn: Turn) -> None:
    """At the end of every turn: costs two comparisons while nothing is due."""
    state, over_at = turn.state, turn.state.over_at
    if not over_at:
        return
    is_crowded = len(state.parents) > PARENTS_MAX
    if (is_crowded or turn.at - over_at[0] >= KEEP) and TIMER_ID not in state.timers:
        _arm(turn, turn.at if is_crowded else turn.at + EVERY)


def evict_due(turn: Turn) -> None:
    state = turn.state
    excess = len(state.parents) - PARENTS_MAX
    taken, later = 0, list[str]()
    orders, requests = dict[OrderID, None](), list[InstructionID]()
    for over_at, key in zip(state.over_at[:BATCH], state.retiring, strict=False):
        is_early = len(orders) < excess
        if turn.at - over_at < KEEP and not is_early:
            break
        taken += 1
        if key in state.requests:
            requests.append(InstructionID(key))
            continue
        family = _family(state, OrderID(key))
        if not all(map(_is_over, family.values())):
            continue  # the last of them to end brings them here again
        if is_early or all(turn.at - each.updated_at >= KEEP for each in family.values()):
            orders |= dict.fromkeys(family)
        else:
            later.append(key)
    if taken:
        turn.emit(
            Evict(
                order_ids=tuple(orders),
                instruction_ids=tuple(requests),
                taken=taken,
                later=tuple(later),
            )
        )
    if excess > 0:
        turn.emit(Alert(topic="orders leave early", about=f"{excess + PARENTS_MAX} in memory"))
    if taken == BATCH:
        _arm(turn, turn.at + AGAIN)


def _family(state: State, order_id: OrderID) -> dict[OrderID, Parent | Composite]:
    """All that leave together, as far as they are here. Nothing, where they have left."""
    composite = state.composites.get(order_id)
    if composite is not None:
        return {order_id: composite, **{i: state.parents[i] for i in composite.parts}}
    parent = state.parents.get(order_id)
    if parent is None:
        return {}
    root = parent.entry_id or order_id
    ids = (root, *state.parents[root].exits)
    return {each: state.parents[each] for each in ids}


def _is_over(parent: Parent | Composite) -> bool:
    if isinstance(parent, Composite):
        return parent.is_over and not (parent.live or parent.reserved)
    return parent.is_over and not (
        parent.open or parent.working or parent.reserved or parent.exits_reserved
    )


def _arm(turn: Turn, at: int) -> None:
    turn.emit(ArmTimer(timer=Timer(timer_id=TIMER_ID, at=Nanos(at), due=EvictDue())))
