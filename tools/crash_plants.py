"""Bugs that the campaign must find, planted into the server that it kills: a harness that finds
nothing proves something only if it would have found these."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from omnivenue.engine import follow
from omnivenue.journal import SqliteJournal
from omnivenue.journal.journal import Row
from omnivenue.message import QueryOrders, ReplaceOrder, VenueCommand
from omnivenue.model import ClOrdID, Lots, Nanos, VenueID
from omnivenue.runtime import LiveLoop
from omnivenue.venue.sim import SimVenue

HELD_BACK = 40  # entries: a tenth of a second or so under load


def _acknowledge_before_commit() -> None:
    """Entries lie in memory until there are enough of them; everybody is told that they are safe,
    and what they decided is sent."""
    write: Callable[[SqliteJournal, list[Row]], None] = getattr(SqliteJournal, "_write")  # noqa: B009
    close = SqliteJournal.close
    held: list[Row] = []

    def later(self: SqliteJournal, rows: list[Row]) -> None:
        held.extend(rows)
        if len(held) >= HELD_BACK:
            write(self, held)
            held.clear()

    def closed(self: SqliteJournal) -> None:
        write(self, held)
        held.clear()
        close(self)

    setattr(SqliteJournal, "_write", later)  # noqa: B010
    SqliteJournal.close = closed


def _send_again() -> None:
    """After a restart, whatever was open is sent once more, under an id that its venue has never
    seen: as if no answer meant that nothing had arrived."""
    loops: list[LiveLoop] = []
    asked: set[VenueID] = set()
    make: Callable[..., None] = LiveLoop.__init__
    send = SimVenue.send

    def made(self: LiveLoop, *given: Any) -> None:
        make(self, *given)
        loops.append(self)

    def sent(self: SimVenue, command: VenueCommand) -> None:
        send(self, command)
        if isinstance(command, QueryOrders) and command.venue_id not in asked:
            asked.add(command.venue_id)
            for cl_ord_id in command.cl_ord_ids:
                new = loops[0].state.orders[cl_ord_id].new
                again, late = ClOrdID(f"{cl_ord_id}-2"), Nanos(9 * 10**18)
                send(self, replace(new, cl_ord_id=again, expires_at=late))

    setattr(LiveLoop, "__init__", made)  # noqa: B010
    SimVenue.send = sent


def _leave_the_group() -> None:
    """One of a group trades, and the others work on."""

    def nothing(*_: object) -> None:
        return None

    setattr(follow, "_cancel_others", nothing)  # noqa: B010


def _replace_on_other_terms() -> None:
    """What is sent is not what was written down."""
    send = SimVenue.send

    def sent(self: SimVenue, command: VenueCommand) -> None:
        if isinstance(command, ReplaceOrder):
            command = replace(command, qty=Lots(command.qty + 1))
        send(self, command)

    SimVenue.send = sent


PLANTS: dict[str, Callable[[], None]] = {
    "acknowledge before commit": _acknowledge_before_commit,
    "send again under a new id": _send_again,
    "leave the group": _leave_the_group,
    "replace on other terms": _replace_on_other_terms,
}


def plant(name: str) -> None:
    PLANTS[name]()
