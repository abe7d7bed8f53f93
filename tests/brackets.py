"""A bracket whose entry has filled, for tests of what becomes of its exits."""

from typing import Any

import msgspec

from omnivenue.message import CancelOrder, Command, ExecType, Exit, OrderInstructed
from omnivenue.model import Atoms, ClOrdID
from scene import LOT, PX, WHOLE, Desk, buy, new_orders, report, trade

TP, SL = "i~tp", "i~sl"


def bracket(lots: int = 10, **more: Any) -> OrderInstructed:
    given: dict[str, Any] = {
        "take_profit": Exit(limit_px=Atoms(PX + 500 * WHOLE)),
        "stop_loss": Exit(stop_px=Atoms(PX - 500 * WHOLE)),
    }
    return msgspec.structs.replace(buy("i", lots), **(given | more))


def entered(desk: Desk, filled: int, **more: Any) -> ClOrdID:
    """The entry has filled so much; its take-profit is at the venue."""
    (new,) = new_orders(desk.tell(bracket(**more)))
    desk.tell(trade(new.cl_ord_id, filled, "e1"))
    return new.cl_ord_id


def child(desk: Desk, which: str) -> ClOrdID:
    return desk.order(which).new.cl_ord_id


def ack(desk: Desk, which: str) -> list[Command]:
    return desk.tell(report(child(desk, which), ExecType.NEW, f"n{which}"))


def cancels(commands: list[Command]) -> list[ClOrdID]:
    return [c.orig_cl_ord_id for c in commands if isinstance(c, CancelOrder)]


def at_venue(desk: Desk) -> int:
    """Lots of the exits that may fill."""
    return sum(desk.parent(i).working for i in (TP, SL)) // LOT
