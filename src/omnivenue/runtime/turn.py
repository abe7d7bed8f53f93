"""Time, event and market in; an entry out. The same in every mode: read this after `step`."""

from dataclasses import dataclass

from omnivenue.engine import DECISION_VERSION, State, step
from omnivenue.journal import Journal, files
from omnivenue.message import SCHEMA_VERSION, Entry, Event, Opened, StatusReport
from omnivenue.model import Nanos
from omnivenue.runtime.archive import Archive
from omnivenue.runtime.books import Books
from omnivenue.runtime.news import news
from omnivenue.runtime.recall import recalls
from omnivenue.runtime.seen import Recorder


@dataclass(frozen=True, slots=True)
class Core:
    state: State
    journal: Journal
    books: Books


def turn(core: Core, at: Nanos, principal: str, event: Event) -> Entry:
    """Decide, and write down. What was decided may be done once the journal has committed it."""
    state, seen = core.state, Recorder(core.books, at)
    commands = step(state, at, event, seen)
    filed = files(state) if state.leaving else ()
    entry = core.journal.append(at, principal, event, tuple(seen.asked), tuple(commands), filed)
    assert entry.seq == state.seq - 1
    return entry


def heard(core: Core, event: Event) -> Event:
    """What of `event` is to be decided upon: of an answer its news."""
    if type(event) is StatusReport:
        return news(core.state, Archive(core.journal), event)
    return event


def turns(core: Core, at: Nanos, principal: str, event: Event) -> list[Entry]:
    """The event's entry is the last one. Before it comes back, out of the archive, what has left
    State and is concerned."""
    event = heard(core, event)
    back = recalls(core.state, core.journal, event)
    entries = [turn(core, at, "archive", recalled) for recalled in back] if back else []
    entries.append(turn(core, at, principal, event))
    return entries


def recover(state: State, journal: Journal, books: Books, at: Nanos, config_hash: str) -> Core:
    """Say that we are back. `state` is the fold of all that the journal holds; a first start is a
    recovery from nothing."""
    core = Core(state, journal, books)
    opened = Opened(
        mode=journal.mode,
        schema_version=SCHEMA_VERSION,
        decision_version=DECISION_VERSION,
        config_hash=config_hash,
    )
    turn(core, Nanos(max(at, journal.last_at)), "runtime", opened)
    durables = journal.commit()
    assert not durables, "nothing is decided before the venues have been asked"
    return core
