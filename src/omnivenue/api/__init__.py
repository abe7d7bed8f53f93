"""The system's own face: HTTP on the outside, the door and the views on the inside."""

from omnivenue.api.answer import Answer, encoded, refusal, send_answer
from omnivenue.api.asgi import Asgi
from omnivenue.api.http import create_app
from omnivenue.api.pools import PoolsProcess
from omnivenue.api.request import LEFT
from omnivenue.api.scope import TOKEN_SCOPES, Scope
from omnivenue.api.seats import SEAT, Seat, Seats
from omnivenue.api.stream.frames import FRAME_MAX
from omnivenue.api.stream.socket import CUT
from omnivenue.api.tokens import Token, TokenError, TokenFile, TokenTable

__all__ = [
    "CUT",
    "FRAME_MAX",
    "LEFT",
    "SEAT",
    "TOKEN_SCOPES",
    "Answer",
    "Asgi",
    "PoolsProcess",
    "Scope",
    "Seat",
    "Seats",
    "Token",
    "TokenError",
    "TokenFile",
    "TokenTable",
    "create_app",
    "encoded",
    "refusal",
    "send_answer",
]
