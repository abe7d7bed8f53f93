"""docs/interface.md as examples: each command line, instruction, call, frame and method of it."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from interface.shape import Shape, parse

PAGE = Path(__file__).parents[2] / "docs" / "interface.md"
TEXT = PAGE.read_text()
_MARKET = '{"type":"market"'
METHODS = ("GET", "POST", "PATCH", "DELETE", "WS")


class Command(NamedTuple):
    verb: str  # `order place`
    text: str  # as it is written, without `omnivenue`


class Call(NamedTuple):
    method: str
    path: str  # as in the table of routes
    query: tuple[str, ...]
    body: str
    answer: str  # the text beside it

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def shape(self) -> Shape:
        """The first that its answer is told as."""
        return parse(next(piece for piece in quoted(self.answer) if piece.startswith("{")))


def section(number: int) -> str:
    found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found
    return found[0]


def blocks(text: str, kind: str = "") -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def commands(groups: frozenset[str]) -> list[Command]:
    """`groups`: verbs that have verbs of their own. Of `order show ID | cancel ID` the second one
    is one of orders as well; a line's first word stands for all that is no verb by itself."""
    joined = re.sub(r"\n +", " ", blocks(section(2))[0])
    found: list[Command] = []
    for line in joined.splitlines():
        text = re.split(r" {3,}", line.removeprefix("omnivenue "))[0]
        group = text.split()[0]
        for piece in text.split(" | "):
            is_whole = group not in groups or piece.split()[0] in (*groups, group)
            found += _verbs(piece if is_whole else f"{group} {piece}", groups)
    return found


def _verbs(text: str, groups: frozenset[str]) -> list[Command]:
    first, *rest = text.split()
    if first not in groups:
        return [Command(first, text)]
    return [Command(f"{first} {verb}", text) for verb in rest[0].split("|")]


def instructions() -> list[dict[str, Any]]:
    return [each for block in blocks(section(3), "json") for each in documents(block)]


def documents(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    decoder = json.JSONDecoder()
    while text := text.strip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def calls() -> list[Call]:
    rows = [line for line in section(4).splitlines() if line.startswith("| `")]
    found: list[Call] = []
    for row in rows:
        left, right = row.strip("| ").split(" | ", 1)
        if left.strip("`").partition(" ")[0] in METHODS:
            found += _calls(left, right)
    return found


def _calls(left: str, answer: str) -> list[Call]:
    """`/v1/fills` alone has the method of the one before it, and `DELETE` alone its path."""
    found: list[Call] = []
    for piece in quoted(left):
        if piece.startswith("{"):
            found[-1] = found[-1]._replace(body=piece)
            continue
        first, _, rest = piece.partition(" ")
        method = first if first in METHODS else found[-1].method
        path, _, query = (rest if first in METHODS else first).partition("?")
        names = tuple(query.split("&")) if query else ()
        found.append(Call(method, path or found[-1].path, names, "", answer))
    return found


def frames() -> list[str]:
    (row,) = [line for line in section(4).splitlines() if line.startswith("| `WS ")]
    return [piece for piece in quoted(row) if piece.startswith("{")]


def rows() -> dict[str, Shape]:
    """The rows of the views that the page tells by themselves, by name."""
    (line,) = [line for line in section(4).splitlines() if line.startswith("Rows of the other")]
    return {name: parse(shape) for name, shape in re.findall(r"\b([a-z]+) `(\{[^`]+\})`", line)}


def order_example() -> dict[str, Any]:
    return next(each for each in _examples() if "venue_order_id" in each)


def error_example() -> dict[str, Any]:
    return next(each for each in _examples() if "error" in each)


def _examples() -> list[dict[str, Any]]:
    return [each for block in blocks(section(4), "json") for each in documents(block)]


def market_message() -> Shape:
    lines = section(4).splitlines()
    return parse(next(p for line in lines for p in quoted(line) if p.startswith(_MARKET)))


def quoted_in_full() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Pools, a request for a quote, its answer."""
    pools, request, answer = documents(blocks(section(6), "json")[1])
    return pools, request, answer


def searched_in_full() -> tuple[dict[str, Any], dict[str, Any]]:
    """Pools, and the rounds that earn in them."""
    pools, answer = documents(blocks(section(6), "json")[2])
    return pools, answer


def priced_in_full() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Pools, an arbitrage signal, the document that answers it."""
    (signal, answer), (pools,) = (documents(text) for text in blocks(section(6), "json")[3:5])
    return pools, signal, answer


def methods() -> dict[str, tuple[str, ...]]:
    """Of the Python client: each with its arguments as written."""
    (line,) = [line for line in section(4).splitlines() if line.startswith("Python (")]
    found = re.findall(r"`([a-z_]+)\(([^)`]*)\)", line)
    return {name: tuple(filter(None, args.split(", "))) for name, args in found}


def statuses() -> set[int]:
    """Those that errors come with."""
    (line,) = [line for line in section(4).splitlines() if line.startswith("with 400 ")]
    return {int(number) for number in re.findall(r"\b[45]\d\d\b", line)}


def not_built(number: int) -> set[str]:
    """What a section says is not."""
    lines = re.findall(r"Not built yet, and (?:501|exit code 1): ([^.;]*)", section(number))
    return {name for line in lines for name in quoted(line)}
