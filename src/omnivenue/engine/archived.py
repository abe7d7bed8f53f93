"""What leaves State together, and comes back together: a bracket's entry and its exits, since each
is looked at when the other changes; any other order alone; a request alone."""

from itertools import chain
from typing import Any, cast

import msgspec

from omnivenue.message import encode
from omnivenue.model import ClOrdID, InstructionID, OrderID
from omnivenue.oms import Composite, Order, Parent, Request


class Archived(msgspec.Struct, kw_only=True, omit_defaults=True):
    parents: dict[OrderID, Parent] = {}  # each has its own: msgspec makes it anew
    composites: dict[OrderID, Composite] = {}
    orders: dict[ClOrdID, Order] = {}
    request: Request | None = None

    def found(self, key: InstructionID) -> Parent | Composite | Request | None:
        """What was made of the instruction with this key."""
        order_id = cast(OrderID, key)
        return self.parents.get(order_id) or self.composites.get(order_id) or self.request

    def encoded(self) -> bytes:
        return encode(self)


def decode_archived(content: bytes | str) -> Archived:
    """The inverse of `encoded`. Raises msgspec.DecodeError."""
    try:
        return msgspec.json.decode(content, type=Archived)
    except msgspec.ValidationError:
        return msgspec.convert(_renewed(msgspec.json.decode(content)), Archived)


def _renewed(archived: Any) -> Any:
    """What was archived while a timeline was a list of moments, and `open` a map."""
    parents = archived.get("parents", {})
    return archived | {"parents": {key: _parent(parents[key]) for key in parents}}


def _parent(older: Any) -> Any:
    told = list(chain.from_iterable(older["timeline"]))
    return older | {"open": list(older["open"]), "timeline": told}
