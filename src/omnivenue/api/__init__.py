"""The system's own face: HTTP on the outside, the door and the views on the inside."""

from omnivenue.api.asgi import Asgi
from omnivenue.api.http import create_app
from omnivenue.api.scope import TOKEN_SCOPES, Scope
from omnivenue.api.stream.frames import FRAME_MAX
from omnivenue.api.stream.socket import CUT
from omnivenue.api.tokens import Token, TokenError, TokenFile, TokenTable

__all__ = [
    "CUT",
    "FRAME_MAX",
    "TOKEN_SCOPES",
    "Asgi",
    "Scope",
    "Token",
    "TokenError",
    "TokenFile",
    "TokenTable",
    "create_app",
]
