"""The core, one decision at a time: when that happens, then these commands."""

import pytest

from omnivenue.ledger import held
from omnivenue.message import (
    CancelOrder,
    CancelRejected,
    CloseParent,
    Command,
    EndReason,
    ExecType,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    NotSent,
    OrderInstructed,
)
from omnivenue.model import (
    SECOND,
    AssetID,
    ClOrdID,
    InstructionID,
    Instrument,
    Limits,
    Lots,
    Nanos,
    OrderID,
    Side,
    Ticks,
    TimeInForce,
)
from omnivenue.oms import OrdStatus, Stage, status
from scene import (
    AT_A,
    AT_B,
    AT_F,
    BUY,
    ETH,
    LOT,
    MAIN,
    OTHER,
    PX,
    S1,
    S2,
    SELL,
    USDT,
    WHOLE,
    A,
    B,
    Desk,
    buy,
    cancel,
    cancel_all,
    listed,
    names,
    new_orders,
    order,
    quote,
    report,
    sell,
    trade,
)


def refusals(desk: Desk, event: OrderInstructed) -> str:
    assert names(desk.tell(event)) == "Refuse"
    return " ".join(reason.code for reason in desk.parent(event.instruction_id).reasons)


def cancelled(commands: list[Command]) -> list[ClOrdID]:
    return [c.orig_cl_ord_id for c in commands if isinstance(c, CancelOrder)]


# Accepting, and refusing.


@pytest.mark.covers("O1", "N3")
def test_an_instruction_becomes_an_order() -> None:
    desk = Desk()
    assert names(desk.tell(buy("i"))) == "Accept NewOrder"
    parent = desk.parent("i")
    assert parent.stage is Stage.WORKING
    assert [what for _, _, what in parent.moments] == ["order_instructed", "accept", "new_order"]
    assert all(seq == parent.seq for seq, _, _ in parent.moments)
    desk.check_replay()


def test_what_is_sent_is_what_was_asked_for() -> None:
    desk = Desk()
    px = 2_999 * WHOLE + 7
    event = sell("i", 12, instrument=AT_B, px=px - px % 7, account=OTHER, tif=TimeInForce.FOK)
    (new,) = new_orders(desk.tell(event))
    assert new == NewOrder(
        cl_ord_id=new.cl_ord_id,
        parent_id=OrderID("i"),
        account=OTHER,
        venue_id=B,
        instrument_id=AT_B.instrument_id,
        instrument_version=1,
        side=SELL,
        qty=Lots(12),
        limit_px=Ticks(px // 7),
        tif=TimeInForce.FOK,
        expires_at=Nanos(desk.at + 2 * SECOND),
        strategy_id=S1,
    )


def test_a_refusal_names_everything_that_is_wrong() -> None:
    desk = Desk(is_open=False)
    assert refusals(desk, buy("a")) == "RISK-001"
    assert refusals(desk, buy("b", 2_000_000, px=70_000 * WHOLE)) == (
        "RISK-001 RISK-010 RISK-006 RISK-007 RISK-008 RISK-009"
    )
    desk.reconcile(A)
    assert names(desk.tell(buy("c"))) == "Accept NewOrder"
    desk.check_replay()


def test_a_stale_market_is_no_market() -> None:
    desk = Desk()
    desk.at += 3 * SECOND
    assert refusals(desk, buy("limit")) == "RISK-002"
    assert refusals(desk, buy("market", px=None)) == "RISK-002"
    assert desk.parent("market").reasons[0].value.startswith("the feed is stale: its last")
    desk.check_replay()


def test_what_is_accepted_counts_against_the_position_at_once() -> None:
    desk = Desk()
    lots = 16 * WHOLE // LOT
    for n in range(5):
        assert names(desk.tell(buy(f"i{n}", lots))).startswith("Accept")
    assert refusals(desk, buy("j", lots)) == "RISK-007 RISK-008"
    assert names(desk.tell(sell("k", lots))).startswith("Accept"), "the other side is free"
    desk.tell(cancel("c", "i0"))
    assert refusals(desk, buy("l", lots)) == "RISK-007 RISK-008", "asked for is not yet cancelled"
    cl_ord_id = desk.parent("i0").children[0]
    desk.tell(report(cl_ord_id, ExecType.CANCELED, "e"))
    assert names(desk.tell(buy("m", lots))).startswith("Accept")


def test_what_has_traded_counts_against_the_position() -> None:
    desk = Desk()
    lots = 16 * WHOLE // LOT
    for n in range(5):
        placed = desk.place(buy(f"i{n}", lots))
        desk.tell(trade(placed.new.cl_ord_id, lots, f"x{n}"))
    assert refusals(desk, buy("j", lots)) == "RISK-007 RISK-008"
    assert refusals(desk, buy("o", lots, account=OTHER, px=PX * 2)) == (
        "RISK-006 RISK-007 RISK-008 RISK-009"  # what all accounts have counts
    )
    assert names(desk.tell(sell("k", lots))).startswith("Accept")


def test_an_instrument_of_another_currency_cannot_be_compared_with_limits() -> None:
    desk = Desk()
    euro = AssetID("EUR")
    in_euro = listed(A, ETH, quote=euro, settle=euro)
    desk.tell(InstrumentsListed(instruments=(in_euro,)))
    desk.books.update(quote(desk.at, 3_000, in_euro))
    event = buy("i", instrument=AT_A, instrument_id=in_euro.instrument_id, px=3_000 * WHOLE)
    assert "RISK-003" in refusals(desk, event)


# Market orders.


@pytest.mark.parametrize(
    ("side", "instrument", "want"),
    [
        # The far touch moved by 5 %: 60,001 times 1.05 and 59,999 times 0.95, in ticks of 0.01.
        (BUY, AT_A, 6_300_105),
        (SELL, AT_A, 5_699_905),
        (BUY, AT_F, 630_115),  # 60,011 times 1.05 = 63,011.55, rounded down
        (SELL, AT_F, 570_086),  # 60,009 times 0.95 = 57,008.55, rounded up
    ],
)
def test_a_market_order_leaves_with_its_protection_price_rounded_inwards(
    side: Side, instrument: Instrument, want: int
) -> None:
    desk = Desk()
    (new,) = new_orders(desk.tell(order("i", side, instrument=instrument, px=None)))
    assert (new.limit_px, new.tif) == (want, TimeInForce.IOC)
    assert desk.parent("i").limit_px == instrument.px(new.limit_px)
    desk.check_replay()


def test_a_market_order_holds_at_its_protection_price() -> None:
    desk = Desk()
    placed = desk.place(buy("i", px=None))
    cost = AT_A.cost_ceil(10 * LOT, AT_A.px(placed.new.limit_px))
    assert placed.held == cost + AT_A.fee_ceil(cost)


def test_without_a_collar_there_is_no_market_order() -> None:
    desk = Desk()
    desk.tell(LimitsSet(limits=Limits(), from_file=True))
    assert refusals(desk, buy("i", px=None)) == "RISK-004"
    assert names(desk.tell(buy("j"))) == "Accept NewOrder"


# Ends.


@pytest.mark.parametrize(
    ("tif", "filled", "want"),
    [
        (TimeInForce.GTC, 4, EndReason.CANCELLED),
        (TimeInForce.IOC, 4, EndReason.UNFILLED),
        (TimeInForce.FOK, 0, EndReason.UNFILLED),
    ],
)
def test_how_an_order_ends_that_its_venue_cancels(
    tif: TimeInForce, filled: int, want: EndReason
) -> None:
    desk = Desk()
    placed = desk.place(buy("i", tif=tif))
    if filled:
        desk.tell(trade(placed.new.cl_ord_id, filled))
    commands = desk.tell(report(placed.new.cl_ord_id, ExecType.CANCELED, "e"))
    assert commands == [CloseParent(order_id=OrderID("i"), reason=want)]
    assert desk.balance(held(MAIN, A), USDT) == 0
    desk.check_replay()


def test_filled_is_filled_however_it_should_have_ended() -> None:
    for tif in TimeInForce:
        desk = Desk()
        placed = desk.place(buy("i", tif=tif))
        commands = desk.tell(trade(placed.new.cl_ord_id, 10))
        assert CloseParent(order_id=OrderID("i"), reason=EndReason.FILLED) in commands


def test_rejected_and_expired_end_as_they_are_called() -> None:
    for kind, want in (
        (ExecType.REJECTED, EndReason.REJECTED),
        (ExecType.EXPIRED, EndReason.EXPIRED),
    ):
        desk = Desk()
        placed = desk.place(buy("i"))
        commands = desk.tell(report(placed.new.cl_ord_id, kind, "e"))
        assert commands == [CloseParent(order_id=OrderID("i"), reason=want)]
        assert desk.parent("i").reserved == 0


def test_what_the_gateway_withheld_is_over() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    commands = desk.tell(NotSent(cl_ord_id=placed.new.cl_ord_id, why="too late"))
    assert commands == [CloseParent(order_id=OrderID("i"), reason=EndReason.NOT_SENT)]
    assert desk.balance(held(MAIN, A), USDT) == 0
    desk.check_replay()


# Cancels.


@pytest.mark.covers("O1")
def test_a_cancel_is_asked_for_and_ends_the_order_when_it_is_confirmed() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    assert names(desk.tell(cancel("c", "i"))) == "StopParent CancelOrder"
    assert status(placed) is OrdStatus.PENDING_CANCEL
    assert desk.state.requests[InstructionID("c")].targets == (OrderID("i"),)
    assert names(desk.tell(report(placed.new.cl_ord_id, ExecType.CANCELED, "e"))) == "CloseParent"
    assert desk.parent("i").end is EndReason.CANCELLED
    desk.check_replay()


def test_a_cancel_that_comes_too_late_finds_it_filled() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    cl_ord_id = placed.new.cl_ord_id
    desk.tell(cancel("c", "i"))
    desk.tell(trade(cl_ord_id, 10))
    assert not desk.parent("i").is_over, "the cancel is not answered yet"
    late = CancelRejected(cl_ord_id=placed.cancels[0], orig_cl_ord_id=cl_ord_id, text="too late")
    assert desk.tell(late) == [CloseParent(order_id=OrderID("i"), reason=EndReason.FILLED)]
    desk.check_replay()


def test_a_cancel_of_what_has_ended_or_never_was_is_refused() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.tell(trade(placed.new.cl_ord_id, 10))
    assert names(desk.tell(cancel("c", "i"))) == "Refuse"
    (reason,) = desk.state.requests[InstructionID("c")].reasons
    assert (reason.code, reason.value) == ("ORD-001", "filled")
    assert names(desk.tell(cancel("d", "none"))) == "Refuse"
    (reason,) = desk.state.requests[InstructionID("d")].reasons
    assert (reason.code, reason.message) == ("ORD-001", "no such order")
    desk.check_replay()


@pytest.mark.parametrize(
    ("which", "want"),
    [
        ({}, "abfo"),
        ({"venue_id": A}, "ao"),
        ({"instrument_id": AT_B.instrument_id}, "b"),
        ({"strategy_id": S2}, "f"),
        ({"account": OTHER}, "o"),
        ({"account": MAIN, "venue_id": A}, "a"),
        ({"account": OTHER, "strategy_id": S2}, ""),
    ],
)
def test_cancel_all_stops_what_matches_all_that_is_named(which: dict[str, str], want: str) -> None:
    desk = Desk()
    events = {
        "a": buy("a"),
        "b": buy("b", instrument=AT_B),
        "f": buy("f", instrument=AT_F, strategy_id=S2),
        "o": sell("o", account=OTHER),
        "z": buy("z"),
    }
    made = {key: desk.place(event).new.cl_ord_id for key, event in events.items()}
    desk.tell(trade(made.pop("z"), 10))  # it has ended
    commands = desk.tell(cancel_all("all", **which))
    assert cancelled(commands) == [made[key] for key in want]
    assert desk.state.requests[InstructionID("all")].targets == tuple(want)
    assert desk.tell(cancel_all("all", **which)) == []
    desk.check_replay()


# One key is one instruction.


@pytest.mark.holds("I2", "T15")
def test_a_key_that_was_used_is_never_decided_upon_again() -> None:
    desk = Desk()
    desk.tell(buy("i"))
    desk.tell(sell("refused", 10**9))
    desk.tell(cancel("c", "none"))
    for again in (
        buy("i"),
        buy("i", 99),
        cancel("i", "refused"),
        cancel_all("i"),
        buy("refused", 1),
        cancel_all("refused"),
        buy("c"),
        cancel("c", "i"),
        cancel_all("c"),
    ):
        assert desk.tell(again) == []
    assert len(desk.state.parents) == 2
    assert len(desk.state.requests) == 1
    assert desk.parent("i").stage is Stage.WORKING
    desk.check_replay()
