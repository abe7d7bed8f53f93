"""`execute`: one arbitrage signal in, one document out; and `omni-bot`, its older name."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

import sys
from typing import Annotated

import typer

from omnivenue.cli.verb import ConfigFile, Json

EXECUTE = "--execute"
USAGE = """\
omni-bot --execute - [--pools FILE] [--config FILE]: one arbitrage signal as JSON on standard input,
one JSON document on standard output. It is another name of `omnivenue execute -`.
"""


def execute(
    signal: Annotated[str, typer.Argument(metavar="FILE|-", help="-: standard input.")] = "-",
    pools: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The pools; else those of the configuration."),
    ] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> int:
    """What an arbitrage signal would earn. Nothing is sent."""
    from omnivenue.cli.executing import execute_one

    del as_json  # it is one JSON document either way
    return execute_one(signal, pools, config)


def as_execute(args: list[str]) -> list[str] | None:
    """The arguments of `omni-bot` as those of `omnivenue`; None where it was asked for nothing."""
    if EXECUTE not in args:
        return None
    at = args.index(EXECUTE)
    return ["execute", *args[:at], *args[at + 1 :]]


def omni_bot() -> None:
    """The entry point of `omni-bot`."""
    from omnivenue.cli.root import app

    args = as_execute(sys.argv[1:])
    if args is None:
        is_asked = "--help" in sys.argv[1:]
        print(USAGE, end="", file=sys.stdout if is_asked else sys.stderr)
        sys.exit(0 if is_asked else 2)
    app(args, prog_name="omni-bot")
