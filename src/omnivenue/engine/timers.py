"""What a parent order waits for: its end, its trigger, another try. Ids come from the order's."""

from omnivenue.engine.turn import Turn
from omnivenue.message import (
    ArmTimer,
    DisarmTimer,
    DisarmWatch,
    ExpireDue,
    OrderInstructed,
    RetryDue,
    SliceDue,
    Timer,
)
from omnivenue.model import SECOND, Nanos, OrderID, TimeInForce
from omnivenue.oms import Parent

DAY = Nanos(86_400 * SECOND)
RETRY_EVERY = SECOND
DATED = (TimeInForce.DAY, TimeInForce.GTD)
VENUE_GOES_FIRST = SECOND  # where the venue ends an order itself, ours is the second look


def expires_at(turn: Turn, order: OrderInstructed) -> Nanos | None:
    """00:00 UTC of the day that follows for DAY; what the order says for GTD."""
    match order.tif:
        case TimeInForce.DAY:
            return Nanos((turn.at // DAY + 1) * DAY)
        case TimeInForce.GTD:
            return order.expire_at
        case _:
            return None


def watch_id(order_id: OrderID) -> str:
    return f"stop/{order_id}"


def arm_expiry(turn: Turn, order_id: OrderID, parent: Parent) -> None:
    if parent.expire_at is None:
        return
    venue_id = turn.state.instruments[parent.order.instrument_id].venue_id
    is_venues = parent.order.tif in turn.state.venues[venue_id].capabilities.tifs
    at = parent.expire_at + (VENUE_GOES_FIRST if is_venues else 0)
    arm(turn, f"expire/{order_id}", max(turn.at, at), ExpireDue(order_id=order_id))


def arm_retry(turn: Turn, order_id: OrderID, after: Nanos = RETRY_EVERY) -> None:
    arm(turn, f"retry/{order_id}", turn.at + after, RetryDue(order_id=order_id))


def is_retrying(turn: Turn, order_id: OrderID) -> bool:
    return f"retry/{order_id}" in turn.state.timers


def disarm(turn: Turn, order_id: OrderID) -> None:
    """Nothing wakes an order that is over."""
    state = turn.state
    for timer_id in (f"expire/{order_id}", f"retry/{order_id}"):
        if timer_id in state.timers:
            turn.emit(DisarmTimer(timer_id=timer_id))
    if state.watches and watch_id(order_id) in state.watches:
        turn.emit(DisarmWatch(watch_id=watch_id(order_id)))


def arm(turn: Turn, timer_id: str, at: int, due: ExpireDue | RetryDue | SliceDue) -> None:
    turn.emit(ArmTimer(timer=Timer(timer_id=timer_id, at=Nanos(at), due=due)))


def venue_tif(parent: Parent, tifs: tuple[TimeInForce, ...]) -> TimeInForce:
    """What the venue is told: where it has no day or date, the order rests until we end it."""
    tif = parent.order.tif
    if tif in DATED and tif not in tifs:
        return TimeInForce.GTC
    return tif
