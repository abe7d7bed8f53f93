"""The server's side of a connection, as ASGI has it: one call per request, messages both ways."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Connection = MutableMapping[str, Any]
"""ASGI's own word for it is scope, which is taken here by what a caller may do."""

type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Asgi = Callable[[Connection, Receive, Send], Awaitable[None]]
