"""Instructions over HTTP: decoded by `wire`, decided behind the door, answered once durable.

The key comes first: a used one has its answer before its names and numbers are held against what is
listed now, since a grid that has changed makes nothing undone.

The answer to a key never changes: it says that the instruction was taken, and not what has become
of it since, which is a GET. So a client that repeats gets the same body, with 200 in place of 202.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, cast

from omnivenue.api.answer import RETRY, Answer, invalid_answer, refusal, refused, unavailable
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.api.status_words import ACCEPTED, RUNNING, SUBMITTED
from omnivenue.model import InstructionID, OrderID
from omnivenue.runtime import Outcome, Verdict
from omnivenue.wire import (
    AcceptedRow,
    AdjustmentForm,
    CancelForm,
    ErrorCode,
    Form,
    Invalid,
    OrderForm,
    PauseForm,
    ReplaceForm,
    ResumeForm,
    body_hash,
    invalid,
    parse,
    parse_adjustment,
    read_json,
    to_event,
)
from omnivenue.wire.fields import Fields

type Read = Form | Invalid


async def instruct(site: Site, call: Call) -> Answer:
    document = read_json(call.body)
    read = document if isinstance(document, Invalid) else parse(document, call.key)
    return await _taken(site, call.principal, read)


async def instruct_all(site: Site, call: Call) -> Answer:
    """Each by itself, in order: one that is refused keeps none of the others from being done."""
    documents = _batch(read_json(call.body))
    if isinstance(documents, Invalid):
        return invalid_answer(documents)
    answers: list[Answer] = []
    for group in _groups([parse(document, None) for document in documents]):
        tasks = [_taken(site, call.principal, read) for read in group]
        answers += await asyncio.gather(*tasks)
    results = [{"status": answer.status, "body": answer.document} for answer in answers]
    return Answer(207, {"results": results})


def cancel(site: Site, call: Call) -> Answer | Coroutine[None, None, Answer]:
    return _about(site, call, {"kind": "cancel", "order_id": call.param})


def replace(site: Site, call: Call) -> Answer | Coroutine[None, None, Answer]:
    """As the instruction of this kind. What the path says is not said again in the body."""
    body = read_json(call.body)
    if isinstance(body, Invalid):
        return invalid_answer(body)
    if not isinstance(body, dict):
        text = 'the body must be {"qty": "...", "price": "..."}, or one of the two'
        return invalid_answer(invalid([ErrorCode.WRONG_TYPE.because(text)]))
    members = Fields(cast("dict[str, Any]", body))
    members.only(("qty", "price", "id"))
    if members.wrong:
        return invalid_answer(invalid(members.wrong, call.key))
    return _about(site, call, {**body, "kind": "replace", "order_id": call.param})


async def adjust(site: Site, call: Call) -> Answer:
    """A person explains a difference: an instruction of its own, and of nobody but an admin."""
    document = read_json(call.body)
    read = document if isinstance(document, Invalid) else parse_adjustment(document, call.key)
    return await _taken(site, call.principal, read)


def _about(
    site: Site, call: Call, document: dict[str, Any]
) -> Answer | Coroutine[None, None, Answer]:
    """Of an order that is not there only that is said."""
    read = parse(document, call.key)
    if isinstance(read, Invalid) and site.records.order(OrderID(call.param)) is None:
        return refusal(ErrorCode.NOT_FOUND, "there is no such order")
    return _taken(site, call.principal, read)


def _batch(document: object) -> list[object] | Invalid:
    if isinstance(document, Invalid):
        return document
    members = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    found = members.get("instructions")
    if set(members) != {"instructions"} or not isinstance(found, list):
        text = 'the body must be {"instructions": [...]}, and nothing else'
        return invalid([ErrorCode.WRONG_TYPE.because(text)])
    return cast("list[object]", found)


def _groups(reads: Sequence[Read]) -> list[list[Read]]:
    """What may share a commit. A key that comes again, and a cancel or replace of an order of this
    batch, wait for what they are about."""
    groups: list[list[Read]] = [[]]
    keys: set[str] = set()
    for read in reads:
        if not isinstance(read, Invalid):
            is_about = isinstance(read, CancelForm | ReplaceForm | PauseForm | ResumeForm)
            about = read.order_id if is_about else read.id
            if about in keys or read.id in keys:
                groups.append([])
                keys = set()
            keys.add(read.id)
        groups[-1].append(read)
    return groups


async def _taken(site: Site, principal: str, read: Read) -> Answer:
    if isinstance(read, Invalid):
        return invalid_answer(read)
    if answered := site.door.answered(InstructionID(read.id), body_hash(read)):
        return _answer(site, read, answered)
    event = to_event(read, site.listings)
    if isinstance(event, Invalid):
        return invalid_answer(event)
    expected_seq = site.state.seq
    outcome = await site.door.instruct(principal, event)
    if outcome.seq is not None and outcome.seq >= expected_seq:  # else the answer of an older call
        _count(site, outcome)
    return _answer(site, read, outcome)


def _count(site: Site, outcome: Outcome) -> None:
    tally = site.tally
    if outcome.verdict is Verdict.ACCEPTED:
        tally.total_signals += 1
        tally.executed += site.loop.mode == "live"
        tally.paper_executed += site.loop.mode != "live"
    elif outcome.verdict is Verdict.REFUSED:
        tally.total_signals += 1
        tally.failed += 1


def _answer(site: Site, form: Form, outcome: Outcome) -> Answer:
    key = outcome.instruction_id
    match outcome.verdict:
        case Verdict.ACCEPTED | Verdict.REPEATED:
            assert outcome.seq is not None
            row = AcceptedRow(
                id=key,
                order_id=outcome.order_id,
                seq=outcome.seq,
                status=_STATUS.get(type(form), RUNNING),
                mode=site.loop.mode,
            )
            return Answer(202 if outcome.verdict is Verdict.ACCEPTED else 200, row)
        case Verdict.REFUSED:
            return refused(outcome.reasons, key)
        case Verdict.STOPPING:
            return unavailable("the server is stopping; nothing was done", key, is_unknown=False)
        case Verdict.OUTCOME_UNKNOWN:
            text = "the journal failed, so the outcome is unknown: ask again with the same key"
            return unavailable(text, key, is_unknown=True)
        case verdict:
            code, text = _REFUSALS[verdict]
            headers = (RETRY,) if code is ErrorCode.TOO_MANY else ()
            return refusal(code, text, key, headers)


_STATUS: dict[type[Form], str] = {OrderForm: SUBMITTED, AdjustmentForm: ACCEPTED}
"""Said with the answer; the others run until what they are about has been done."""

_REFUSALS = {
    Verdict.REUSED: (ErrorCode.KEY_REUSED, "this key was used before, with another body"),
    Verdict.IN_FLIGHT: (ErrorCode.IN_FLIGHT, "this key is being decided upon: wait, and repeat"),
    Verdict.NO_SUCH_ORDER: (ErrorCode.NOT_FOUND, "there is no such order"),
    Verdict.NO_SPACE: (ErrorCode.NO_SPACE, "the disk is nearly full: only cancels are taken"),
    Verdict.FULL: (ErrorCode.TOO_MANY, "too many instructions wait to be decided upon"),
}
