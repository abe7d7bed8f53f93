"""What the demo holds the profit against: it must find the last unit."""

from decimal import Decimal
from typing import Any

import pytest

from omnivenue.cli.demo.money import SMALLEST, check_balances, check_pnl, part_of
from omnivenue.cli.demo.stage import Wrong
from omnivenue.model import AccountID, AssetID, VenueID
from omnivenue.venue.sim.back_office import BackOffice

MAIN, OKX, BYBIT = AccountID("main"), VenueID("OKX"), VenueID("BYBIT")
USDT, BTC = AssetID("USDT"), AssetID("BTC")
START = {MAIN: {venue_id: {USDT: 10**14, BTC: 2 * 10**9} for venue_id in (OKX, BYBIT)}}
CENT = 10**6  # atoms


def fill(side: str, qty: str, px: str, fee: str) -> dict[str, Any]:
    return {"side": side, "qty": qty, "px": px, "fee": fee}


FILLS = [
    fill("buy", "0.3", "61800.01", "7.4160012"),
    fill("sell", "0.1", "61900", "2.476"),
    fill("sell", "0.2", "61900.5", "4.95204"),
]
FEES, TOTAL = "14.8440412", "15.2529588"


def pnl(**more: str) -> dict[str, Any]:
    found = {"total": TOTAL, "fees": FEES, "funding": "0", "unrealized": "0"}
    return found | more


def test_what_the_fills_say_is_what_was_earned() -> None:
    check_pnl(FILLS, pnl())
    check_pnl([], pnl(total="0", fees="0"))


def test_funding_was_earned_without_a_fill() -> None:
    check_pnl(FILLS, pnl(funding="1.5", total="16.7529588"))


@pytest.mark.holds("I13")
@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "15.2529589"},
        {"fees": "14.8440411"},
        {"funding": "0.0000001"},
        {"unrealized": "0.0000001"},
    ],
)
def test_one_unit_too_many_is_wrong(wrong: dict[str, str]) -> None:
    with pytest.raises(Wrong):
        check_pnl(FILLS, pnl(**wrong))


def offices(**more: int) -> list[BackOffice]:
    """Both as they began, and one with more, or less, of something."""
    found = [BackOffice(venue_id, (), {}) for venue_id in (OKX, BYBIT)]
    for office in found:
        for asset, amount in START[MAIN][office.venue_id].items():
            office.deposit(MAIN, asset, amount)
    for asset, amount in more.items():
        found[0].deposit(MAIN, AssetID(asset), amount)
    return found


@pytest.mark.holds("I13")
def test_what_lies_at_the_exchanges_is_what_was_earned() -> None:
    check_balances(START, offices(), Decimal(0))
    check_balances(START, offices(USDT=CENT), Decimal("0.01"))
    check_balances(START, offices(USDT=-3 * CENT), Decimal("-0.03"))
    for earned in (CENT - 1, CENT + 1):
        with pytest.raises(Wrong, match=r"a profit of 0\.01"):
            check_balances(START, offices(USDT=earned), Decimal("0.01"))


def test_who_is_flat_holds_no_more_of_anything_than_before() -> None:
    with pytest.raises(Wrong, match="OKX holds 1 atoms of BTC more"):
        check_balances(START, offices(BTC=1), Decimal(0))
    with pytest.raises(Wrong, match="OKX holds 5 atoms of DOGE more"):
        check_balances(START, offices(DOGE=5), Decimal(0))


@pytest.mark.parametrize(
    ("held", "most", "qty"),
    [
        ("1", "2", "1"),
        ("2", "2", "2"),
        ("2", "0.777777", "0.77777"),
        ("2", "1.9995", "1"),  # so that what is left is not too small
        ("2", "0.0009", "0"),
        ("0.00001", "0.0009", "0.00001"),
    ],
)
def test_it_is_sold_in_parts_that_can_be_sold(held: str, most: str, qty: str) -> None:
    sold = part_of(Decimal(held), Decimal(most))
    left = Decimal(held) - sold
    assert sold == Decimal(qty)
    assert not left or left > SMALLEST
