"""Coming back: whatever time has passed meanwhile, a start has a state to go on from."""

import gc
from contextlib import suppress

import pytest

from journals import written
from omnivenue.engine.evict import KEEP, TIMER_ID
from omnivenue.journal import Broken, MemoryJournal
from omnivenue.journal import recover as folded
from omnivenue.model import Nanos
from omnivenue.runtime import Books, recover


@pytest.mark.holds("I5")
@pytest.mark.parametrize("after", [0, KEEP - 1, KEEP, 100 * KEEP])
def test_a_start_after_whatever_time_goes_on(after: int) -> None:
    """What is over leaves State a minute later; a start decides nothing of it by itself."""
    journal = MemoryJournal("paper")
    desk = written([0, 3, 8], journal)
    assert desk.state.retiring
    lines = list(journal.lines())
    again = MemoryJournal("paper", lines)
    at = Nanos(desk.at + after)
    core = recover(folded(again), again, Books(), at, "")
    assert core.state.seq == len(lines)
    assert TIMER_ID not in core.state.timers


@pytest.mark.parametrize("is_whole", [True, False])
def test_garbage_is_collected_again_after_a_start_however_it_went(*, is_whole: bool) -> None:
    journal = MemoryJournal("paper")
    written([0, 3], journal)
    lines = list(journal.lines())
    with suppress(Broken):
        folded(MemoryJournal("paper", lines if is_whole else lines[:-2] + lines[-1:]))
    assert gc.isenabled()
