"""Whatever is traded, cost and realised profit add up to what was paid and received."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivatives import CONTRACTS
from omnivenue.ledger import LONG, SHORT, Leg, Position
from omnivenue.model import Instrument, Lots, Side, Ticks
from scene import AT_A, AT_F

type Trade = tuple[int, int]

QTYS = st.integers(-(10**30), 10**30).filter(bool)
TRADES = st.lists(st.tuples(QTYS, st.integers(-(10**40), 10**40)), max_size=30)
AT_MARKET = st.tuples(
    st.sampled_from(Side), st.integers(1, 10**6).map(Lots), st.integers(1, 10**9).map(Ticks)
)

pytestmark = pytest.mark.holds("I13")


@given(TRADES)
def test_cost_less_realised_is_what_was_paid_less_what_was_received(trades: list[Trade]) -> None:
    position, qty, paid = Leg(), 0, 0
    for traded, amount in trades:
        before = position.realized
        realized = position.trade(traded, amount)
        qty, paid = qty + traded, paid + amount
        assert position.realized == before + realized
        assert position.qty == qty
        assert position.cost - position.realized == paid
        assert qty or not position.cost


@given(
    st.sampled_from((AT_A, AT_F, *CONTRACTS)),
    st.lists(AT_MARKET, max_size=30),
)
def test_what_is_held_has_the_sign_of_what_opened_it(
    instrument: Instrument, trades: list[tuple[Side, Lots, Ticks]]
) -> None:
    """At real prices, of every kind of contract: a long one cost something, or, inverse, gave."""
    position, paid = Leg(), 0
    for side, lots, px in trades:
        atoms = instrument.atoms(lots)
        amount = instrument.paid_ceil(side, atoms, instrument.px(px))
        position.trade(side.sign * atoms, amount)
        paid += amount
        opened = instrument.paid_ceil(Side.BUY, instrument.atoms(Lots(10**9)), 10**8)
        assert position.cost * position.qty * opened >= 0
        assert position.cost - position.realized == paid


@given(st.lists(st.tuples(st.sampled_from((LONG, SHORT)), QTYS, st.integers(-99, 99))))
def test_a_position_is_the_sum_of_its_legs(trades: list[tuple[str, int, int]]) -> None:
    position, alone = Position(), {LONG: Leg(), SHORT: Leg()}
    for name, qty, paid in trades:
        assert position.trade_leg(name, qty, paid) == alone[name].trade(qty, paid)
        legs = list(alone.values())
        assert position.legs.items() <= alone.items()
        assert position.qty == sum(leg.qty for leg in legs)
        assert position.cost == sum(leg.cost for leg in legs)
        assert position.realized == sum(leg.realized for leg in legs)


@pytest.mark.holds("T21")
@given(TRADES, st.data())
def test_busts_give_all_quantity_and_all_money_back(
    trades: list[Trade], data: st.DataObject
) -> None:
    """In whatever order they come, and whatever was traded in between."""
    position = Leg()
    is_busted = [data.draw(st.booleans()) for _ in trades]
    left = [trade for trade, busted in zip(trades, is_busted, strict=True) if not busted]
    told = trades + [(-q, -p) for (q, p), busted in zip(trades, is_busted, strict=True) if busted]
    for qty, paid in data.draw(st.permutations(told)):
        position.trade(qty, paid)
    assert position.qty == sum(qty for qty, _ in left)
    paid = sum(paid for _, paid in left)
    assert position.cost - position.realized == paid
    if position.qty == 0:
        assert position.realized == -paid


@given(TRADES.filter(bool))
def test_closing_all_at_cost_realises_nothing(trades: list[Trade]) -> None:
    position = Leg()
    for qty, paid in trades:
        position.trade(qty, paid)
    if position.qty:
        assert position.trade(-position.qty, -position.cost) == 0
        assert (position.qty, position.cost) == (0, 0)
