"""`arb`: rounds of swaps that earn, over pools that a file describes."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated

import typer

from omnivenue.cli.verb import Json

Units = Annotated[list[str] | None, typer.Option(metavar="UNITS|TOKEN=UNITS")]


def arb(
    pools: Annotated[str, typer.Option(metavar="FILE|-", help="The pools, one JSON document.")],
    max_hops: Annotated[str | None, typer.Option(metavar="N", help="2 to 8; else 4.")] = None,
    start: Annotated[
        list[str] | None, typer.Option(metavar="TOKEN", help="Once for each; else all tokens.")
    ] = None,
    loan_fee_bps: Annotated[
        str | None, typer.Option(metavar="N", help="Of what is sent; else 0.")
    ] = None,
    gas: Units = None,
    min_profit: Units = None,
    as_json: Json = False,
) -> int:
    """Rounds of swaps that earn, the best first, each with its best size."""
    from omnivenue.cli.arbitrage import search

    del as_json  # it is one JSON document either way
    given = {"max_hops": max_hops, "start": start or None, "loan_fee_bps": loan_fee_bps}
    return search(pools, given, {"gas": gas or [], "min_profit": min_profit or []})
