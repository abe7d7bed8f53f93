"""The counted limits, scope by scope, as a desk meets them."""

from typing import Any

import msgspec
import pytest

from omnivenue.engine.approve import approve
from omnivenue.engine.turn import Turn
from omnivenue.message import ExecType, InstrumentsListed, LimitsSet, OrderInstructed
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    SHARE_UNIT,
    AssetID,
    Atoms,
    ClOrdID,
    LimitName,
    Limits,
    Nanos,
    TimeInForce,
    scopes_of,
)
from omnivenue.oms import Stage
from omnivenue.risk import Approved, Refused
from omnivenue.runtime import Recorder
from scene import (
    AT_A,
    AT_B,
    BTC,
    COLLAR,
    MAIN,
    MID,
    OTHER,
    PX,
    S1,
    S2,
    USDT,
    WHOLE,
    A,
    B,
    Desk,
    buy,
    cancel,
    deposit,
    limit,
    listed,
    names,
    quote,
    report,
    sell,
    trade,
)

W = QTY_UNIT
I_A = f"instrument:{AT_A.instrument_id}"


def limited(name: LimitName, value: int, scope: str = "global", *more: Any) -> Desk:
    desk = Desk()
    set_limits(desk, limit(name, value, scope), *more)
    return desk


def set_limits(desk: Desk, *limits: Any) -> None:
    desk.tell(LimitsSet(limits=Limits(limits=(COLLAR, *limits)), from_file=False))


def codes(desk: Desk, event: OrderInstructed) -> str:
    assert names(desk.tell(event)) == "Refuse"
    return " ".join(reason.code for reason in desk.parent(event.instruction_id).reasons)


def says(desk: Desk, key: str) -> tuple[str, str]:
    (reason,) = desk.parent(key).reasons
    return reason.limit, reason.value


@pytest.mark.parametrize("scope", scopes_of(LimitName.OPEN_ORDERS))
def test_open_orders_of_each_scope(scope: str) -> None:
    whose = {
        "global": "global",
        "venue": f"venue:{A}",
        "account": f"account:{MAIN}",
        "strategy": f"strategy:{S1}",
        "instrument": I_A,
    }[scope]
    desk = limited(LimitName.OPEN_ORDERS, 2, whose)
    desk.place(buy("i0"))
    desk.place(buy("i1"))
    assert codes(desk, buy("i2")) == "RISK-025"
    assert says(desk, "i2") == ("2", "3")
    far = buy("far", instrument=AT_B, lots=100, account=OTHER, strategy_id=S2)
    assert names(desk.tell(far)).startswith("Refuse" if scope == "global" else "Accept")
    desk.tell(cancel("c", "i0"))
    assert codes(desk, buy("i3")) == "RISK-025", "it may still be open"
    desk.tell(report(desk.order("i0").new.cl_ord_id, ExecType.CANCELED, "e"))
    assert names(desk.tell(buy("i4"))).startswith("Accept")
    desk.check_replay()


@pytest.mark.covers("P5", "P6")
@pytest.mark.parametrize(
    ("name", "seconds"), [(LimitName.ORDERS_PER_SECOND, 1), (LimitName.ORDERS_PER_MINUTE, 60)]
)
@pytest.mark.parametrize("scope", ["global", f"strategy:{S1}", f"account:{MAIN}", f"venue:{A}"])
def test_orders_within_a_time(name: LimitName, seconds: int, scope: str) -> None:
    desk = limited(name, 3, scope)
    for n in range(3):
        desk.place(buy(f"i{n}"))
    assert codes(desk, buy("j")) == f"RISK-0{23 if seconds == 1 else 24}"
    assert says(desk, "j") == ("3", "4")
    other = buy("other", account=OTHER, strategy_id=S2, instrument=AT_B, lots=100)
    assert names(desk.tell(other)).startswith("Accept"), "global means each strategy"
    desk.at += seconds * SECOND * 9 // 10
    desk.later(0)
    assert "RISK-02" in codes(desk, buy("k"))
    desk.at += seconds * SECOND * 2 // 10
    desk.later(0)
    assert names(desk.tell(buy("l"))).startswith("Accept")


def test_what_was_refused_does_not_count_as_an_order() -> None:
    desk = limited(LimitName.ORDERS_PER_SECOND, 2)
    for n in range(5):
        assert codes(desk, buy(f"no{n}", px=2 * PX)) == "RISK-009"
    desk.place(buy("i0"))
    desk.place(buy("i1"))
    assert codes(desk, buy("i2")) == "RISK-023"


def test_the_same_again_within_the_window_is_a_duplicate() -> None:
    desk = limited(LimitName.DUPLICATE_WINDOW, 2 * SECOND)
    desk.place(buy("i"))
    desk.at += SECOND // 2
    assert codes(desk, buy("j")) == "RISK-027"
    assert says(desk, "j") == ("2", "0.5")
    for key, more in (
        ("qty", {"lots": 11}),
        ("px", {"px": PX - WHOLE}),
        ("who", {"strategy_id": S2}),
        ("where", {"account": OTHER}),
        ("tif", {"tif": TimeInForce.IOC}),
        ("knows", {"allow_duplicate": True}),
    ):
        assert names(desk.tell(buy(key, **more))).startswith("Accept")  # pyright: ignore
    desk.later(2)
    assert names(desk.tell(buy("k"))).startswith("Accept")


def test_what_was_let_pass_as_a_duplicate_starts_the_window_anew() -> None:
    desk = limited(LimitName.DUPLICATE_WINDOW, 2 * SECOND)
    desk.place(buy("i"))
    desk.at += SECOND
    desk.place(buy("j", allow_duplicate=True))
    desk.at += SECOND
    desk.later(0)
    assert codes(desk, buy("k")) == "RISK-027"


def test_cancels_for_each_trade_on_one_day() -> None:
    desk = limited(LimitName.CANCEL_RATIO, 2 * SHARE_UNIT)
    for n in range(3):
        desk.place(buy(f"i{n}"))
        desk.tell(cancel(f"c{n}", f"i{n}"))
        desk.tell(cancel(f"again{n}", f"i{n}"))  # is no further one
    assert codes(desk, buy("j")) == "RISK-026"
    assert says(desk, "j") == ("2", "3")
    assert names(desk.tell(buy("other", strategy_id=S2))).startswith("Accept")
    for n in range(2):
        desk.tell(trade(desk.order("i0").new.cl_ord_id, 1, f"x{n}"))
    assert names(desk.tell(buy("k"))).startswith("Accept")
    desk.tell(cancel("c4", "k"))
    desk.tell(cancel("c5", "other"))
    desk.tell(cancel("c6", "i1"))
    desk.later(86_400)
    assert names(desk.tell(buy("l"))).startswith("Accept"), "a new day"


@pytest.mark.parametrize(
    ("scope", "passes"),
    [
        ("global", False),
        (f"venue:{A}", False),
        (I_A, False),
        (f"account:{MAIN}", True),
        (f"strategy:{S1}", True),
    ],
)
@pytest.mark.covers("P5")
@pytest.mark.holds("I14", "T30")
def test_a_position_is_bounded_in_each_scope(scope: str, passes: bool) -> None:
    """0.8 BTC of another account's strategy, and 0.6 of ours."""
    for name, value in (
        (LimitName.POSITION_QTY, W),
        (LimitName.POSITION_NOTIONAL, 60_000 * W),
    ):
        desk = limited(name, value, scope)
        lots = WHOLE // AT_A.lot
        desk.place(buy("theirs", lots * 8 // 10, account=OTHER, strategy_id=S2))
        ours = buy("ours", lots * 6 // 10)
        assert names(desk.tell(ours)).startswith("Accept" if passes else "Refuse")
        assert "RISK-00" in codes(desk, buy("more", lots * 11 // 10))


@pytest.mark.covers("P5")
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        (LimitName.POSITION_QTY, W // 1_000, "RISK-007"),
        (LimitName.POSITION_NOTIONAL, 60 * W, "RISK-008"),
        (LimitName.TOTAL_NOTIONAL, 60 * W, "RISK-019"),
        (LimitName.GROSS_NOTIONAL, 60 * W, "RISK-020"),
        (LimitName.LEVERAGE, 1, "RISK-021"),
    ],
)
def test_above_a_limit_what_makes_the_position_smaller_passes(
    name: LimitName, value: int, code: str
) -> None:
    desk = Desk()
    desk.tell(trade(desk.place(buy("i", 100)).new.cl_ord_id, 100))
    set_limits(desk, limit(name, value))
    assert codes(desk, buy("more", 1)) == code
    assert names(desk.tell(sell("some", 30))).startswith("Accept"), "what is left is still above"
    assert codes(desk, sell("through zero", 130)) == code


@pytest.mark.parametrize("name", [LimitName.TOTAL_NOTIONAL, LimitName.GROSS_NOTIONAL])
@pytest.mark.parametrize("scope", ["global", f"venue:{A}", f"account:{MAIN}", f"strategy:{S1}"])
def test_all_instruments_together(name: LimitName, scope: str) -> None:
    desk = limited(name, 130_000 * W, scope)
    lots = WHOLE // AT_A.lot
    desk.place(buy("btc", lots))
    eth = 18 * 10**18 // AT_B.lot * AT_B.lot  # 54,000
    passes = names(desk.tell(buy("eth", instrument=AT_B, qty=Atoms(eth)))).startswith("Accept")
    assert passes
    at_b = names(desk.tell(buy("e2", instrument=AT_B, qty=Atoms(eth)))).startswith("Accept")
    assert at_b is (scope == f"venue:{A}"), "which counts nothing of another venue"
    assert codes(desk, buy("more", lots * 13 // 10)).startswith("RISK-0")
    desk.tell(report(desk.order("btc").new.cl_ord_id, ExecType.CANCELED, "e"))
    if scope == f"venue:{A}":
        assert desk.state.totals[scope].gross == 0
    assert names(desk.tell(buy("again", lots))).startswith("Accept")
    desk.check_replay()


def test_gross_counts_both_sides_and_total_the_worse_of_them() -> None:
    lots = WHOLE // AT_A.lot
    total = limited(LimitName.TOTAL_NOTIONAL, 60_000 * W)
    total.place(buy("b", lots))
    assert names(total.tell(sell("s", lots, px=PX + WHOLE))).startswith("Accept")
    gross = limited(LimitName.GROSS_NOTIONAL, 60_000 * W)
    gross.place(buy("b", lots))
    assert codes(gross, sell("s", 1, px=PX + WHOLE)) == "RISK-020"


def test_an_order_on_the_smaller_side_makes_a_total_no_smaller() -> None:
    desk, lots = Desk(), WHOLE // AT_A.lot
    desk.place(buy("b", lots))
    set_limits(desk, limit(LimitName.TOTAL_NOTIONAL, 50_000 * W))
    assert codes(desk, sell("s", lots // 2, px=PX + WHOLE)) == "RISK-019"
    assert says(desk, "s") == ("50000", "60000")


def test_sums_are_begun_with_what_is_there_when_the_limit_is_set() -> None:
    desk = Desk()
    lots = WHOLE // AT_A.lot
    desk.place(buy("b", lots))
    assert desk.state.totals == {}
    set_limits(desk, limit(LimitName.TOTAL_NOTIONAL, 100_000 * W))
    assert desk.state.totals["global"].total == 60_000 * W
    assert codes(desk, buy("c", lots)) == "RISK-019"
    assert says(desk, "c") == ("100000", "120000")
    by_strategy = limit(LimitName.TOTAL_NOTIONAL, 70_000 * W, f"strategy:{S1}")
    set_limits(desk, limit(LimitName.TOTAL_NOTIONAL, 1_000_000 * W), by_strategy)
    assert desk.state.totals[f"strategy:{S1}"].total == 60_000 * W
    assert codes(desk, buy("d", lots)) == "RISK-019"
    set_limits(desk)
    assert desk.state.totals == {}


def test_leverage_is_gross_by_what_the_account_has() -> None:
    desk = limited(LimitName.LEVERAGE, SHARE_UNIT // 100)
    lots = 10 * WHOLE // AT_A.lot
    assert codes(desk, buy("i", lots)) == "RISK-021"
    assert says(desk, "i")[0] == "0.01"
    assert names(desk.tell(buy("j", lots // 10))).startswith("Accept")


def test_who_owes_more_than_he_has_trades_nothing_on_leverage() -> None:
    desk = limited(LimitName.LEVERAGE, 10 * SHARE_UNIT)
    owed = deposit(MAIN, B, USDT, -200_000_000 * WHOLE)
    desk.tell(msgspec.structs.replace(owed, deposit_id="owed"))
    assert codes(desk, buy("i")) == "RISK-021"


@pytest.mark.parametrize("where", [f"venue:{A}", I_A])
def test_only_what_is_on_the_allow_list_trades(where: str) -> None:
    desk = limited(LimitName.ALLOW_LIST, 1)
    assert codes(desk, buy("i")) == "RISK-017"
    set_limits(desk, limit(LimitName.ALLOW_LIST, 1), limit(LimitName.ALLOW_LIST, 1, where))
    assert names(desk.tell(buy("j"))).startswith("Accept")
    assert codes(desk, buy("k", instrument=AT_B, lots=100)) == "RISK-017"


@pytest.mark.covers("P5")
def test_our_orders_do_not_trade_with_one_another() -> None:
    desk = limited(LimitName.SELF_MATCH_PREVENTION, 1)
    desk.place(sell("ask", px=PX + 2 * WHOLE, account=OTHER))
    desk.place(sell("ask2", px=PX + 3 * WHOLE))
    assert codes(desk, buy("i", px=PX + 2 * WHOLE)) == "RISK-029"
    assert says(desk, "i") == ("", "ask")
    assert names(desk.tell(buy("j", px=PX + WHOLE))).startswith("Accept")
    assert codes(desk, sell("k", px=PX + WHOLE)) == "RISK-029"
    desk.tell(cancel("c", "ask"))
    assert codes(desk, buy("l", px=PX + 2 * WHOLE)) == "RISK-029", "it may still rest"
    desk.tell(report(desk.order("ask").new.cl_ord_id, ExecType.CANCELED, "e"))
    assert names(desk.tell(buy("m", px=PX + 2 * WHOLE))).startswith("Accept")
    assert names(desk.tell(sell("ioc", px=PX + 5 * WHOLE, tif=TimeInForce.IOC))).startswith(
        "Accept"
    )
    desk.check_replay()


def test_what_does_not_rest_meets_nobody() -> None:
    desk = limited(LimitName.SELF_MATCH_PREVENTION, 1)
    desk.place(sell("i", px=PX, tif=TimeInForce.IOC))
    assert names(desk.tell(buy("j", px=PX))).startswith("Accept")


def test_reduce_only_orders_are_for_no_more_than_is_left() -> None:
    desk = Desk()
    desk.tell(trade(desk.place(buy("i", 100)).new.cl_ord_id, 100))
    assert codes(desk, sell("over", 101, reduce_only=True)) == "RISK-031"
    assert says(desk, "over") == ("0.01", "0.0101")
    desk.place(sell("some", 60, reduce_only=True))
    assert codes(desk, sell("rest", 41, reduce_only=True)) == "RISK-031"
    assert codes(desk, buy("wrong", 1, reduce_only=True)) == "RISK-031"
    assert codes(desk, sell("no", 1, reduce_only=True, strategy_id=S2)) == "RISK-031"
    assert names(desk.tell(sell("last", 40, reduce_only=True))).startswith("Accept")


def test_what_is_smaller_than_the_venue_takes_is_refused() -> None:
    desk = Desk()
    assert codes(desk, buy("i", qty=Atoms(AT_A.lot // 2))) == "RISK-018"
    big = listed(A, BTC, min_notional=Atoms(100 * WHOLE), version=2)
    desk.tell(InstrumentsListed(instruments=(big,)))
    assert codes(desk, buy("j", 10)) == "RISK-018"
    assert says(desk, "j") == ("100", "60")
    assert names(desk.tell(buy("k", 20))).startswith("Accept")


@pytest.mark.parametrize("is_reverse", [False, True])
def test_money_in_another_asset_is_told_through_the_mark_of_a_pair(is_reverse: bool) -> None:
    """ETH quoted in BTC, limited in USDT; and in an asset that has USDT for its base."""
    if is_reverse:
        other = AssetID("JPY")
        pair = listed(A, AssetID("USDT"), quote=other, settle=other)
        pair_px = 150  # so one JPY is 1/150 USDT
    else:
        other, pair, pair_px = BTC, None, 60_000
    tick = Atoms(10**4)
    asset = AssetID("SOL")
    cross = listed(B, asset, quote=other, settle=other, tick=tick, min_notional=Atoms(0))
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=(cross,) if pair is None else (cross, pair)))
    if pair is not None:
        desk.books.update(quote(desk.at, pair_px, pair))
    desk.books.update(quote(desk.at, 2, cross))
    worth = 2 * 60_000 if pair is None else 2 // pair_px
    set_limits(desk, limit(LimitName.ORDER_NOTIONAL, (worth or 1) * W))
    seen = Recorder(desk.books, Nanos(desk.at))
    turn = Turn(desk.state, Nanos(desk.at), seen)
    for qty, passes in ((1, True), (76 if is_reverse else 2, False)):
        event = buy("i", instrument=AT_B, px=2 * WHOLE, qty=Atoms(qty * 10**18))
        event = buy(
            "i", px=2 * WHOLE, qty=event.qty, instrument=AT_B, instrument_id=cross.instrument_id
        )
        verdict = approve(turn, event, cross)
        found = {r.code for r in verdict.reasons} if isinstance(verdict, Refused) else set[str]()
        assert ("RISK-006" not in found) is passes, (qty, found)
        assert "RISK-003" not in found


def test_a_child_is_measured_by_what_is_new_about_it() -> None:
    desk = limited(
        LimitName.ORDERS_PER_SECOND,
        1,
        "global",
        limit(LimitName.OPEN_ORDERS, 1),
        limit(LimitName.DUPLICATE_WINDOW, 2 * SECOND),
        limit(LimitName.ORDER_QTY, W // 1000),
        limit(LimitName.POSITION_QTY, W // 1000),
    )
    event = buy("i", 10)
    desk.place(event)
    turn = Turn(desk.state, Nanos(desk.at), Recorder(desk.books, Nanos(desk.at)))

    def judged(qty: int, px: int = PX) -> str:
        reserved = desk.parent("i").reserved
        verdict = approve(turn, event, AT_A, qty=qty * AT_A.lot, px=px, reserved=reserved)
        if isinstance(verdict, Approved):
            return ""
        return " ".join(reason.code for reason in verdict.reasons)

    assert judged(10) == ""
    assert judged(11) == "RISK-005 RISK-007"
    assert judged(10, 2 * PX) == "RISK-009"
    desk.at += 3 * SECOND
    turn = Turn(desk.state, Nanos(desk.at), Recorder(desk.books, Nanos(desk.at)))
    assert judged(10) == "RISK-002"


@pytest.mark.covers("P7")
def test_limits_change_while_running() -> None:
    desk = Desk()
    desk.place(buy("i"))
    set_limits(desk, limit(LimitName.OPEN_ORDERS, 1))
    assert codes(desk, buy("j")) == "RISK-025"
    set_limits(desk, limit(LimitName.OPEN_ORDERS, 2))
    assert names(desk.tell(buy("k"))).startswith("Accept")


@pytest.mark.holds("I14", "T30")
def test_of_64_orders_of_60_percent_each_exactly_one_passes() -> None:
    for name, value in (
        (LimitName.POSITION_QTY, W),
        (LimitName.POSITION_NOTIONAL, 60_000 * W),
        (LimitName.TOTAL_NOTIONAL, 60_000 * W),
        (LimitName.GROSS_NOTIONAL, 60_000 * W),
    ):
        desk = limited(name, value)
        lots = WHOLE // AT_A.lot * 6 // 10
        for of_round in range(10):
            told = [names(desk.tell(buy(f"{of_round}-{n}", lots))) for n in range(64)]
            assert [t.startswith("Accept") for t in told].count(True) == 1
            (key,) = (f"{of_round}-{n}" for n in range(64) if told[n].startswith("Accept"))
            desk.tell(report(desk.order(key).new.cl_ord_id, ExecType.CANCELED, f"e{of_round}"))
            assert desk.parent(key).stage is Stage.CLOSED


def test_unknown_orders_hold_what_they_may_become() -> None:
    desk = limited(LimitName.POSITION_QTY, W)
    lots = WHOLE // AT_A.lot * 6 // 10
    placed = desk.place(buy("i", lots))
    desk.later(3)
    desk.sweep()
    assert codes(desk, buy("j", lots)) == "RISK-007"
    assert ClOrdID(placed.new.cl_ord_id) in desk.state.venues[A].open
    assert MID[AT_A.instrument_id] == 60_000
