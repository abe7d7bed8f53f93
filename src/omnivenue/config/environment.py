"""What the environment adds to a file: `${VAR}`, `${VAR:-default}` and `OMNIVENUE__SECTION__KEY`.

Both work on the parsed tree and never on the text, so that no value can smuggle in a key.
"""

import re
from collections.abc import Mapping
from types import NoneType
from typing import Any, cast, get_args, get_origin

import msgspec

from omnivenue.config.read import Mistake, Substituted, fields_of
from omnivenue.config.shape import Amount
from omnivenue.model import nearest_hint

PREFIX = "OMNIVENUE__"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

type Tree = dict[str, Any]


def substituted(value: Any, environ: Mapping[str, str], path: str, mistakes: list[Mistake]) -> Any:
    """The same tree with every variable in its texts replaced."""
    match value:
        case dict():
            table = cast("Tree", value)
            return {
                k: substituted(v, environ, f"{path}.{k}" if path else k, mistakes)
                for k, v in table.items()
            }
        case list():
            items = cast("list[Any]", value)
            return [substituted(v, environ, f"{path}[{i}]", mistakes) for i, v in enumerate(items)]
        case str() if "${" in value:
            return _expanded(value, environ, path, mistakes)
        case _:
            return value


def _expanded(
    text: str, environ: Mapping[str, str], path: str, mistakes: list[Mistake]
) -> Substituted:
    def found(match: re.Match[str]) -> str:
        value = environ.get(match[1]) or match[2]
        if value is None:
            what = "is empty" if match[1] in environ else "is not set"
            mistakes.append(Mistake(path, f"the variable {match[1]} {what}, and has no default"))
        return value or ""

    result = _VARIABLE.sub(found, text)
    if "${" in _VARIABLE.sub("", text):
        mistakes.append(Mistake(path, "has a ${ that is no ${VAR} or ${VAR:-default}"))
    return Substituted(result)


def override(
    tree: Tree, shape: type[msgspec.Struct], environ: Mapping[str, str], mistakes: list[Mistake]
) -> None:
    """Sets in `tree` what the environment overrides. Names are compared without case, and with `_`
    for `-`, because a shell takes no other."""
    for name in sorted(environ):
        if name.startswith(PREFIX):
            path = name.removeprefix(PREFIX).split("__")
            problem = _set(tree, shape, path, environ[name])
            if problem:
                mistakes.append(Mistake(name, problem))


def _set(tree: Tree, kind: Any, path: list[str], value: str) -> str | None:
    """Walks `path` by the shape; what it finds wrong, in words."""
    word, *rest = path
    types = fields_of(kind)
    known = types or tree
    key = next((k for k in known if _folded(k) == _folded(word)), None)
    if key is None and not types and not rest and get_args(kind)[1:] == (Amount,):
        key = word  # a table of amounts takes any asset
    if key is None:
        return f"overrides nothing: there is no {word}{nearest_hint(word, known)}"
    inner = _inner(types[key] if types else get_args(kind)[1])
    is_section = bool(fields_of(inner)) or get_origin(inner) is dict
    if is_section != bool(rest):
        return f"{key} is a section: name one of its keys" if is_section else f"{key} is no section"
    if not rest:
        tree[key] = Substituted(value)
        return None
    section = tree.setdefault(key, {})
    if not isinstance(section, dict):
        return None  # which the reader will say
    return _set(cast("Tree", section), inner, rest, value)


def _inner(kind: Any) -> Any:
    """Of `X | None`, X."""
    args = [arg for arg in get_args(kind) if arg is not NoneType]
    return args[0] if NoneType in get_args(kind) else kind


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")
