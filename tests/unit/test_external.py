"""Orders that are not ours, on accounts that are: adopted, counted, and left alone."""

import msgspec
import pytest

from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.message import CancelOrder, ExecType, ExecutionReport, External, LimitsSet
from omnivenue.model import QTY_UNIT, ClOrdID, LimitName, Limits, Lots, OrderID, Side, StrategyID
from omnivenue.oms import OrdStatus, Stage, status
from scene import (
    AT_A,
    COLLAR,
    LOT,
    MAIN,
    OTHER,
    S1,
    A,
    Desk,
    answer,
    buy,
    cancel,
    cancel_all,
    held_to_be,
    limit,
    names,
    report,
    ticks,
    trade,
)

pytestmark = [pytest.mark.covers("O9"), pytest.mark.holds("I12", "T27")]

BY_HAND = ClOrdID("web-1")
KEY = OrderID(f"external~{A}~web-1")
TOLD = External(
    account=MAIN,
    instrument_id=AT_A.instrument_id,
    instrument_version=1,
    side=Side.BUY,
    qty=Lots(10),
    limit_px=ticks(60_000),
)


def by_hand(said: ExecutionReport) -> ExecutionReport:
    return msgspec.structs.replace(said, external=TOLD)


def test_an_order_by_hand_is_adopted_and_counted() -> None:
    desk = Desk()
    assert desk.tell(by_hand(report(BY_HAND, ExecType.NEW, "n"))) == []
    parent = desk.parent(KEY)
    assert (parent.order.strategy_id, parent.stage) == (EXTERNAL, Stage.WORKING)
    assert status(desk.state.orders[BY_HAND]) is OrdStatus.NEW
    exposure = desk.state.exposures[MAIN][AT_A.instrument_id]
    assert exposure.buys == 10 * LOT, "it counts as any other"
    assert BY_HAND in desk.state.venues[A].open, "it is asked about"
    desk.check_replay()


@pytest.mark.parametrize("twice", [False, True])
def test_a_fill_alone_makes_it_known_and_counts_once(*, twice: bool) -> None:
    desk = Desk()
    for _ in range(1 + twice):
        desk.tell(by_hand(trade(BY_HAND, 10)))
    assert desk.state.positions[MAIN][EXTERNAL][AT_A.instrument_id].qty == 10 * LOT
    assert desk.parent(KEY).is_over
    desk.check_replay()


def test_it_is_found_in_an_answer_too() -> None:
    desk = Desk()
    said = by_hand(trade(BY_HAND, 4))
    desk.tell(answer(A, 1, 5, reports=(said,), orders=(held_to_be(BY_HAND, 4, None),)))
    assert status(desk.state.orders[BY_HAND]) is OrdStatus.PARTIALLY_FILLED


def test_it_is_cancelled_only_by_name() -> None:
    desk = Desk()
    desk.tell(by_hand(report(BY_HAND, ExecType.NEW, "n")))
    desk.place(buy("i"))
    for key, which in (("a", {"strategy_id": S1}), ("b", {})):
        named = [c for c in desk.tell(cancel_all(key, **which)) if isinstance(c, CancelOrder)]
        assert BY_HAND not in [c.orig_cl_ord_id for c in named]
    assert names(desk.tell(cancel("c", KEY))) == "StopParent CancelOrder"


def test_cancel_all_of_the_strategy_external_names_it() -> None:
    desk = Desk()
    desk.tell(by_hand(report(BY_HAND, ExecType.NEW, "n")))
    assert names(desk.tell(cancel_all("a", strategy_id=EXTERNAL))) == "StopParent CancelOrder"


def test_what_says_too_little_is_told_and_not_adopted() -> None:
    desk = Desk()
    assert names(desk.tell(report(BY_HAND, ExecType.NEW, "n"))) == "Alert"
    assert StrategyID("EXTERNAL") not in desk.state.positions.get(MAIN, {})
    nowhere = msgspec.structs.replace(TOLD, instrument_version=9)
    said = msgspec.structs.replace(report(BY_HAND, ExecType.NEW, "n"), external=nowhere)
    assert names(desk.tell(said)) == "Alert"


def test_sums_in_money_count_them_at_their_own_price() -> None:
    desk = Desk()
    total = limit(LimitName.TOTAL_NOTIONAL, 10_000 * QTY_UNIT)
    desk.tell(LimitsSet(limits=Limits(limits=(COLLAR, total)), from_file=False))
    large = msgspec.structs.replace(TOLD, qty=Lots(1_000))  # 6,000 USDT
    desk.tell(msgspec.structs.replace(report(BY_HAND, ExecType.NEW, "n"), external=large))
    assert desk.state.totals["global"].total == 6_000 * QTY_UNIT
    refused = desk.tell(buy("k", 1_000, instrument=AT_A, account=OTHER))
    assert names(refused) == "Refuse"
    assert [reason.code for reason in desk.parent("k").reasons] == ["RISK-019"]
