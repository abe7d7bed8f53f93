"""The loops. The only part that waits."""

from omnivenue.runtime.alarms import Alarms
from omnivenue.runtime.archive import Archive
from omnivenue.runtime.books import Books
from omnivenue.runtime.clock import Clock
from omnivenue.runtime.door import Door, Outcome, Verdict, known
from omnivenue.runtime.garbage import spare
from omnivenue.runtime.gate import Fenced, Gate
from omnivenue.runtime.latch import Latch
from omnivenue.runtime.live import InboxFull, LiveLoop
from omnivenue.runtime.seen import Recorder
from omnivenue.runtime.turn import Core, recover, turn, turns
from omnivenue.runtime.watches import Watches

__all__ = [
    "Alarms",
    "Archive",
    "Books",
    "Clock",
    "Core",
    "Door",
    "Fenced",
    "Gate",
    "InboxFull",
    "Latch",
    "LiveLoop",
    "Outcome",
    "Recorder",
    "Verdict",
    "Watches",
    "known",
    "recover",
    "spare",
    "turn",
    "turns",
]
