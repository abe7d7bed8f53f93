"""What a client says over a WebSocket: strictly read, like the body of a call."""

from typing import Any, cast

import msgspec

from omnivenue.api.stream.told import TOPICS
from omnivenue.model import nearest_hint
from omnivenue.wire import ErrorCode, Invalid, invalid, read_json
from omnivenue.wire.fields import UNKNOWN_MAX, Fields, cut

FRAME_MAX = 64 * 1024


class Auth(msgspec.Struct, frozen=True):
    token: str


class Subscribe(msgspec.Struct, frozen=True):
    topics: frozenset[str]
    from_seq: int | None  # None: what comes from now on


def read_object(raw: bytes) -> dict[str, Any] | Invalid:
    document = read_json(raw, FRAME_MAX)
    if isinstance(document, Invalid):
        return document
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("a frame must be a JSON object")])
    return cast("dict[str, Any]", document)


def read_auth(raw: bytes) -> Auth | Invalid:
    fields = _frame(raw, "auth", ("token",))
    if isinstance(fields, Invalid):
        return fields
    token = fields.text("token")
    if token is None and not fields.wrong:
        fields.missing("token")
    return invalid(fields.wrong) if fields.wrong or token is None else Auth(token)


def read_subscribe(raw: bytes, next_seq: int) -> Subscribe | Invalid:
    """`next_seq`: the entry that comes next. Later ones cannot be waited for: who asks for one
    knows another journal."""
    fields = _frame(raw, "subscribe", ("topics", "from_seq"))
    if isinstance(fields, Invalid):
        return fields
    document = cast("dict[str, Any]", read_object(raw))
    topics, from_seq = document.get("topics"), document.get("from_seq")
    if not isinstance(topics, list) or not topics:
        fields.add(ErrorCode.WRONG_TYPE, f"topics must be a list of {', '.join(TOPICS)}")
        topics = []
    unknown = [str(topic) for topic in cast("list[object]", topics) if topic not in TOPICS]
    for word in unknown[:UNKNOWN_MAX]:
        text = f"unknown topic {cut(word)}{nearest_hint(word, TOPICS)}"
        fields.add(ErrorCode.NOT_ONE_OF, text, value=cut(word))
    if from_seq is not None and (type(from_seq) is not int or not 0 <= from_seq <= next_seq):
        text = f"from_seq must be a whole number from 0 to {next_seq}, the entry that comes next"
        fields.add(ErrorCode.OUT_OF_RANGE, text, value=cut(str(from_seq)))
    if fields.wrong:
        return invalid(fields.wrong)
    return Subscribe(frozenset(cast("list[str]", topics)), from_seq)


def _frame(raw: bytes, kind: str, names: tuple[str, ...]) -> Fields | Invalid:
    document = read_object(raw)
    if isinstance(document, Invalid):
        return document
    fields = Fields(document)
    if document.get("type") != kind:
        shape = ", ".join(f'"{name}": ...' for name in names)
        text = f'this frame must be {{"type": "{kind}", {shape}}}'
        fields.add(ErrorCode.NOT_ONE_OF, text)
        return invalid(fields.wrong)
    fields.only(("type", *names))
    return fields
