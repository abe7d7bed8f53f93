"""Where instructions come in, from whatever face. One key is one instruction, for ever.

What syntax, instrument table and ids decide was decided before this (`wire`), and costs nothing.
Here a key that has its answer gets the same answer again, and what is new goes to the inbox.
"""

from enum import Enum

import msgspec

from omnivenue.engine import State
from omnivenue.journal import JournalFailed
from omnivenue.message import (
    CancelInstructed,
    Instruction,
    OrderInstructed,
    PauseInstructed,
    Reason,
    ReplaceInstructed,
)
from omnivenue.model import InstructionID, OrderID
from omnivenue.oms import Composite, Parent, Request
from omnivenue.runtime.live import InboxFull, LiveLoop


class Verdict(Enum):
    ACCEPTED = "accepted"
    REPEATED = "repeated"  # accepted before, under the same key and body
    REFUSED = "refused"  # by risk or state, now or before: journaled
    REUSED = "reused"  # the key has another body
    IN_FLIGHT = "in_flight"  # the same key is being decided upon
    NO_SUCH_ORDER = "no_such_order"
    NO_SPACE = "no_space"
    FULL = "full"
    STOPPING = "stopping"
    OUTCOME_UNKNOWN = "outcome_unknown"  # the journal failed while it was being written


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    verdict: Verdict
    instruction_id: InstructionID
    order_id: OrderID | None = None
    seq: int | None = None  # of the entry that holds the instruction
    reasons: tuple[Reason, ...] = ()


class Door:
    def __init__(self, loop: LiveLoop) -> None:
        self._loop = loop
        self._in_flight: set[InstructionID] = set()
        self.is_stopping = False

    def answered(self, key: InstructionID, body_hash: str) -> Outcome | None:
        """What a key that is in use gets, or None where it is new. To be asked before names and
        numbers are judged: an instrument may have changed since, and the answer has not."""
        if self._loop.has_ended:  # what State knows now may not be durable: it is no answer
            return Outcome(verdict=Verdict.OUTCOME_UNKNOWN, instruction_id=key)
        if before := answer_to(self._loop.state, key, body_hash):
            return before
        if key in self._in_flight:
            return Outcome(verdict=Verdict.IN_FLIGHT, instruction_id=key)
        archived = self._loop.archive.order(OrderID(key))
        found = None if archived is None else archived.found(key)
        return None if found is None else _answer(found, key, body_hash)

    async def instruct(self, principal: str, event: Instruction) -> Outcome:
        """The outcome, once it is durable."""
        key = event.instruction_id
        if answered := self.answered(key, event.body_hash):
            return answered
        if verdict := self._shut(event):
            return Outcome(verdict=verdict, instruction_id=key)
        self._in_flight.add(key)
        try:
            await self._loop.submit(principal, event)
        except InboxFull:
            return Outcome(verdict=Verdict.FULL, instruction_id=key)
        except JournalFailed:
            return Outcome(verdict=Verdict.OUTCOME_UNKNOWN, instruction_id=key)
        finally:
            self._in_flight.discard(key)
        answered = known(self._loop.state, event)
        assert answered is not None
        if answered.verdict is Verdict.REPEATED:
            return msgspec.structs.replace(answered, verdict=Verdict.ACCEPTED)
        return answered

    def _shut(self, event: Instruction) -> Verdict | None:
        if self.is_stopping:
            return Verdict.STOPPING
        if isinstance(event, CancelInstructed | ReplaceInstructed | PauseInstructed):
            state, order_id = self._loop.state, event.order_id
            is_there = order_id in state.parents or order_id in state.composites
            if not is_there and not self._loop.archive.order(order_id):
                return Verdict.NO_SUCH_ORDER
        is_new = isinstance(event, OrderInstructed | ReplaceInstructed)
        if is_new and not self._loop.has_space():
            return Verdict.NO_SPACE  # cancels go on, from what is left
        return None


def known(state: State, event: Instruction) -> Outcome | None:
    """The answer that this instruction's key has, or None where it is new."""
    return answer_to(state, event.instruction_id, event.body_hash)


def answer_to(state: State, key: InstructionID, body_hash: str) -> Outcome | None:
    """Asks for no more than key and hash: what else an instruction says may not be listed now."""
    order_id = OrderID(key)
    found: Parent | Composite | Request | None = (
        state.parents.get(order_id) or state.composites.get(order_id) or state.requests.get(key)
    )
    return None if found is None else _answer(found, key, body_hash)


def _answer(found: Parent | Composite | Request, key: InstructionID, body_hash: str) -> Outcome:
    if isinstance(found, Request):
        before, about = found.instruction, None
        if isinstance(before, CancelInstructed | ReplaceInstructed | PauseInstructed):
            about = before.order_id
    else:
        before, about = found.order, OrderID(key)
    if before.body_hash != body_hash:
        return Outcome(verdict=Verdict.REUSED, instruction_id=key)
    return Outcome(
        verdict=Verdict.REFUSED if found.reasons else Verdict.REPEATED,
        instruction_id=key,
        order_id=about,
        seq=found.seq,
        reasons=found.reasons,
    )
