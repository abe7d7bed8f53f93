"""When messages of a recording came, also where the recorder's clock says what cannot be.

A recording runs by the times at which its messages were received. Between most of them little time
passes. Where it is much, or less than none, either nothing came for so long, or that clock was
wrong: for a message, or from there on. So such a message waits for the next one, which shows
whether the clock does stand there; and how long the market took meanwhile, the exchange's clock has
to confirm: a pause is one by both. So a wrong time, however far off, moves no message but its own.
"""

import msgspec

from omnivenue.model import SECOND, Nanos
from omnivenue.venue.cefi.binance import DepthUpdate, Message, Received, Snapshot, Trade

PAUSE = Nanos(5 * SECOND)
"""What lies further apart is asked about. Also by how much two clocks may differ in what they say
of a pause: a recorder that is held up writes what came meanwhile late, and all at once."""

OUT_OF_ORDER = Nanos(SECOND)
"""A recorder's connections write past one another: less than this is no step back of its clock."""


class Timed(msgspec.Struct, frozen=True, gc=False):
    """A message at its place in time. `has_jumped`: the time that it came with was not believed."""

    after: Nanos  # since the first message, never less than before
    message: Message
    has_jumped: bool = False


class ReceiveTimes:
    """Goes through a recording's messages in their order; holds one at most."""

    def __init__(self) -> None:
        self._after = 0
        self._at: int | None = None  # the latest time that is believed
        self._ahead: int | None = None  # the recorder's clock of the exchange's, when last known
        self._held: Received | None = None

    def take(self, received: Received) -> list[Timed]:
        """What is certain now, in order. Tops of the book are not among it: nobody waits for one to
        know what time it is."""
        if not isinstance(received.message, Snapshot | DepthUpdate | Trade):
            return []
        before = [] if self._held is None else [self._let_go(self._held, received)]
        since = received.at if self._at is None else self._at
        passed = received.at - since
        if -OUT_OF_ORDER <= passed <= PAUSE:
            return [*before, self._believed(received, max(0, passed), max(since, received.at))]
        self._held = received
        return before

    def end(self) -> list[Timed]:
        """There is no next message, or none that can be read."""
        return [] if self._held is None else [self._let_go(self._held, None)]

    def _let_go(self, held: Received, then: Received | None) -> Timed:
        assert self._at is not None
        self._held = None
        passed, theirs = held.at - self._at, self._by_exchange(held, then or held, self._at)
        is_pause = passed > 0 and abs(passed - theirs) <= PAUSE
        if then is None:  # how long it was does not matter any more
            return Timed(Nanos(self._after), held.message, has_jumped=not is_pause)
        if not _stands(self._at, held.at, then.at, is_pause=is_pause):
            return Timed(Nanos(self._after), held.message, has_jumped=True)
        if is_pause:
            return self._believed(held, passed, held.at)
        lasted = max(0, min(theirs, passed if passed > 0 else PAUSE))
        return msgspec.structs.replace(self._believed(held, lasted, held.at), has_jumped=True)

    def _believed(self, received: Received, passed: int, at: int) -> Timed:
        self._after, self._at = self._after + passed, at
        if (told := _told_at(received)) is not None:
            self._ahead = received.at - told
        return Timed(Nanos(self._after), received.message)

    def _by_exchange(self, held: Received, then: Received, since: int) -> int:
        """What has passed by its clock: nothing, as far as it does not say."""
        told = _told_at(held) or _told_at(then)
        return 0 if told is None or self._ahead is None else told + self._ahead - since


def _told_at(received: Received) -> Nanos | None:
    message = received.message
    return message.at if isinstance(message, DepthUpdate | Trade) else None


def _stands(before: int, held: int, then: int, *, is_pause: bool) -> bool:
    """Does what comes then say that the clock stands where the held message has it? Not where it is
    back at what was before. What lies before both says nothing but of itself."""
    if held < before:
        return held - OUT_OF_ORDER <= then < before - OUT_OF_ORDER
    return then >= held - OUT_OF_ORDER or (is_pause and then < before - OUT_OF_ORDER)
