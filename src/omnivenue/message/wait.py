"""What the core asks to be told later. Held in State, told once, asked again after a crash."""

from omnivenue.message.message import Message
from omnivenue.model import InstrumentID, Nanos, OrderID, Ticks, TriggerBy, VenueID


class ReconcileDue(Message, frozen=True, tag="reconcile_due"):
    """Ask the venue about whatever has been silent for too long."""

    venue_id: VenueID


class ExpireDue(Message, frozen=True, tag="expire_due"):
    """A DAY or GTD order ends, whatever its venue does."""

    order_id: OrderID


class RetryDue(Message, frozen=True, tag="retry_due"):
    """What could not be sent (a venue down, a price missing) may be possible now."""

    order_id: OrderID


class SliceDue(Message, frozen=True, tag="slice_due"):
    """An algorithm's next child."""

    order_id: OrderID


class MarkDue(Message, frozen=True, tag="mark_due"):
    """Journal what is held is worth, and look at the daily loss."""


class EvictDue(Message, frozen=True, tag="evict_due"):
    """Let go of what has been over for long."""


class DeadManDue(Message, frozen=True, tag="dead_man_due"):
    """Tell the venue that we live."""

    venue_id: VenueID


type Due = ReconcileDue | ExpireDue | RetryDue | SliceDue | MarkDue | EvictDue | DeadManDue


class Timer(Message, frozen=True):
    timer_id: str  # derived from what it is for
    at: Nanos
    due: Due


class PxCrosses(Message, frozen=True, tag="px_crosses"):
    """The price has come to `px`: from below where `is_above`, else from above."""

    instrument_id: InstrumentID
    instrument_version: int  # that `px` is counted in
    by: TriggerBy
    is_above: bool
    px: Ticks


type Condition = PxCrosses


class Watch(Message, frozen=True):
    watch_id: str  # derived from what it is for
    condition: Condition
