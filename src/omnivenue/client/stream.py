"""Messages as they happen, over connections that come and go.

What was heard is counted by entries. Whoever connects again asks for the entry that it was in, as
it may have got only some of its messages, and skips those that it has; so none is missed.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from omnivenue.client.calls import PAUSE_FIRST, PAUSE_MAX
from omnivenue.client.errors import (
    Document,
    Invalid,
    OmnivenueError,
    Refused,
    Unauthorized,
    Unreachable,
    error_of,
)
from omnivenue.client.place import Place

GIVE_UP_SECONDS = 60.0
"""Nobody answers for so long: a restart takes a second, and a person should hear of the rest."""

STEADY_SECONDS = 15.0
"""A connection that held for so long was one, though nothing happened on it: the server hangs up
sooner on whom it does not want."""

MESSAGE_MAX = 16 * 2**20
_STATUS = {"API-040": 401, "API-041": 403, "API-045": 429, "API-046": 503, "OUR-001": 500}


class Heard:
    """How far a stream has come, through all of its connections."""

    def __init__(self, topics: Sequence[str], from_seq: int) -> None:
        self._topics = list(topics)
        self._next = from_seq
        self._of_entry: set[str] = set()  # messages of the entry `_next` that were heard
        self._pause = PAUSE_FIRST
        self._opened_at: float | None = None
        self._lost_at: float | None = None

    def opened(self, now: float) -> None:
        self._opened_at = now

    def first_frames(self, where: Place) -> tuple[str, str]:
        auth = {"type": "auth", "token": where.token or ""}
        said = {"type": "subscribe", "topics": self._topics, "from_seq": self._next}
        return json.dumps(auth), json.dumps(said)

    def take(self, raw: str | bytes) -> Document | None:
        """None: it was heard before, or is about the stream itself. Raises Unauthorized, Invalid,
        and what ends this connection only: Refused, OmnivenueError."""
        text = raw if isinstance(raw, str) else raw.decode()
        message = _decoded(text)
        kind, seq = message.get("type"), message.get("seq")
        if kind == "error":
            raise _error(message)
        self._pause, self._lost_at = PAUSE_FIRST, None
        if kind == "lagged":
            self._move(int(message["resume_from"]))
            return None
        if isinstance(seq, int):
            self._move(seq)
            if text in self._of_entry:
                return None
            self._of_entry.add(text)
        return message

    def lost(self, error: Exception, now: float) -> float:
        """How long to wait before the next connection. Raises what it is of no use to repeat."""
        if isinstance(error, Unauthorized | Invalid):
            raise error
        if self._opened_at is not None and now - self._opened_at > STEADY_SECONDS:
            self._pause, self._lost_at = PAUSE_FIRST, None
        self._opened_at = None
        self._lost_at = now if self._lost_at is None else self._lost_at
        if now - self._lost_at > GIVE_UP_SECONDS:
            text = f"no stream for {GIVE_UP_SECONDS:g} seconds: {error}"
            raise Unreachable(message=text) from error
        pause, self._pause = self._pause, min(self._pause * 2, PAUSE_MAX)
        return pause

    def _move(self, seq: int) -> None:
        if seq > self._next:
            self._next = seq
            self._of_entry.clear()


type Find = Callable[[], Place]


def stream(find: Find, topics: Sequence[str], from_seq: int) -> Iterator[Document]:
    from websockets.exceptions import WebSocketException  # noqa: PLC0415  # a command seldom streams
    from websockets.sync.client import ClientConnection, connect  # noqa: PLC0415

    heard = Heard(topics, from_seq)
    while True:
        where = find()
        try:
            opened = cast("ClientConnection", connect(where.stream_url, **options(where)))
            with opened as socket:
                heard.opened(time.monotonic())
                for frame in heard.first_frames(where):
                    socket.send(frame)
                while True:
                    message = heard.take(socket.recv())
                    if message is not None:
                        yield message
        except (OSError, WebSocketException, OmnivenueError) as error:
            time.sleep(heard.lost(told(error), time.monotonic()))


def options(where: Place) -> dict[str, Any]:
    """No proxy: the token goes to the server and to nobody else."""
    found: dict[str, Any] = {"max_size": MESSAGE_MAX, "compression": None, "proxy": None}
    return found | ({"unix": True, "path": where.socket} if where.socket else {})


def told(error: Exception) -> Exception:
    """Turned away before the connection was one: the server says why in its HTTP answer."""
    response = getattr(error, "response", None)
    if response is None:
        return error
    try:
        document: Any = json.loads(response.body or b"")
    except ValueError:
        document = None
    told = cast("Document", document) if isinstance(document, dict) else None
    found = error_of(response.status_code, told)
    # 404: another program, or an older server, has the port for now.
    return Refused(found.code, message=found.message) if response.status_code == 404 else found


def _decoded(text: str) -> Document:
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        raise OmnivenueError(message="what came is no JSON") from error
    if not isinstance(found, dict):
        raise OmnivenueError(message="what came is no message")
    return cast("Document", found)


def _error(message: Document) -> OmnivenueError:
    told = message.get("error")
    code = str(cast("Document", told).get("code")) if isinstance(told, dict) else ""
    return error_of(_STATUS.get(code, 422), {"error": told})
