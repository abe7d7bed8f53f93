"""The shapes in which docs/interface.md writes what goes in and comes out: JSON with members that
have no value (anything), `…` (and so on), `?` (may be absent), `A|B` (one of these words)."""

import re
from typing import Any, NamedTuple, cast

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|…|\bor\b|[{}\[\]:,?]|[^\s{}\[\]:,?"…]+)')


class Anything(NamedTuple):
    """A value of which the page says no more than one of its words, if even that."""

    words: frozenset[str] = frozenset()


class Object(NamedTuple):
    members: dict[str, "Shape"]
    optional: frozenset[str]
    is_open: bool  # `…`: there may be others


class List(NamedTuple):
    each: "Shape"


type Shape = Anything | Object | List

ANYTHING = Anything()


def parse(text: str) -> Shape:
    """The shape at the beginning of a text. Raises ValueError where there is none."""
    return _Reader(_TOKEN.findall(text)).value()


def misfits(shape: Shape, found: Any, where: str = "") -> list[str]:
    """What is otherwise than the page has it: a member that is absent, or that it does not tell.
    What is inside of something may be unknown, and is null then."""
    if found is None and where:
        return []
    match shape:
        case Anything(words=words):
            is_one = not words or found in words
            return [] if is_one else [f"{where} is {found!r}, and no {sorted(words)}"]
        case List(each=each):
            if not isinstance(found, list):
                return [f"{where} is no list"]
            rows = enumerate(cast("list[Any]", found))
            return [wrong for n, row in rows for wrong in misfits(each, row, f"{where}[{n}]")]
        case Object():
            return _of_object(shape, found, where)


def _of_object(shape: Object, found: Any, where: str) -> list[str]:
    if not isinstance(found, dict):
        return [f"{where} is no object"]
    document = cast("dict[str, Any]", found)
    absent = shape.members.keys() - shape.optional - document.keys()
    untold = set[str]() if shape.is_open else document.keys() - shape.members.keys()
    wrong = [f"{where} lacks {name}" for name in sorted(absent)]
    wrong += [f"{where} has {name}, which the page does not tell" for name in sorted(untold)]
    for name in shape.members.keys() & document.keys():
        wrong += misfits(shape.members[name], document[name], f"{where}.{name}")
    return wrong


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, ""]

    def _next(self) -> str:
        return self._tokens.pop(0)

    def _skip(self, token: str) -> bool:
        is_there = self._tokens[0] == token
        if is_there:
            self._next()
        return is_there

    def value(self) -> Shape:
        match token := self._next():
            case "{":
                found = self._object()
            case "[":
                found = self._list()
            case "" | "}" | "]" | ":" | ",":
                raise ValueError(f"no value at {token!r}")
            case _:
                words = token.strip('"').split("|") if "|" in token else []
                found = Anything(frozenset(words))
        if self._skip("or"):
            self.value()
            return ANYTHING
        return found

    def _object(self) -> Object:
        members: dict[str, Shape] = {}
        optional: set[str] = set()
        is_open = False
        while not self._skip("}"):
            if self._skip(","):
                continue
            if self._skip("…"):
                is_open = True
                continue
            name = self._next().strip('"')
            is_optional = self._skip("?")
            members[name] = self.value() if self._skip(":") else ANYTHING
            if is_optional or self._skip("?"):
                optional.add(name)
        return Object(members, frozenset(optional), is_open or not members)

    def _list(self) -> List:
        each: list[Shape] = []
        while not self._skip("]"):
            if not (self._skip(",") or self._skip("…")):
                each.append(self.value())
        return List(each[0] if len(each) == 1 else ANYTHING)
