"""All orders there have ever been, one after another: those in State, and those that have left it.

They have one place each, wherever they are. What is taken at a time is of one moment, so an order
stands in State, or in the archive, or in both because it has come back, and never in neither: one
that leaves or comes back between two pieces, or between two pages, is met once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

from omnivenue.api.order_index import place_of
from omnivenue.api.site import Site
from omnivenue.api.whole import Whole, found_in, whole, whole_of
from omnivenue.engine import Archived
from omnivenue.journal import Place
from omnivenue.model import OrderID
from omnivenue.oms import Composite, Parent

AT_ONCE = 64
"""In the price of an order in State; then whatever else the loop has to do comes first. A page of a
thousand takes longer than an order or a stop may wait."""

PRICE_IN_ARCHIVE = 2
"""Of each order that is read from there, a look-up on the disk."""

PRICE_MAX = 2_000
"""Of what is filed together: else the parts of one long algorithm would spend all that a call may,
and each would be a page by itself, for which all of them are read."""

KIN_MAX = 10_000
"""Orders whose family one call keeps at hand: what is filed together is read together, and some
algorithms have thousands of parts."""


class Walk:
    """One call's way through them: iterate, and let others come between two pieces. It ends with
    the last order there is, or where `most` is spent: then `is_cut`."""

    def __init__(
        self,
        site: Site,
        after: Place | None,
        most: int,
        *,
        is_again: bool = False,
        is_working: bool = False,
    ) -> None:
        """`is_again`: the order at that place itself comes first. `is_working`: only those that are
        not over, or have something open at a venue; none of these has left."""
        self._site = site
        self.last = after  # that was looked at
        self._left = most
        self._is_again = is_again
        self._working = _places(site.orders.working_after(after)) if is_working else None
        self._kin: dict[OrderID, Archived] = {}
        self.is_cut = False

    def __iter__(self) -> Iterator[list[Whole]]:
        if self._is_again and self.last is not None:
            found = self._site.records.order(self.last[1])
            if found is not None and place_of(found.parent) == self.last:
                yield [found]
        while ahead := self._ahead():
            if self._left <= 0:
                self.is_cut = True
                return
            yield self._piece(ahead)

    def _piece(self, ahead: dict[Place, int | None]) -> list[Whole]:
        until = max(0, self._left - AT_ONCE)
        piece: list[Whole] = []
        for place, number in ahead.items():
            if self._left <= until:
                break
            self.last = place
            found = self._look_up(place[1], number)
            if found is not None:
                piece.append(found)
        return piece

    def _ahead(self) -> dict[Place, int | None]:
        """The next places, in order, and the number in the archive of those not in State."""
        last = self.last
        if self._working is not None:
            first = 0 if last is None else bisect_right(self._working, last)
            return dict.fromkeys(self._working[first : first + AT_ONCE])
        gone = self._site.loop.archive.placed(last, AT_ONCE)
        until = gone[-1].place if len(gone) == AT_ONCE else None
        here = _places(islice(self._site.orders.after(last, until), AT_ONCE))
        both = {each.place: each.number for each in gone} | dict.fromkeys(here)
        return {place: both[place] for place in sorted(both)[:AT_ONCE]}

    def _look_up(self, order_id: OrderID, number: int | None) -> Whole | None:
        """None: it was working, and has left since."""
        if number is None:
            self._left -= 1
            state = self._site.state
            found = found_in(state, order_id)
            return None if found is None else whole(state, found)
        family = self._kin.get(order_id)
        if family is not None:
            self._left -= 1
        else:
            family = self._site.loop.archive.family(number)
            self._keep(family)
        return whole_of(family, order_id)

    def _keep(self, family: Archived) -> None:
        members = [*family.parents, *family.composites]
        self._left -= min(PRICE_IN_ARCHIVE * len(members), PRICE_MAX)
        if len(members) > 1:
            if len(self._kin) > KIN_MAX:
                self._kin.clear()
            self._kin |= dict.fromkeys(members, family)


def _places(found: Iterable[Parent | Composite]) -> list[Place]:
    return [place_of(each) for each in found]
