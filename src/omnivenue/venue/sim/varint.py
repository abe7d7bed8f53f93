"""Integers of any size in as few bytes as they need: what recordings are made of.

Seven bits a byte, lowest first, the eighth says that more follow (LEB128); signed ones are folded
so that small ones stay small. Prices and update ids are written as the difference from the one
before: writer and reader each remember it, so they must be called in the same order.
"""


class Writer:
    def __init__(self) -> None:
        self.out = bytearray()
        self._px = 0
        self._update_id = 0

    def unsigned(self, *values: int) -> None:
        for value in values:
            assert value >= 0
            rest = value
            while rest > 0x7F:
                self.out.append(rest & 0x7F | 0x80)
                rest >>= 7
            self.out.append(rest)

    def signed(self, value: int) -> None:
        self.unsigned(_folded(value))

    def px(self, px: int, flag: int | None = None) -> None:
        """With a `flag` of 0 or 1, which then shares the price's bytes."""
        folded = _folded(px - self._px)
        self._px = px
        self.unsigned(folded if flag is None else folded << 1 | flag)

    def update_id(self, update_id: int) -> None:
        self.signed(update_id - self._update_id)
        self._update_id = update_id


class Reader:
    """The way back. Raises IndexError where the bytes end within a number."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0
        self._px = 0
        self._update_id = 0

    @property
    def is_done(self) -> bool:
        return self._at == len(self._body)

    def unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._body[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        return _unfolded(self.unsigned())

    def px(self) -> int:
        self._px += self.signed()
        return self._px

    def flagged_px(self) -> tuple[int, int]:
        """The flag, the price."""
        both = self.unsigned()
        self._px += _unfolded(both >> 1)
        return both & 1, self._px

    def update_id(self) -> int:
        self._update_id += self.signed()
        return self._update_id


def _folded(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unfolded(value: int) -> int:
    return -(value + 1 >> 1) if value & 1 else value >> 1
