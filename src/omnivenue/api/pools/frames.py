"""What goes between the server and a process that reckons over pools: first the chains, then
questions, each its kind and a body; an answer is an HTTP status and the body as it goes out."""

from enum import IntEnum
from struct import Struct
from typing import IO


class Kind(IntEnum):
    CHAINS = 0  # as `Chains.to_json` writes them; has no answer
    QUOTE = 1  # of the body as it came
    ARB = 2  # of the body as it came
    EXECUTE = 3  # of an ArbitrageSignal in JSON: who asks has read it


_HEAD = Struct("<HI")  # the kind or the status, and how many bytes follow


def write(stream: IO[bytes], head: int, body: bytes) -> None:
    stream.write(_HEAD.pack(head, len(body)))
    stream.write(body)
    stream.flush()


def read(stream: IO[bytes]) -> tuple[int, bytes] | None:
    """None where the other side has ended, be it in the middle of a frame."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    what, size = _HEAD.unpack(head)
    body = stream.read(size)
    return (what, body) if len(body) == size else None
