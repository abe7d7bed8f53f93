"""Reading a pool or a request for a quote: whole numbers of any size, and lists that keep order.

On-chain integers are decimal strings; a JSON integer says the same and is read too.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import Fields, cut

WORD_MAX = 2**256 - 1
EVERY = "*"
"""Instead of a name: each that is not named."""

_WHOLE = re.compile(r"-?[0-9]{1,80}", re.ASCII)
"""80 digits: a few more than 2^256 has, so that what is too large is told as that."""


class PoolFields(Fields):
    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int | None:
        """An integer between `low` and `high`, both allowed."""
        value = self._members.get(name)
        if value is None:
            if default is None:
                self.missing(name)
            return default
        return self._whole(name, value, low, high)

    def wholes(self, name: str, low: int, high: int, count: int | None = None) -> tuple[int, ...]:
        """A list of them; empty where it cannot be read, which is remembered as wrong."""
        listed = self._list(name)
        if count is not None and listed is not None and len(listed) != count:
            text = f"{self._within}{name} must have {count}, one for each token"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=str(len(listed)))
            return ()
        read = [
            self._whole(f"{name}[{n}]", value, low, high) for n, value in enumerate(listed or ())
        ]
        return () if None in read else tuple(cast("list[int]", read))

    def words(self, name: str) -> tuple[str, ...]:
        """A list of names, in its own order, each once."""
        listed = self._list(name) or []
        for n, value in enumerate(listed):
            if not isinstance(value, str) or not value:
                self._mistyped(f"{name}[{n}]", "a name", value)
                return ()
        found = tuple(cast("list[str]", listed))
        if len(set(found)) < len(found):
            self.add(ErrorCode.CONTRADICTION, f"{self._within}{name} names one twice")
        return found

    def by_name(self, name: str, low: int, high: int) -> dict[str, int]:
        """An object of integers, or one that stands for all of them: that is under `*` then."""
        value = self._members.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            one = self._whole(name, value, low, high)
            return {} if one is None else {EVERY: one}
        inner = PoolFields(cast("dict[str, Any]", value), self._within + name, self.wrong)
        read = {each: inner.whole(each, low, high) for each, _ in inner.members()}
        return {each: found for each, found in read.items() if found is not None}

    def required(self, name: str) -> str | None:
        if not self.has(name):
            self.missing(name)
        return self.text(name)

    def choice(self, name: str, words: tuple[str, ...]) -> str | None:
        if not self.has(name):
            self.missing(name)
        return self.one_of(name, words)

    def members(self) -> Iterator[tuple[str, Any]]:
        yield from self._members.items()

    def just(self, name: str) -> dict[str, Any]:
        """An object with this member alone, as it came."""
        return {name: self._members.get(name)}

    def listed(self, name: str) -> list[Any] | None:
        """A list of anything; required."""
        return self._list(name)

    def part(self, name: str) -> "PoolFields | None":
        """A member that is an object; required."""
        value = self._members.get(name)
        if value is None:
            self.missing(name)
            return None
        if not isinstance(value, dict):
            self._mistyped(name, "an object", value)
            return None
        return PoolFields(cast("dict[str, Any]", value), self._within + name, self.wrong)

    def parts(self, name: str) -> "list[PoolFields] | None":
        """A list of objects; required."""
        listed = self._list(name)
        if listed is None:
            return None
        found: list[PoolFields] = []
        for n, value in enumerate(listed):
            where = f"{name}[{n}]"
            if isinstance(value, dict):
                members = cast("dict[str, Any]", value)
                found.append(PoolFields(members, self._within + where, self.wrong))
            else:
                self._mistyped(where, "an object", value)
        return found

    def contradiction(self, text: str) -> None:
        self.add(ErrorCode.CONTRADICTION, f"{self._within.removesuffix('.')}: {text}".lstrip(": "))

    def _list(self, name: str) -> list[Any] | None:
        value = self._members.get(name)
        if value is None:
            self.missing(name)
        elif isinstance(value, list):
            return cast("list[Any]", value)
        else:
            self._mistyped(name, "a list", value)
        return None

    def _whole(self, name: str, value: object, low: int, high: int) -> int | None:
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, str):
            text = f"{self._within}{name} must be a whole number in decimal digits"
            self.add(ErrorCode.NOT_DECIMAL, text, value=cut(value))
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._mistyped(name, "a whole number", value)
            return None
        if not low <= value <= high:
            text = f"{self._within}{name} must be {low} to {_shown(high)}"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=cut(str(value)))
            return None
        return value


def _shown(high: int) -> str:
    """A bound of a word of the chain reads better as a power."""
    bits = high.bit_length()
    return f"2^{bits} - 1" if bits > 64 and high == (1 << bits) - 1 else str(high)
