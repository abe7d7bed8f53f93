"""Bugs to plant in the pricing of arbitrage signals: see `mutants_list`."""

from mutants_list import Mutant

_DEPTH, _MARKET, _PRICED = "route/pool_depth.py", "route/pool_market.py", "route/priced.py"
_SIGNAL, _CHAINS = "wire/arbitrage/signal.py", "wire/arbitrage/chains.py"

PRICING = [
    Mutant(
        "the price of a weighted pool has its weights the wrong way round",
        _DEPTH,
        "num = balances[token_out] * weights[token_in]",
        "num = balances[token_out] * weights[token_out]",
    ),
    Mutant(
        "slippage of a constant product counts its fee",
        _DEPTH,
        "return Ratio(BPS - pool.fee_bps, BPS)",
        "return Ratio(BPS, BPS)",
    ),
    Mutant(
        "the price of a concentrated pool is that of its other token",
        _DEPTH,
        "if token_in == 0 else Ratio(Q96 * Q96, square)",
        "if token_in == 1 else Ratio(Q96 * Q96, square)",
    ),
    Mutant(
        "a probe of an iterated curve is so large that it moves the price",
        _DEPTH,
        "PROBES = 10**6",
        "PROBES = 10**2",
    ),
    Mutant(
        "a dollar is found by the shallowest path",
        _MARKET,
        "(-next_worth.depth, other, next_worth)",
        "(next_worth.depth, other, next_worth)",
    ),
    Mutant(
        "the depth of a path is that of its last pool",
        _MARKET,
        "depth = min(worth.depth, worth.price.down(held(pool.state, place)))",
        "depth = worth.price.down(held(pool.state, place))",
    ),
    Mutant(
        "a token has a price though pools contradict one another about its decimals",
        _MARKET,
        "if token in found or len(self.stated_decimals(token)) > 1:",
        "if token in found:",
    ),
    Mutant(
        "the table's decimals go before those that a pool states",
        _MARKET,
        "stated = self.stated_decimals(token) or {self._dollars[token]}",
        "stated = {self._dollars[token]}",
    ),
    Mutant(
        "a pool is used twice in a route",
        _PRICED,
        "swaps = [swap for swap in self._hops[n] if swap.pool not in used]",
        "swaps = list(self._hops[n])",
    ),
    Mutant(
        "a pool that a later hop needs is given away to an earlier one",
        _PRICED,
        "if step.swap.pool not in self._needed[n]:",
        "if True:",
    ),
    Mutant(
        "a hop goes through the pool that brings least",
        _PRICED,
        "key=lambda step: (-step.amount_out, step.swap.pool)",
        "key=lambda step: (step.amount_out, step.swap.pool)",
    ),
    Mutant(
        "a part that a pool did counts as the whole",
        _PRICED,
        "if done.is_partial or done.amount_out == 0:",
        "if done.amount_out == 0:",
    ),
    Mutant(
        "a size is cut and then judged as if it had not been",
        _PRICED,
        "steps, found = smaller, _scored(wanted, smaller, market, prices, terms)",
        "steps = smaller",
    ),
    Mutant(
        "a size that slips too far is not cut",
        _PRICED,
        "if not isinstance(smaller, Reason):",
        "if False:",
    ),
    Mutant(
        "no hop is held against what its pool has",
        _PRICED,
        "pool_held=held(market.pools[first.pool].state, first.token_in),",
        "",
    ),
    Mutant(
        "a floor of profit is rounded down",
        _SIGNAL,
        "return int(whole) + (part > 0)",
        "return int(whole)",
    ),
    Mutant(
        "a route need not come back",
        _SIGNAL,
        "if tokens and tokens[0] != tokens[-1]:",
        "if False:",
    ),
    Mutant(
        "pools are read once and never again",
        _CHAINS,
        "if known is not None and known[0] == mark:",
        "if known is not None:",
    ),
]
