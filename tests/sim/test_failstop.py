"""I4: a journal that fails ends the process before anything leaves, wherever it fails.

The commit that fails may have written or may not: nobody who hears of the failure can know. So the
client is told nothing, and asks again; the next process reads what is there.
"""

from collections.abc import Iterator

import pytest

from omnivenue.engine import State
from omnivenue.journal import Durable, JournalFailed, MemoryJournal, replay
from omnivenue.journal.journal import Row
from omnivenue.message import NewOrder
from omnivenue.model import SECOND
from omnivenue.oms import OrdStatus, status
from omnivenue.runtime import Books, turn
from omnivenue.runtime.turn import recover
from omnivenue.venue.sim.faults import Link
from omnivenue.venue.sim.record import Habits
from scene import CONFIGURED, DEPOSITS, LISTED, Desk, buy, sell
from sim.liar import Liar
from sim.loop import CheckedLoop

COMMITS = 14  # about as many as the story below has
pytestmark = pytest.mark.holds("I1", "I2", "I4", "T03")


class FailsOnce(MemoryJournal):
    """Fails at the commit that `countdown` comes to, with its lines written or not."""

    def __init__(self, lines: list[bytes], countdown: Iterator[int], *, is_written: bool) -> None:
        super().__init__("paper", lines)
        self._countdown = countdown
        self._is_written = is_written

    def _write(self, rows: list[Row]) -> None:
        if next(self._countdown) == 0:
            if self._is_written:
                super()._write(rows)
            raise OSError("no more")
        super()._write(rows)


class Counting(CheckedLoop):
    sent = 0

    def on_send(self, durable: Durable) -> None:
        super().on_send(durable)
        self.sent += isinstance(durable.command, NewOrder)


def story(fails_at: int, *, is_written: bool) -> Counting:
    """Two orders, asked for until they are answered, on a perfect network."""
    disk: list[bytes] = []
    countdown = iter(range(fails_at, -1_000_000, -1))
    venues = {i.venue_id: (Liar(1, (i,), Habits(), lies=0), Link(n)) for n, i in enumerate(LISTED)}
    for event in DEPOSITS:
        venues[event.venue_id][0].deposit(event.account, event.asset, event.amount)
    loop = Counting(1, lambda: FailsOnce(disk, countdown, is_written=is_written), venues)
    for second in range(4, 12):
        if not loop.core.state.deposits:  # the operator, too, tries until it is there
            for event in CONFIGURED:
                loop.push("operator", event)
        loop.run(until=second * SECOND)
    for second in range(12, 30):
        for event in (buy("i", 10), sell("j", 10)):
            loop.ask(event)
        loop.run(until=second * SECOND)
    return loop


@pytest.mark.parametrize("is_written", [True, False])
@pytest.mark.parametrize("fails_at", range(1, COMMITS))
def test_nothing_leaves_and_nothing_is_lost(fails_at: int, *, is_written: bool) -> None:
    loop = story(fails_at, is_written=is_written)
    assert loop.failed == 1
    assert loop.starts == 2
    loop.look()
    assert loop.sent <= len(loop.journal_checker.heard) == 2
    executed = [i for exchange, _ in loop.venues.values() for i in exchange.orders]
    assert len(executed) == loop.sent, "what was sent arrived, once"


def test_after_a_failure_nothing_is_appended_or_committed() -> None:
    journal = FailsOnce([], iter((1, 0, 0, 0)), is_written=True)
    core = recover(State(), journal, Books(), journal.last_at, config_hash="")
    turn(core, journal.last_at, "operator", CONFIGURED[0])
    for _ in range(2):
        with pytest.raises(JournalFailed):
            journal.commit()
        with pytest.raises(JournalFailed):
            turn(core, journal.last_at, "operator", CONFIGURED[1])


def test_an_order_of_a_commit_that_failed_and_is_there_was_never_sent_and_is_asked_about() -> None:
    desk = Desk()
    desk.tell(buy("i"))
    journal = MemoryJournal("paper", list(desk.journal.lines()))
    state = replay(State(), journal.lines())
    core = recover(state, journal, Books(), journal.last_at, config_hash="")
    (order,) = core.state.orders.values()
    assert status(order) is OrdStatus.UNKNOWN
    assert order.held > 0
