"""A parent order: one instruction and how far it has come. Counted in atoms of the base asset.

`qty` and `limit_px` are what it shall be by now: a replace changes them, and a bracket's exits grow
with what their entry fills. Its child is brought in line with them (`engine/work.py`).
"""

from collections.abc import Iterator
from enum import Enum
from sys import intern
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


class Parent(
    msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    order: OrderInstructed
    told: list[int | str]  # its timeline, from the entry that brought it on: read `moments`
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

    def tell(self, seq: int, at: Nanos, what: str) -> None:
        """Three items for each entry, in one flat list: its number, its time, and all that it did,
        in words that all orders share. A tuple for each moment would be a quarter of what an order
        takes."""
        told = self.told
        if told[-3] == seq:
            told[-1] = intern(f"{told[-1]} {what}")
        else:
            told += (seq, at, what)

    def pack(self) -> None:
        """It has ended: no room to be told more, and one number where two are equal."""
        self.told = self.told[:]
        if self.filled == self.qty:
            self.filled = self.qty

    @property
    def moments(self) -> Iterator[Moment]:
        told = iter(self.told)
        lines = cast(Iterator[Moment], zip(told, told, told, strict=True))
        return ((seq, at, what) for seq, at, words in lines for what in words.split())

    @property
    def seq(self) -> int:
        """Of the entry that brought it."""
        return cast(int, self.told[0])

    @property
    def received_at(self) -> Nanos:
        return cast(Nanos, self.told[1])

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
