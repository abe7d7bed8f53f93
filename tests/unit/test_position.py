"""One position, as a table: each trade, what it realises, and what is held at what cost after."""

from omnivenue.ledger import Position
from scene import BUY, SELL


def check(table: str) -> None:
    """Rows are `side atoms for amount -> realised by it; qty, cost, realized after it`."""
    position = Position()
    for row in table.strip().splitlines():
        trade, want = row.split("->")
        side, atoms, _, amount = trade.split()
        got = position.trade(BUY if side == "buy" else SELL, int(atoms), int(amount))
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
