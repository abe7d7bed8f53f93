"""`execute`: one arbitrage signal in, one document out."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated

import typer

from omnivenue.cli.verb import ConfigFile, Json


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
