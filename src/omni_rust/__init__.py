"""The module under which programs of a compiled executor call its pricing of routes.

Nothing of its own is here: it is what `omnivenue execute` answers, as an object. The pools are
those of the file that the variable OMNIVENUE_POOLS names, else of `[chain.NAME] pools` in
./omnivenue.toml; either file is looked at again for each call.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from omnivenue.config import chains_of, load
from omnivenue.environ import POOLS
from omnivenue.message import Reason
from omnivenue.route import expected_slippage_ppm
from omnivenue.wire import Invalid
from omnivenue.wire.arbitrage import (
    ArbitrageRow,
    Chains,
    answer,
    parse_arbitrage,
    refused_document,
)

__all__ = ["ArbitrageRow", "calculate_arbitrage_route", "get_expected_slippage"]

PPM_OF_PERCENT = 10_000


def calculate_arbitrage_route(
    path: Sequence[str], principal: int, slippage_bps: int
) -> ArbitrageRow:
    """`path`: token names, from the borrowed one back to it; `principal` in its smallest unit. The
    result has `pnl_usd`, `success`, `reasons`, `hops` and more; a route that cannot be priced has
    `success` False, `pnl_usd` 0 and the reasons. Raises ConfigInvalid where the configuration is
    wrong."""
    route = path if isinstance(path, str) else [*path]  # a string is a sequence too
    signal = parse_arbitrage({"route": route, "principal": principal, "slippage_bps": slippage_bps})
    if isinstance(signal, Invalid):
        return refused_document(signal.reasons)
    return answer(signal, _here())


def get_expected_slippage(dex: str, pair: str, amount: int) -> float:
    """In percent, by the depth of the best pool of a kind (`uniswap_v2`, `curve_stableswap` …).
    `pair`: "TOKEN_IN/TOKEN_OUT"; `amount` in the smallest unit of the first. Raises LookupError
    where there are no pools or none takes it."""
    chains = _here()
    found = chains.market(chains.chain())
    if isinstance(found, Reason):
        raise LookupError(found.message)
    token_in, _, token_out = pair.partition("/")
    slippage = expected_slippage_ppm(found.market, dex, token_in, token_out, amount)
    if slippage is None:
        raise LookupError(f"no pool of kind {dex} swaps {amount} of {token_in} to {token_out}")
    return slippage / PPM_OF_PERCENT


def _here() -> Chains:
    return _chains(os.environ.get(POOLS) or None, Path.cwd())


@lru_cache(maxsize=8)
def _chains(pools: str | None, cwd: Path) -> Chains:
    return chains_of(load(None, os.environ, cwd), pools)
