"""From a tree of plain values to a struct, collecting every mistake instead of the first.

The struct says all there is to know about its keys, so a key that is not in it is a mistake by
itself, and is answered with the nearest one that is.
"""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec

from omnivenue.model import nearest_hint

SHOWN_MAX = 60


class Mistake(msgspec.Struct, frozen=True, order=True):
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConfigInvalid(ValueError):
    """All that is wrong with a configuration."""

    def __init__(self, source: str, mistakes: list[Mistake]) -> None:
        self.source = source
        self.mistakes = tuple(sorted(mistakes))
        lines = "".join(f"\n  {mistake}" for mistake in self.mistakes)
        count = len(self.mistakes)
        super().__init__(f"{source}: {count} mistake{'s' if count > 1 else ''}{lines}")


class Substituted(str):
    """A text that came from the environment: it may stand for a number, a switch or a list, and is
    never shown, because it may be anything."""

    __slots__ = ()


def fields_of(kind: Any) -> dict[str, Any]:
    """Names and types of a struct's fields; nothing for what is no struct."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {}
    return {field.name: field.type for field in msgspec.structs.fields(cast("Any", kind))}


def read_struct[T: msgspec.Struct](
    kind: type[T], value: object, path: str, mistakes: list[Mistake]
) -> T | None:
    """None where `value` is no table. What was wrong in it is its default, or blank, so that the
    rest can still be checked."""
    if not isinstance(value, dict):
        mistakes.append(Mistake(path, "must be a table"))
        return None
    table, fields = cast("dict[str, object]", value), fields_of(kind)
    for key in table.keys() - fields.keys():
        mistakes.append(Mistake(_join(path, key), f"unknown key{nearest_hint(key, fields)}"))
    found: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        here = _join(path, field.name)
        if field.name in table:
            read = read_value(field.type, table[field.name], here, mistakes)
            found |= {} if read is None else {field.name: read}
        elif field.required:
            mistakes.append(Mistake(here, "is required"))
        if field.required and field.name not in found:
            found[field.name] = () if get_origin(field.type) is tuple else ""
    return kind(**found)


def read_value(kind: Any, value: object, path: str, mistakes: list[Mistake]) -> Any:
    """Any field's value; None for a wrong one."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        kind = next(arg for arg in args if arg is not NoneType)
        return read_value(kind, value, path, mistakes)
    if origin is Literal:
        return _one_of(args, value, path, mistakes)
    if origin is tuple:
        return _list(args[0], value, path, mistakes)
    if origin is dict:
        return _table(args[1], value, path, mistakes)
    if fields_of(kind):
        return read_struct(kind, value, path, mistakes)
    return _leaf(kind, value, path, mistakes)


def _one_of(words: tuple[str, ...], value: object, path: str, mistakes: list[Mistake]) -> object:
    for word in words:
        if value == word:
            return word  # and not its equal, which may be a text of the environment
    hint = nearest_hint(value, words) if isinstance(value, str) else ""
    mistakes.append(Mistake(path, f"must be one of {', '.join(words)}{hint}"))
    return None


def _list(kind: Any, value: object, path: str, mistakes: list[Mistake]) -> Any:
    if isinstance(value, Substituted):
        value = [Substituted(item.strip()) for item in value.split(",")]
    if not isinstance(value, list):
        mistakes.append(Mistake(path, f"must be a list, not {_shown(value)}"))
        return None
    items = cast("list[object]", value)
    read = [read_value(kind, v, f"{path}[{i}]", mistakes) for i, v in enumerate(items)]
    return tuple(item for item in read if item is not None)


def _table(kind: Any, value: object, path: str, mistakes: list[Mistake]) -> Any:
    if not isinstance(value, dict):
        mistakes.append(Mistake(path, "must be a table"))
        return None
    table = cast("dict[str, object]", value)
    read = {k: read_value(kind, v, _join(path, k), mistakes) for k, v in table.items()}
    return {key: item for key, item in read.items() if item is not None}


def _leaf(kind: Any, value: object, path: str, mistakes: list[Mistake]) -> Any:
    plain = str(value) if isinstance(value, Substituted) else value
    try:
        return msgspec.convert(plain, kind, strict=plain is value)
    except msgspec.ValidationError:
        if any(mistake.path == path for mistake in mistakes):
            return None  # its variable has no value, which has been said
        wanted = _description(kind)
        is_secret = "never the secret" in wanted  # what stands there may be one
        not_this = "" if is_secret else f", not {_shown(value)}"
        mistakes.append(Mistake(path, f"must be {wanted}{not_this}"))
        return None


def _description(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        return next(meta.description for meta in get_args(kind)[1:])
    return {bool: "true or false", str: "a text", int: "a whole number"}[kind]


def _shown(value: object) -> str:
    if isinstance(value, Substituted):
        return "what the environment has"
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
