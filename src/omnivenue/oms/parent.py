"""A parent order: one instruction and how far it has come. Counted in atoms of the base asset.

`qty` and `limit_px` are what it shall be by now: a replace changes them, and a bracket's exits grow
with what their entry fills. Its child is brought in line with them (`engine/work.py`).
"""

from collections.abc import Iterator
from enum import Enum
from typing import cast

import msgspec

from omnivenue.message import (
    AdjustmentInstructed,
    CancelAllInstructed,
    CancelInstructed,
    EndReason,
    OrderInstructed,
    PauseInstructed,
    Reason,
    ReplaceInstructed,
)
from omnivenue.model import ClOrdID, Nanos, OrderID

type Moment = tuple[int, Nanos, str]
"""One line of a timeline: the entry's seq, its time, and what happened."""


ADOPTED = "external~"
"""What the id of an order begins with that is not ours. No client's key has a tilde in it, so
nobody can make one of these; a strategy's name would be a matter of taste."""


class Stage(Enum):
    RECEIVED = "received"
    REFUSED = "refused"
    ARMED = "armed"  # it waits for its trigger, and nothing of it is at a venue
    WORKING = "working"
    STOPPING = "stopping"
    CLOSED = "closed"


_LIVE = (Stage.ARMED, Stage.WORKING, Stage.STOPPING)
_OVER = (Stage.REFUSED, Stage.CLOSED)


class Parent(msgspec.Struct, kw_only=True, gc=False):
    order: OrderInstructed
    seq: int  # of the entry that brought it
    received_at: Nanos
    updated_at: Nanos
    stage: Stage = Stage.RECEIVED
    reasons: tuple[Reason, ...] = ()
    end: EndReason | None = None
    end_reasons: tuple[Reason, ...] = ()  # why what had been accepted was not sent after all
    qty: int  # all of it, filled or not
    limit_px: int = 0  # quote atoms: the limit, or a market order's protection price
    hold_px: int = 0  # quote atoms: what is reserved at
    expire_at: Nanos | None = None
    is_stopped: bool = False  # it was asked to end, and that is not forgotten
    is_rival: bool = False  # and that because another of its group had traded
    is_triggered: bool = False
    entry_id: OrderID | None = None  # it is an exit of this order
    part_of: OrderID | None = None  # it is a part of this composite
    exits: tuple[OrderID, ...] = ()
    exits_reserved: int = 0  # on the other side: of its exits together, which have none themselves
    closed: int = 0  # of what a bracket's entry has filled, by others than its exits
    filled: int = 0
    working: int = 0  # in open children, UNKNOWN ones included
    reserved: int = 0  # of the exposure limit
    children: tuple[ClOrdID, ...] = ()  # ever made
    open: tuple[ClOrdID, ...] = ()  # of them
    timeline: list[int | str] = []  # each has its own; read `moments`

    def tell(self, seq: int, at: Nanos, what: str) -> None:
        """All moments are one flat list, and those of one entry have one number: a tuple for each
        would be a quarter of what an order takes."""
        told = self.timeline
        if told and told[-3] == seq:
            told += (told[-3], told[-2], what)
        else:
            told += (seq, at, what)

    @property
    def moments(self) -> Iterator[Moment]:
        told = iter(self.timeline)
        return cast(Iterator[Moment], zip(told, told, told, strict=True))

    @property
    def is_ours(self) -> bool:
        """Else it was made by hand, by another program, or by its venue."""
        return not self.order.instruction_id.startswith(ADOPTED)

    @property
    def unsent(self) -> int:
        """What no child has filled or may still fill. Negative after an overfill."""
        return self.qty - self.filled - self.working

    @property
    def is_live(self) -> bool:
        """Accepted, and not over."""
        return self.stage in _LIVE

    @property
    def is_over(self) -> bool:
        return self.stage in _OVER


class Request(msgspec.Struct, kw_only=True, gc=False):
    """An instruction about other orders: a cancel, or a cancel of all that match."""

    instruction: (
        CancelInstructed
        | CancelAllInstructed
        | ReplaceInstructed
        | PauseInstructed
        | AdjustmentInstructed
    )
    seq: int
    received_at: Nanos
    reasons: tuple[Reason, ...] = ()  # why it was refused
    targets: tuple[OrderID, ...] = ()  # the orders that it stopped
