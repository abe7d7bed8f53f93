"""Which orders a command names, for whoever shows what an entry has changed: the stream of messages
and the read tables. One too few here would be wrong in both for ever, so whatever is named counts.
"""

from typing import NamedTuple

from omnivenue.message import (
    Accept,
    AcceptComposite,
    AmendParent,
    BeginSlice,
    CancelOrder,
    CloseComposite,
    CloseParent,
    Command,
    DeclareLost,
    FlagOrder,
    MarkUnknown,
    NewOrder,
    PauseComposite,
    Refuse,
    ReopenParent,
    ReplaceOrder,
    ReworkChild,
    Route,
    StartOrder,
    StartPart,
    StopComposite,
    StopParent,
    TakeOff,
    TriggerParent,
)
from omnivenue.model import ClOrdID, OrderID


class Named(NamedTuple):
    orders: tuple[OrderID, ...] = ()
    children: tuple[ClOrdID, ...] = ()  # at a venue: their orders are meant


def named_by(command: Command) -> Named:
    match command:
        case (
            Accept(order_id=i)
            | AmendParent(order_id=i)
            | TakeOff(order_id=i)
            | TriggerParent(order_id=i)
            | StopParent(order_id=i)
            | CloseParent(order_id=i)
            | ReopenParent(order_id=i)
            | AcceptComposite(order_id=i)
            | BeginSlice(order_id=i)
            | Route(order_id=i)
            | PauseComposite(order_id=i)
            | StopComposite(order_id=i)
            | CloseComposite(order_id=i)
        ):
            return Named(orders=(i,))
        case StartPart(order=order, of=root) | StartOrder(order=order, entry_id=root):
            return Named(orders=(OrderID(order.instruction_id), root))
        case Refuse(instruction_id=key):
            return Named(orders=(OrderID(key),))
        case (
            NewOrder(cl_ord_id=i)
            | CancelOrder(orig_cl_ord_id=i)
            | ReplaceOrder(orig_cl_ord_id=i)
            | MarkUnknown(cl_ord_id=i)
            | DeclareLost(cl_ord_id=i)
            | FlagOrder(cl_ord_id=i)
            | ReworkChild(cl_ord_id=i)
        ):
            return Named(children=(i,))
        case _:
            return Named()
