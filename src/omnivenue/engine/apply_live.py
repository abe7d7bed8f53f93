"""The indexes of orders that are not over: which there are, what reduces, and what is one of a
group."""

from omnivenue.engine.apply_exposure import opened
from omnivenue.engine.state import State
from omnivenue.model import OrderID
from omnivenue.oms import Parent


def go_live(state: State, order_id: OrderID, parent: Parent) -> None:
    order = parent.order
    if order_id not in state.live:
        opened(state, order, 1)
        state.live[order_id] = None
    if order.reduce_only:
        state.reducing.setdefault(order.instrument_id, {})[order_id] = None
    if order.oco is not None:
        state.oco.setdefault(oco_key(parent), {})[order_id] = None


def go(state: State, order_id: OrderID, parent: Parent) -> None:
    order = parent.order
    if order_id in state.live:
        del state.live[order_id]
        opened(state, order, -1)
    if order.reduce_only:
        reducing = state.reducing.get(order.instrument_id, {})
        reducing.pop(order_id, None)
        if not reducing:
            state.reducing.pop(order.instrument_id, None)
    if order.oco is not None:
        group = state.oco.get(oco_key(parent), {})
        group.pop(order_id, None)
        if not group:
            state.oco.pop(oco_key(parent), None)


def oco_key(parent: Parent) -> str:
    """Orders of one strategy and account share their names."""
    order = parent.order
    return f"{order.account}/{order.strategy_id}/{order.oco}"
