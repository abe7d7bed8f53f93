"""Whatever is traded, cost and realised profit add up to what was paid and received."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.ledger import Position
from omnivenue.model import Side

TRADES = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(1, 10**30), st.integers(0, 10**40)), max_size=30
)

pytestmark = pytest.mark.holds("I13")


@given(TRADES)
def test_cost_less_realised_is_what_was_paid_less_what_was_received(
    trades: list[tuple[Side, int, int]],
) -> None:
    position, qty, paid = Position(), 0, 0
    for side, atoms, amount in trades:
        before = position.realized
        realized = position.trade(side, atoms, amount)
        qty += side.sign * atoms
        paid += side.sign * amount
        assert position.realized == before + realized
        assert position.qty == qty
        assert position.cost - position.realized == paid
        assert position.cost == 0 if qty == 0 else position.cost * qty >= 0


@pytest.mark.holds("T21")
@given(TRADES, st.data())
def test_busts_give_all_quantity_and_all_money_back(
    trades: list[tuple[Side, int, int]], data: st.DataObject
) -> None:
    """In whatever order they come, and whatever was traded in between."""
    position = Position()
    busted = [trade for trade in trades if data.draw(st.booleans())]
    left = [trade for trade in trades if trade not in busted]
    told = [(trade, 1) for trade in (*left, *busted)]
    told += [((side.opposite, atoms, amount), -1) for side, atoms, amount in busted]
    for (side, atoms, amount), _ in data.draw(st.permutations(told)):
        position.trade(side, atoms, amount)
    assert position.qty == sum(side.sign * atoms for side, atoms, _ in left)
    paid = sum(side.sign * amount for side, _, amount in left)
    assert position.cost - position.realized == paid
    if position.qty == 0:
        assert position.realized == -paid


@given(TRADES.filter(bool))
def test_closing_all_at_cost_realises_nothing(trades: list[tuple[Side, int, int]]) -> None:
    position = Position()
    for side, atoms, amount in trades:
        position.trade(side, atoms, amount)
    if position.qty:
        side = Side.SELL if position.qty > 0 else Side.BUY
        assert position.trade(side, abs(position.qty), abs(position.cost)) == 0
        assert (position.qty, position.cost) == (0, 0)
