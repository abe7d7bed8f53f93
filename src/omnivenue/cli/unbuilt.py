"""Verbs that are promised and not built yet: one table, one answer."""

from typing import Any

import typer

from omnivenue.cli.verb import Verb, failed

UNBUILT = (
    "plans",
    "data",
    "backtest",
    "execute",
    "wallet",
    "chain",
)

_ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}


def add_unbuilt(group: typer.Typer, names: tuple[str, ...], path: str = "") -> None:
    """They take whatever arguments they will take, and are no part of --help."""
    for name in names:
        command = group.command(
            name, cls=Verb, hidden=True, context_settings=_ANYTHING, add_help_option=False
        )
        command(_answer(f"{path}{name}"))


def _answer(verb: str) -> Any:
    def answer(ctx: typer.Context) -> int:
        text = f"omnivenue {verb} is not built yet"
        return failed(text, "API-030", 1, as_json="--json" in ctx.args)

    return answer
