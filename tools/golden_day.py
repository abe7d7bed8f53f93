"""Writes tests/replay/day-1.jsonl: a small day in which all that State keeps has something in it.

Run it, with `PYTHONPATH=src:tests python tools/golden_day.py`, when there is a new thing to keep.
The test that folds it (`tests/unit/test_stored_shape.py`) decides nothing again: whatever changes
in how we decide, the bytes that are stored of this day change with their shape alone.
"""

import sys
from pathlib import Path

from msgspec.structs import replace

from brackets import bracket
from omnivenue.engine.evict import EVERY, KEEP
from omnivenue.engine.evict import TIMER_ID as EVICT
from omnivenue.engine.marks import TIMER_ID as MARKS
from omnivenue.message import (
    AdjustmentInstructed,
    ExecType,
    External,
    FundingPaid,
    Held,
    InstrumentsListed,
    LimitsSet,
    PauseInstructed,
    RearmAsked,
    StateSet,
    Twap,
    VenueDown,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    Atoms,
    ClOrdID,
    InstructionID,
    InstrumentID,
    LimitName,
    Lots,
    Nanos,
    OrderID,
    OrdType,
    Side,
    TradingState,
)
from scene import (
    AT_B,
    AT_F,
    LIMITS,
    MAIN,
    PX,
    USDT,
    WHOLE,
    A,
    B,
    Desk,
    F,
    answer,
    buy,
    cancel,
    limit,
    new_orders,
    report,
    sell,
    ticks,
    trade,
)
from scene import replace as changed

PATH = Path(__file__).parents[1] / "tests" / "replay" / "day-1.jsonl"


def what_ends(desk: Desk) -> None:
    """Of every kind of end, so that some of it leaves State before the day is over."""
    filled = desk.place(buy("filled"))
    desk.tell(trade(filled.new.cl_ord_id, 10, "t1"))
    gone = desk.place(sell("gone", 5))
    desk.tell(report(gone.new.cl_ord_id, ExecType.NEW, "n1"))
    desk.tell(cancel("c1", "gone"))
    desk.tell(report(gone.new.cl_ord_id, ExecType.CANCELED, "e1"))
    rejected = desk.place(buy("rejected"))
    desk.tell(report(rejected.new.cl_ord_id, ExecType.REJECTED, "r1", text="no margin"))
    desk.tell(buy("refused", px=PX * 2))
    parts(desk, "whole")
    desk.at += KEEP
    desk.tell(cancel("c2", "nobody"))
    desk.at += EVERY
    desk.wake(EVICT)
    desk.later(0)


def parts(desk: Desk, key: str, slices: int = 3) -> None:
    algo = Twap(horizon=Nanos(3 * SECOND), interval=Nanos(SECOND))
    name = InstrumentID("SMART:SPOT_PAIR:BTC-USDT")
    sent = new_orders(desk.tell(replace(buy(key, 30), instrument_id=name, algo=algo)))
    for number in range(slices):
        for new in sent:
            desk.tell(trade(new.cl_ord_id, new.qty, f"{key}-{number}"))
        desk.later(1)
        is_there = f"slice/{key}" in desk.state.timers
        sent = new_orders(desk.wake(f"slice/{key}")) if is_there else []


def what_goes_on(desk: Desk) -> None:
    sums = (limit(LimitName.TOTAL_NOTIONAL, 10**6 * QTY_UNIT), limit(LimitName.OPEN_ORDERS, 100))
    limits = LimitsSet(limits=replace(LIMITS, limits=(*LIMITS.limits, *sums)), from_file=False)
    desk.tell(limits)
    entry = new_orders(desk.tell(bracket()))[0].cl_ord_id
    desk.tell(trade(entry, 4, "b1"))
    desk.tell(report(desk.order("i~tp").new.cl_ord_id, ExecType.NEW, "b2"))
    desk.place(buy("longer", instrument=AT_B, lots=100))
    desk.tell(report(desk.order("longer").new.cl_ord_id, ExecType.NEW, "l1"))
    desk.tell(changed("r2", "longer", qty=Atoms(150 * AT_B.lot)))
    desk.tell(buy("stop", ord_type=OrdType.STOP, px=None, stop_px=PX + WHOLE))
    desk.tell(buy("one", px=PX - WHOLE, oco="pair"))
    desk.tell(buy("other", px=PX - 2 * WHOLE, oco="pair"))
    future = desk.place(buy("future", instrument=AT_F))
    desk.tell(trade(future.new.cl_ord_id, 10, "f1", ticks(60_010, AT_F)))
    parts(desk, "paused", 1)
    desk.tell(
        PauseInstructed(
            instruction_id=InstructionID("p1"),
            body_hash="p",
            order_id=OrderID("paused"),
            is_over=False,
        )
    )


def what_others_do(desk: Desk) -> None:
    told = External(
        account=MAIN,
        instrument_id=AT_B.instrument_id,
        instrument_version=1,
        side=Side.BUY,
        qty=Lots(10),
        limit_px=ticks(3_000, AT_B),
    )
    desk.tell(report(ClOrdID("web-1"), ExecType.NEW, "w1", external=told))
    desk.tell(
        FundingPaid(
            funding_id="f-1",
            account=MAIN,
            venue_id=F,
            instrument_id=AT_F.instrument_id,
            amount=-70,
            at=Nanos(desk.at),
        )
    )
    desk.tell(
        AdjustmentInstructed(
            instruction_id=InstructionID("a1"),
            body_hash="a",
            account=MAIN,
            venue_id=A,
            asset=USDT,
            amount=5,
            reason="found by a person",
        )
    )
    desk.later(1)
    desk.wake(MARKS)
    relisted = replace(AT_B, version=2, taker_bps=5)
    desk.tell(InstrumentsListed(instruments=(relisted,)))
    held = (Held(account=MAIN, asset=USDT, total=5),)
    for _ in range(3):  # said twice it is quarantined
        desk.later(3)
        desk.sweep()
        desk.sweep(F)
        desk.tell(answer(A, desk.last_query(), desk.at, held=held))
    desk.tell(answer(F, desk.last_query(F), desk.at, held=held))
    desk.tell(StateSet(scope=f"account:{MAIN}", state=TradingState.HALTED, reason="r", source="t"))
    desk.tell(RearmAsked(scope=f"account:{MAIN}", reason="it was a drill"))
    desk.tell(VenueDown(venue_id=B, why="reset"))


def main() -> None:
    desk = Desk()
    what_ends(desk)
    what_goes_on(desk)
    what_others_do(desk)
    lines = list(desk.journal.lines())
    PATH.write_bytes(b"\n".join(lines) + b"\n")
    empty = [name for name in desk.state.__struct_fields__ if not getattr(desk.state, name)]
    sys.stderr.write(f"{PATH}: {len(lines)} entries; nothing in {', '.join(empty)}\n")


if __name__ == "__main__":
    main()
