"""What is drawn while one waits."""

from typing import Any

import pytest

from omnivenue.cli.progress import BAR, PARTS_SHOWN, picture


def order(cum: str, qty: str, status: str, **more: Any) -> dict[str, Any]:
    found = {"id": "k1", "venue": "SMART", "instrument": "SMART:SPOT_PAIR:BTC-USDT", "side": "buy"}
    return {**found, "qty": qty, "cum_qty": cum, "status": status, "avg_px": None, **more}


def instruction(*orders: dict[str, Any], kind: str = "order") -> dict[str, Any]:
    timeline = [{"seq": 3, "at": "…", "type": "accept"}, {"seq": 9, "at": "…", "type": "new_order"}]
    document = {"id": "k1", "kind": kind, "status": "RUNNING", "orders": list(orders)}
    return {**document, "timeline": timeline}


@pytest.mark.parametrize(
    ("cum", "qty", "full"),
    [
        ("0", "3", 0),
        ("1.5", "3", BAR // 2),
        ("2.99999", "3", BAR - 1),
        ("3", "3", BAR),
        ("4", "3", BAR),
    ],
)
def test_the_bar_is_full_when_all_has_filled_and_not_before(cum: str, qty: str, full: int) -> None:
    first, *_ = picture(instruction(order(cum, qty, "PARTIALLY_FILLED")))
    assert first.startswith("█" * full + "░" * (BAR - full) + f" {cum}/{qty} PARTIALLY_FILLED")


def test_parts_stand_below_and_what_happened_last_at_the_end() -> None:
    parts = [
        order("1", "1", "FILLED", venue="BYBIT", avg_px="61800.5"),
        order("0", "2", "ACCEPTED", venue="OKX"),
    ]
    lines = picture(instruction(order("1", "3", "PARTIALLY_FILLED"), *parts))
    assert lines[1:] == [
        "  BYBIT buy 1/1 FILLED at 61800.5",
        "  OKX buy 0/2 ACCEPTED",
        "  new order at entry 9",
    ]


def test_of_many_parts_the_latest_are_shown() -> None:
    parts = [order("0", str(n), "ACCEPTED", venue="OKX") for n in range(1, PARTS_SHOWN + 4)]
    lines = picture(instruction(order("0", "99", "ACCEPTED"), *parts))
    assert lines[1] == "  3 before these"
    assert lines[2:-1] == [f"  OKX buy 0/{n} ACCEPTED" for n in range(4, PARTS_SHOWN + 4)]


def test_an_instruction_about_others_shows_those() -> None:
    lines = picture(instruction(order("0", "1", "CANCELLED", venue="OKX"), kind="cancel_all"))
    assert lines[:2] == ["cancel_all k1: RUNNING", "  OKX buy 0/1 CANCELLED"]
    assert picture(instruction(kind="cancel_all"))[0] == "cancel_all k1: RUNNING"


def test_nothing_of_it_commands_a_terminal() -> None:
    lines = picture(instruction(order("0", "1", "\x1b[2J", venue="\x07")))
    assert not {"\x1b", "\x07"} & set("".join(lines))
