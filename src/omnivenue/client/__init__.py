"""The Python client: the calls of the server as methods, rows as dicts, refusals as exceptions."""

from omnivenue.client.client import Client, new_key, with_key
from omnivenue.client.errors import (
    Invalid,
    OmnivenueError,
    Refused,
    Unauthorized,
    Unknown,
    Unreachable,
)

__all__ = [
    "Client",
    "Invalid",
    "OmnivenueError",
    "Refused",
    "Unauthorized",
    "Unknown",
    "Unreachable",
    "new_key",
    "with_key",
]
