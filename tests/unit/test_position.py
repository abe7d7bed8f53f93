"""One position, as a table: each trade, what it realises, and what is held at what cost after."""

import pytest

from omnivenue.ledger import LONG, SHORT, Leg, Position, leg_of
from omnivenue.model import Side
from scene import BUY, SELL


def check(table: str, *, inverse: bool = False) -> None:
    """Rows are `side atoms for amount -> realised by it; qty, cost, realized after it`. Of an
    inverse contract a buyer receives the amount."""
    position = Leg()
    for row in table.strip().splitlines():
        trade, want = row.split("->")
        side, atoms, _, amount = trade.split()
        sign = 1 if side == "buy" else -1
        paid = -sign * int(amount) if inverse else sign * int(amount)
        got = position.trade(sign * int(atoms), paid)
        after = [got, position.qty, position.cost, position.realized]
        assert after == [int(word) for word in want.split()], row


def test_a_long_is_built_and_closed_at_average_cost() -> None:
    check("""
        buy  10 for 1000   ->    0    10   1000     0
        buy  10 for 1200   ->    0    20   2200     0
        sell  5 for  600   ->   50    15   1650    50
        sell 15 for 1500   -> -150     0      0  -100
    """)


def test_a_short_is_built_and_closed_at_average_cost() -> None:
    check("""
        sell 10 for 1000   ->    0   -10  -1000     0
        sell 10 for  800   ->    0   -20  -1800     0
        buy   5 for  400   ->   50   -15  -1350    50
        buy  15 for 1500   -> -150     0      0  -100
    """)


def test_a_trade_through_zero_closes_and_opens_at_its_price() -> None:
    check("""
        buy  10 for 1000   ->    0    10   1000     0
        sell 15 for 1800   ->  200    -5   -600   200
        buy   8 for  720   ->  150     3    270   350
    """)


def test_what_does_not_divide_stays_in_the_cost_until_the_last_of_it_leaves() -> None:
    check("""
        buy   3 for  100   ->    0     3    100     0
        sell  1 for   40   ->    7     2     67     7
        sell  1 for   40   ->    7     1     34    14
        sell  1 for   40   ->    6     0      0    20
    """)


def test_a_bust_gives_quantity_and_money_back() -> None:
    check("""
        buy  10 for 1000   ->    0    10   1000     0
        sell 10 for 1000   ->    0     0      0     0
    """)
    check("""
        buy  10 for 1000   ->    0    10   1000     0
        sell 10 for 1300   ->  300     0      0   300
        buy  10 for 1300   ->    0    10   1300   300
        sell 10 for 1000   -> -300     0      0     0
    """)


def test_an_inverse_long_receives_when_it_opens_and_owes_when_it_closes() -> None:
    check(
        """
        buy  100 for 200   ->    0   100   -200     0
        buy  100 for 100   ->    0   200   -300     0
        sell 100 for  90   ->   60   100   -150    60
        sell 150 for 120   ->   70   -50     40   130
        buy   50 for  25   ->  -15     0      0   115
        """,
        inverse=True,
    )


def test_the_legs_of_a_hedging_account_do_not_close_one_another() -> None:
    position = Position()
    assert position.trade_leg(LONG, 10, 1000) == 0
    assert position.trade_leg(SHORT, -4, -480) == 0
    assert (position.qty, position.cost, position.realized) == (6, 520, 0)
    assert position.trade_leg(LONG, -10, -1100) == 100
    assert position.legs == {LONG: Leg(0, 0, 100), SHORT: Leg(-4, -480, 0)}
    assert (position.qty, position.cost, position.realized) == (-4, -480, 100)


@pytest.mark.parametrize(
    ("side", "reduces", "want"),
    [(BUY, False, LONG), (SELL, False, SHORT), (BUY, True, SHORT), (SELL, True, LONG)],
)
def test_what_reduces_closes_the_opposite_leg(side: Side, reduces: bool, want: str) -> None:
    assert leg_of(side, reduces) == want
