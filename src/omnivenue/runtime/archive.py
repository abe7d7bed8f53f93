"""What has left State, as it was when it last did. Each is a look-up on the disk."""

from omnivenue.engine import Archived, decode_archived
from omnivenue.journal import Filed, Journal, Place, Placed, by_client_id, by_order
from omnivenue.model import ClOrdID, OrderID
from omnivenue.oms import Order


class Archive:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def order(self, order_id: OrderID) -> Archived | None:
        """An order or a request."""
        return _decoded(self._journal.archived(by_order(order_id)))

    def child(self, cl_ord_id: ClOrdID) -> Order | None:
        """A venue order."""
        found = _decoded(self._journal.archived(by_client_id(cl_ord_id)))
        return None if found is None else found.orders.get(cl_ord_id)

    def parent(self, cl_ord_id: ClOrdID) -> OrderID | None:
        """Whose child it was."""
        child = self.child(cl_ord_id)
        return None if child is None else child.new.parent_id

    def placed(self, after: Place | None, most: int) -> list[Placed]:
        """The first orders that come after a place. Some may have come back."""
        return self._journal.placed(after, most)

    def family(self, number: int) -> Archived:
        """By the number that goes with a place."""
        return decode_archived(self._journal.filed(number).content)


def _decoded(filed: Filed | None) -> Archived | None:
    return None if filed is None else decode_archived(filed.content)
