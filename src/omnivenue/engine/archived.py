"""What leaves State together, and comes back together: a bracket's entry and its exits, since each
is looked at when the other changes; any other order alone; a request alone."""

from itertools import batched, chain, groupby
from typing import Any, cast

import msgspec

from omnivenue.message import encode
from omnivenue.model import ClOrdID, InstructionID, OrderID
from omnivenue.oms import Composite, Order, Parent, Rare, Request


class Archived(msgspec.Struct, kw_only=True, omit_defaults=True):
    parents: dict[OrderID, Parent] = {}
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
    except UnicodeDecodeError as exc:
        raise msgspec.DecodeError(f"no text: {exc}") from exc
    except msgspec.ValidationError as exc:
        try:
            return msgspec.convert(_renewed(msgspec.json.decode(content)), Archived)
        except (AttributeError, LookupError, TypeError, ValueError):  # it is no older one either
            raise exc from None


def _renewed(archived: Any) -> Any:
    """What was archived while each fact of an order had a field of its own."""
    parents, orders = archived.get("parents", {}), archived.get("orders", {})
    return archived | {
        "parents": {key: _parent(parents[key]) for key in parents},
        "orders": {key: _order(orders[key]) for key in orders},
    }


def _parent(older: Any) -> Any:
    """Its timeline was a list of moments, and before that a list of lists; `open` was a map."""
    kept = {key: older[key] for key in older if key in Parent.__struct_fields__}
    flat: list[Any] = older["timeline"]
    if isinstance(flat[0], list):
        flat = list(chain.from_iterable(flat))
    entries = groupby(batched(flat, 3), key=lambda moment: moment[:2])
    told = [
        each
        for (seq, at), moments in entries
        for each in (seq, at, " ".join(what for *_, what in moments))
    ]
    return kept | {"open": list(older["open"]), "told": told}


def _order(older: Any) -> Any:
    kept = {key: older[key] for key in older if key in Order.__struct_fields__}
    rare = {key: older[key] for key in older if key in Rare.__struct_fields__}
    fills = [older["fills"][key] | {"exec_id": key} for key in sorted(older["fills"])]
    last_at, last_qty = older["last_word"]
    return kept | {"fills": fills, "last_at": last_at, "last_qty": last_qty, "rare": rare}
