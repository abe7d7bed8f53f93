"""Where orders are that have left State: beside the entries, written in the commit of the entry
that let them go, and found by every name that something may still call them.

It repeats what the entries say, so nothing is lost with it but time; and what is brought back from
it becomes part of an entry, so replay needs no archive.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from heapq import nsmallest
from typing import NamedTuple

import msgspec

from omnivenue.engine import Archived, State, decode_archived
from omnivenue.model import ClOrdID, InstructionID, OrderID

type Place = tuple[int, OrderID]
"""Of an order among all: the entry that brought it, and its id, for one entry may bring several."""


class Filed(NamedTuple):
    order_id: OrderID  # of the family's first; of a request, its key
    seq: int  # of the entry that brought it
    evicted_by: int  # the entry that let it go
    content: bytes
    names: tuple[str, ...] = ()  # all that it may be asked for by
    places: tuple[Place, ...] = ()  # of all its orders; a request has none

    @property
    def digest(self) -> bytes:
        return sha256(self.content).digest()

    def is_as(self, other: "Filed") -> bool:
        """Says the same, names and places aside. An older program has written it otherwise."""
        if self[:3] != other[:3]:
            return False
        if self.content == other.content:
            return True
        try:
            return decode_archived(self.content) == decode_archived(other.content)
        except msgspec.DecodeError:
            return False


class Placed(NamedTuple):
    """An order that has ever left State, and by which number its family was filed last."""

    seq: int
    order_id: OrderID
    number: int

    @property
    def place(self) -> Place:
        return self.seq, self.order_id


def by_order(order_id: OrderID | InstructionID) -> str:
    """A client may give its order a venue order's id for a key: so the two are kept apart."""
    return f"o:{order_id}"


def by_client_id(cl_ord_id: ClOrdID) -> str:
    return f"c:{cl_ord_id}"


def files(state: State) -> list[Filed]:
    """Of what has just left."""
    found = zip(left(state), state.leaving.values(), strict=True)
    return [
        filed._replace(names=_names(filed.order_id, archived), places=places(archived))
        for filed, archived in found
    ]


def left(state: State) -> Iterator[Filed]:
    """The same without names and places, as it stands in the archive."""
    for order_id, archived in state.leaving.items():
        first = archived.request or archived.composites.get(order_id) or archived.parents[order_id]
        yield Filed(order_id, first.seq, state.seq - 1, archived.encoded())


def places(archived: Archived) -> tuple[Place, ...]:
    orders = archived.parents | archived.composites
    return tuple((each.seq, order_id) for order_id, each in orders.items())


def _names(order_id: OrderID, archived: Archived) -> tuple[str, ...]:
    names = [by_order(order_id)] if archived.request else [by_order(i) for i in archived.parents]
    names += [by_client_id(i) for i in archived.orders]
    names += [by_order(i) for i in archived.composites]
    return tuple(names)


class Shelf(dict[str, Filed]):
    """An archive in memory, by name. It outlives the journal that writes it, as a disk does."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Filed] = []  # by their numbers
        self._numbers: dict[Place, int] = {}

    def file(self, filed: Iterable[Filed]) -> None:
        for each in filed:
            self.update(dict.fromkeys(each.names, each))
            self._numbers |= dict.fromkeys(each.places, len(self.all))
            self.all.append(each)

    def placed(self, after: Place, most: int) -> list[Placed]:
        found = (Placed(*place, n) for place, n in self._numbers.items() if place > after)
        return nsmallest(most, found)
