"""The demo to look at: what has been shown, what is being shown, and the latest orders."""

import sys
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from omnivenue.cli.demo.stage import Stage
from omnivenue.client import OmnivenueError

ORDERS_SHOWN = 8
_COLUMNS = ("id", "venue", "side", "qty", "status", "cum_qty", "avg_px")


class Show:
    """Live on a terminal, a line a step elsewhere, and nothing where a program reads."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(file=sys.stdout, quiet=quiet, highlight=False)
        self._live = Live(console=self._console, refresh_per_second=10, transient=False)
        self._is_live = self._console.is_terminal and not quiet
        self._done: list[tuple[str, bool, str]] = []
        self._orders: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        if self._is_live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_live:
            self._live.stop()

    def begins(self, name: str) -> None:
        if self._is_live:
            self._live.update(self._picture(name))

    def ended(self, name: str, ok: bool, detail: str, stage: Stage) -> None:
        self._done.append((name, ok, detail))
        if not self._is_live:
            self._console.print(_step(name, ok, detail), soft_wrap=True)
            return
        try:
            with stage.client() as client:
                self._orders = client.orders()[-ORDERS_SHOWN:]
        except OmnivenueError:
            self._orders = []  # the server is not there at this moment: that is part of the show
        self._live.update(self._picture(None))

    def say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _picture(self, now: str | None) -> RenderableType:
        parts: list[RenderableType] = [_step(*done) for done in self._done]
        if now is not None:
            parts.append(Spinner("dots", Text(f" {now}", style="bold")))
        if self._orders:
            table = Table(box=None, pad_edge=False, header_style="dim")
            for column in _COLUMNS:
                table.add_column(column.replace("_", " "))
            for row in self._orders:
                table.add_row(*(str(row[column] or "") for column in _COLUMNS))
            parts += [Text(), table]
        return Group(*parts)


def _step(name: str, ok: bool, detail: str) -> Text:
    mark = Text("✓ " if ok else "✗ ", style="green" if ok else "bold red")
    return mark.append(f"{name:14}", style="bold").append(detail, style="default")
