"""The one place that writes: answers on stdout, everything else on stderr.

What is shown was partly written by venues and strangers, so nothing of it may command a terminal.
"""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PIPE_WIDTH = 1_000
"""Columns where nobody looks: a table in a file must not be folded."""


def document(body: object) -> None:
    """One JSON document on a line of its own. ASCII, so that it holds no control character."""
    print(json.dumps(body, separators=(",", ":")), flush=True)


def line(text: str) -> None:
    print(plain(text), flush=True)


def note(text: str) -> None:
    """Beside the answer: for people, never for programs."""
    print(plain(text), file=sys.stderr, flush=True)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows with the named columns; amounts stand to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    if not cells:
        return note("none")
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, column in enumerate(columns):
        is_amount = all(_is_number(row[i]) for row in cells)
        grid.add_column(
            column.replace("_", " "), justify="right" if is_amount else "left", overflow="fold"
        )
    for row in cells:
        grid.add_row(*(Text(text) for text in row))
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]  # closed by a shell
        return None
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(file=sys.stdout, width=width, highlight=False).print(grid)


def facts(pairs: Mapping[str, Any]) -> None:
    """One thing: a line for each of its members that has a value."""
    shown = {name.replace("_", " "): cell(value) for name, value in pairs.items()}
    width = max(map(len, shown), default=0)
    for name, text in shown.items():
        if text:
            line(f"{name:{width}}  {text}")


def cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple() | dict():
            return plain(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
        case _:
            return plain(str(value))


def plain(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit() or not text
