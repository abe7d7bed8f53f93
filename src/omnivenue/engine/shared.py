"""What is equal is one thing again after decoding, where a name or a number comes with every order:
else one that went through a snapshot takes twice the memory of one that did not.
"""

import msgspec
from msgspec.structs import force_setattr

from omnivenue.model import ClOrdID, OrderID
from omnivenue.oms import Order, Parent

_OF_PARENT = ("qty", "limit_px", "hold_px", "filled", "updated_at")
_OF_INSTRUCTION = ("instruction_id", "account", "strategy_id", "instrument_id", "qty", "limit_px")
_OF_ORDER = ("asked_at", "hold_px", "lives_at", "last_at")
_OF_NEW = (
    *("cl_ord_id", "parent_id", "account", "venue_id", "instrument_id", "strategy_id"),
    "limit_px",
)
_OF_FILL = ("px", "fee_asset", "at")


class Shared:
    """Only of names and numbers: what is changed in place must not be."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def __call__[T: int | str](self, value: T) -> T:
        return self._known.setdefault(value, value)  # type: ignore[return-value]

    def all[T: int | str](self, values: list[T]) -> None:
        values[:] = map(self, values)

    def keys(self, *maps: dict[OrderID, Parent] | dict[ClOrdID, Order]) -> None:
        """Comes first, for nobody can put another key in place of one."""
        for each in maps:
            for key in each:
                self(key)

    def parents(self, parents: dict[OrderID, Parent]) -> None:
        for parent in parents.values():
            self._fields(parent.order, _OF_INSTRUCTION)
            self._fields(parent, _OF_PARENT)
            self.all(parent.told)
            parent.children = tuple(map(self, parent.children))
            parent.pack()

    def orders(self, orders: dict[ClOrdID, Order]) -> None:
        for order in orders.values():
            self._fields(order.new, _OF_NEW)
            self._fields(order, _OF_ORDER)
            for fill in order.fills:
                self._fields(fill, _OF_FILL)

    def _fields(self, of: msgspec.Struct, names: tuple[str, ...]) -> None:
        for name in names:
            value = getattr(of, name)
            force_setattr(of, name, self._known.setdefault(value, value))
