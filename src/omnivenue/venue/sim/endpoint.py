"""Where the process of the simulated exchanges is, and how both sides write that down."""

import os
from hashlib import blake2b
from pathlib import Path

import msgspec

from omnivenue.venue.sim.config import SimConfig

LOCKED = 75
"""The exit status of a process that found another one in its home."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    port: int
    token: str
    pid: int
    config_hash: str = ""  # of what it was started with


def config_hash(config: SimConfig) -> str:
    """Of what the other side reads: 60 seconds and 60.0 are the same there."""
    read = msgspec.json.decode(msgspec.json.encode(config), type=SimConfig)
    return blake2b(msgspec.json.encode(read), digest_size=16).hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and for our own eyes."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)


def read_endpoint(home: Path) -> Endpoint | None:
    """What the file says. Nothing says that the process still lives."""
    try:
        return msgspec.json.decode((home / "process.json").read_bytes(), type=Endpoint)
    except (OSError, msgspec.MsgspecError):
        return None
