"""The Python client: the calls of the server as methods, rows as dicts, refusals as exceptions."""

from typing import TYPE_CHECKING

from omnivenue.client.calls import new_key, with_key
from omnivenue.client.client import Client
from omnivenue.client.errors import (
    Invalid,
    OmnivenueError,
    Refused,
    Unauthorized,
    Unknown,
    Unreachable,
)
from omnivenue.client.execution import ExecutionManager, execute_trade

if TYPE_CHECKING:
    from omnivenue.client.async_client import AsyncClient

__all__ = [
    "AsyncClient",
    "Client",
    "ExecutionManager",
    "Invalid",
    "OmnivenueError",
    "Refused",
    "Unauthorized",
    "Unknown",
    "Unreachable",
    "execute_trade",
    "new_key",
    "with_key",
]


def __getattr__(name: str) -> object:
    """The asynchronous client brings a library along that no command needs: it comes when asked
    for."""
    if name != "AsyncClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from omnivenue.client.async_client import AsyncClient  # noqa: PLC0415

    return AsyncClient
