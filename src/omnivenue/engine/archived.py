"""What leaves State together, and comes back together: a bracket's entry and its exits, since each
is looked at when the other changes; any other order alone; a request alone."""

from typing import cast

import msgspec

from omnivenue.message import encode
from omnivenue.model import ClOrdID, InstructionID, OrderID
from omnivenue.oms import Composite, Order, Parent, Request


class Archived(msgspec.Struct, kw_only=True, omit_defaults=True):
    parents: dict[OrderID, Parent] = msgspec.field(default_factory=dict[OrderID, Parent])
    composites: dict[OrderID, Composite] = msgspec.field(default_factory=dict[OrderID, Composite])
    orders: dict[ClOrdID, Order] = msgspec.field(default_factory=dict[ClOrdID, Order])
    request: Request | None = None

    def found(self, key: InstructionID) -> Parent | Composite | Request | None:
        """What was made of the instruction with this key."""
        order_id = cast(OrderID, key)
        return self.parents.get(order_id) or self.composites.get(order_id) or self.request

    def encoded(self) -> bytes:
        return encode(self)


def decode_archived(content: bytes | str) -> Archived:
    """The inverse of `encoded`. Raises msgspec.DecodeError."""
    return msgspec.json.decode(content, type=Archived)
