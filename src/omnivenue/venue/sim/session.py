"""The wire's rules without the wire: frames are lines, and the first one says who is there."""

FRAME_MAX = 1 << 20
"""Bytes of a frame towards the exchange: a question about thirty thousand orders."""

ANSWER_MAX = 1 << 28
"""Bytes of a frame from the exchange: its answer comes in one piece, after however long a time."""

LOGIN_SECONDS = 2.0


class FrameTooLarge(ConnectionError):
    """The other side sends what nobody of ours sends."""


class Lines:
    """Bytes in, whole frames out. Holds less than one frame."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._parts: list[bytes] = []  # of a frame that is not whole, joined once it is
        self._held = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Raises FrameTooLarge."""
        *whole, rest = chunk.split(b"\n")
        if whole:
            whole[0] = b"".join((*self._parts, whole[0]))
            self._parts, self._held = [], 0
        if rest:
            self._parts.append(rest)
            self._held += len(rest)
        if max(self._held, *(len(frame) for frame in whole), 0) > self._longest:
            raise FrameTooLarge(f"a frame of more than {self._longest} bytes")
        return whole
