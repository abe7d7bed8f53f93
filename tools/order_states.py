"""`python tools/order_states.py [--check]`: draws docs/order-states.md from the projection itself.

Nothing is drawn by hand: an order of two lots is told everything that it may be told, in every
sequence of up to five things, and what its status was before and after is written down.
"""

import sys
from collections import defaultdict
from collections.abc import Callable
from copy import copy
from pathlib import Path

from generated import keep
from omnivenue.message import CancelRejected, ExecType, ExecutionReport, NewOrder, ReplaceOrder
from omnivenue.model import (
    AccountID,
    ClOrdID,
    ExecID,
    InstrumentID,
    Lots,
    Nanos,
    OrderID,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    VenueID,
)
from omnivenue.oms import Order, OrdStatus, add_report, add_request_reject, status

PAGE = Path(__file__).parents[1] / "docs" / "order-states.md"
DEPTH = 5
QTY = 2

type Tell = Callable[[Order], None]
type Arrows = dict[tuple[OrdStatus, OrdStatus], set[str]]

NEW = NewOrder(
    cl_ord_id=ClOrdID("c"),
    parent_id=OrderID("p"),
    account=AccountID("a"),
    venue_id=VenueID("V"),
    instrument_id=InstrumentID("I"),
    instrument_version=1,
    side=Side.BUY,
    qty=Lots(QTY),
    limit_px=Ticks(1),
    tif=TimeInForce.GTC,
    expires_at=Nanos(0),
)


def _report(kind: ExecType, qty: int = 0, ref: str | None = None) -> Tell:
    def tell(order: Order) -> None:
        count = len(order.fills) + len(order.busts) + order.version
        add_report(
            order,
            ExecutionReport(
                exec_id=ExecID(f"{kind.value}{count}"),
                cl_ord_id=NEW.cl_ord_id,
                exec_type=kind,
                last_qty=Lots(qty),
                last_px=Ticks(1 if qty else 0),
                transact_at=Nanos(order.last_at + 1),
                exec_ref_id=order.fills[0].exec_id if ref else None,
                version=len(order.replaces) if kind is ExecType.REPLACED else 0,
            ),
        )

    return tell


def _ask_cancel(order: Order) -> None:
    order.cancels += (ClOrdID(f"x{len(order.cancels)}"),)


def _ask_replace(order: Order) -> None:
    version = len(order.replaces) + 1
    order.replaces += (
        ReplaceOrder(
            cl_ord_id=ClOrdID(f"r{version}"),
            orig_cl_ord_id=NEW.cl_ord_id,
            venue_id=NEW.venue_id,
            account=NEW.account,
            strategy_id=StrategyID("s"),
            version=version,
            qty=Lots(QTY + version),
            limit_px=Ticks(1),
            expires_at=Nanos(0),
        ),
    )


def _turn_down(order: Order) -> None:
    asked = [*order.cancels, *(r.cl_ord_id for r in order.replaces)]
    if asked:
        no = CancelRejected(cl_ord_id=asked[-1], orig_cl_ord_id=NEW.cl_ord_id)
        add_request_reject(order, no)


def _set(name: str) -> Tell:
    return lambda order: setattr(order, name, True)


TELLS: dict[str, Tell] = {
    "New (0)": _report(ExecType.NEW),
    "Trade (F), in part": _report(ExecType.TRADE, 1),
    "Trade (F), of all": _report(ExecType.TRADE, QTY),
    "Trade Cancel (H)": _report(ExecType.TRADE_CANCEL, 0, "first"),
    "Canceled (4)": _report(ExecType.CANCELED),
    "Expired (C)": _report(ExecType.EXPIRED),
    "Done For Day (3)": _report(ExecType.DONE_FOR_DAY),
    "Rejected (8)": _report(ExecType.REJECTED),
    "Replaced (5)": _report(ExecType.REPLACED),
    "Suspended (9)": _report(ExecType.SUSPENDED),
    "Triggered (L)": _report(ExecType.TRIGGERED),
    "cancel asked": _ask_cancel,
    "replace asked": _ask_replace,
    "Cancel Reject (35=9)": _turn_down,
    "no answer, restart": _set("doubted"),
    "withheld by the gate": _set("withheld"),
    "proven never placed": _set("lost"),
}


def arrows() -> Arrows:
    found: Arrows = defaultdict(set)
    reached: set[str] = set()
    level = [Order(new=NEW)]
    for _ in range(DEPTH):
        beyond: list[Order] = []
        for order in level:
            before = status(order)
            for name, tell in TELLS.items():
                if not _makes_sense(order, name):
                    continue
                after = copy(order)
                after.fills = list(order.fills)
                tell(after)
                if status(after) is not before:
                    found[before, status(after)].add(name)
                if (key := _key(after)) not in reached:
                    reached.add(key)
                    beyond.append(after)
        level = beyond
    return found


def _makes_sense(order: Order, name: str) -> bool:
    """We ask for something only of what is placed and works; a venue confirms what was asked."""
    is_over = bool(order.closings or order.rejections or order.withheld or order.lost)
    if name in ("cancel asked", "replace asked"):
        return order.acked and not is_over and len(order.cancels) + len(order.replaces) < 2
    if name in ("withheld by the gate", "proven never placed"):
        return not (order.acked or order.fills or is_over or order.rejections)
    if name == "Replaced (5)":
        return len(order.replaces) > order.version
    return name != "Trade Cancel (H)" or bool(order.fills)


def _key(order: Order) -> str:
    facts = (
        *(
            status(order).name,
            order.acked,
            sorted(order.rejections),
            sorted(fill.exec_id for fill in order.fills),
        ),
        *(sorted(order.busts), sorted(order.closings), sorted(order.rare.request_rejects)),
        *(order.version, order.rare.suspended_at >= order.lives_at),
        *(len(order.cancels), len(order.replaces)),
        *(order.withheld, order.doubted, order.lost),
    )
    return repr(facts)


def page() -> str:
    found = arrows()
    lines = [
        "# The states of an order",
        "",
        "Drawn from the projection by `python tools/order_states.py`; `make check` compares.",
        "An order is a set of facts, and its FIX OrdStatus is read off the set: so there is no",
        "state that it cannot leave, and a fact that comes late counts.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> PENDING_NEW",
    ]
    lines += [
        f"    {a.name} --> {b.name}"
        for a, b in sorted(found, key=lambda pair: (pair[0].name, pair[1].name))
    ]
    lines += ["```", "", "| from | to | told |", "|---|---|---|"]
    for a, b in sorted(found, key=lambda pair: (pair[0].name, pair[1].name)):
        lines.append(f"| {a.name} | {b.name} | {'; '.join(sorted(found[a, b]))} |")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    return keep(PAGE, page(), argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
