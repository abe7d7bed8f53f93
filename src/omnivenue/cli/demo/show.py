"""The demo to look at: what has been shown above, and below it what happens while one looks."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from omnivenue.cli.demo.latest import Latest
from omnivenue.cli.demo.stage import Stage
from omnivenue.client.place import place


class Show:
    """Live on a terminal, a line a step elsewhere, and nothing where a program reads."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(file=sys.stdout, quiet=quiet, highlight=False)
        self._latest = Latest()
        self._now: Spinner | None = None
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=8,
            vertical_overflow="crop",
        )
        self._is_live = self._console.is_terminal and not quiet

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

    def follow(self, stage: Stage) -> None:
        """Where it is now: it comes back somewhere else when it was killed."""
        if self._is_live:
            self._latest.follow(lambda: place(stage.url, stage.token))

    def begins(self, name: str) -> None:
        self._now = Spinner("dots", Text(f" {name}", style="bold"))

    def ended(self, name: str, ok: bool, detail: str) -> None:
        self._now = None
        self._console.print(_step(name, ok, detail), soft_wrap=True)

    def say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _picture(self) -> RenderableType:
        now = self._now
        tables = self._latest.tables()
        return tables if now is None else Group(now, tables)


def _step(name: str, ok: bool, detail: str) -> Text:
    mark = Text("✓ " if ok else "✗ ", style="green" if ok else "bold red")
    return mark.append(f"{name:14}", style="bold").append(detail, style="default")
