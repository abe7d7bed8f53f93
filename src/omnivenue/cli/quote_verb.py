"""`quote`: what swaps would bring, to the last unit, over pools that a file describes."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated

import typer

from omnivenue.cli.verb import Json


def quote(
    pools: Annotated[str, typer.Option(metavar="FILE", help="The pools, one JSON document.")],
    requests: Annotated[
        str, typer.Option(metavar="FILE|-", help="JSON lines; -: standard input.")
    ] = "-",
    as_json: Json = False,
) -> int:
    """What swaps would bring, to the last unit."""
    from omnivenue.cli.quoting import quote_all

    del as_json  # its answers are JSON lines either way
    return quote_all(pools, requests)
