"""Reading the values of options without the parser's own machinery for it, which imports a library
for a fifth of a second at each run.

It takes the place that the parser keeps for its own. Should that place move, runs become slow again
(a test says so) and nothing else changes.
"""

from enum import Enum
from pathlib import Path
from typing import Any, cast

import typer

_PLACE = "_runtime_param"


class Plain:
    """Texts, numbers, words of a list and paths: all that our options are."""

    def __init__(self, kind: type[object], least: float | None, most: float | None) -> None:
        self._kind: Any = kind
        self._least, self._most = least, most

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        is_list = param.multiple or param.nargs == -1
        if value is None:
            return () if is_list else None
        try:
            return [self._one(each) for each in value] if is_list else self._one(value)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from error

    def _one(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if issubclass(self._kind, Enum):
            return _word(self._kind, str(value))
        try:
            read = self._kind(value)
        except ValueError:
            wanted = {int: "a whole number", float: "a number"}.get(self._kind, "of this kind")
            raise ValueError(f"{value!r} is not {wanted}") from None
        is_low = self._least is not None and not read >= self._least
        if is_low or (self._most is not None and not read <= self._most):
            bounds = [str(bound) for bound in (self._least, self._most) if bound is not None]
            raise ValueError(f"{value} is out of bounds ({' to '.join(bounds)})")
        return read


def read_plainly(params: list[Any]) -> list[Any]:
    """The same parameters; those of a plain kind read their values plainly."""
    for param in params:
        descriptor = param.type_descriptor
        kind: Any = descriptor.annotation
        args: tuple[Any, ...] = getattr(kind, "__args__", ())
        kind = args[0] if len(args) == 1 else kind
        if getattr(param, _PLACE, None) is None and _is_plain(kind):
            info = descriptor.parameter_info
            setattr(param, _PLACE, Plain(cast("type[object]", kind), info.min, info.max))
    return params


def _is_plain(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, str | bool | int | float | Enum | Path)


def _word(kind: type[Enum], value: str) -> Enum:
    for word in kind:
        if word.value == value:
            return word
    words = ", ".join(str(word.value) for word in kind)
    raise ValueError(f"{value!r} is not one of {words}")
