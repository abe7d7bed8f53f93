"""What an arbitrage signal would earn over given pools: its route hop by hop, scored.

Each hop goes through the pool that brings most of what arrives there; a pool is used once in a
route. Where a pool that is best for a hop could be needed later, the next best are tried too, and
what comes out at the end decides. A size whose slippage is too much is cut once (requirement I5),
and the gates are asked about what would be sent. Whatever fails, everything that is wrong is told.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from omnivenue.kernel import QuoteError, Why
from omnivenue.message import Reason
from omnivenue.model import nearest_hint
from omnivenue.route.arbitrage import Gates, HopQuote, Prices, Round, Score, score
from omnivenue.route.chain_terms import ChainTerms
from omnivenue.route.pool_depth import held, unmoved_out_up
from omnivenue.route.pool_market import PoolMarket, Swap, Worth
from omnivenue.route.round_gas import SwapKind

WEI = 10**18
TRIED_MAX = 16
"""Pools of a hop that are tried where the best one may be needed later."""

QUOTES_MAX = 10_000
"""Of one way along a route. After so many nothing is tried again: the best way until then is it."""

TOKENS_HINTED_MAX = 1_000
SWAP_KINDS = {
    "uniswap_v2": SwapKind.UNISWAP_V2,
    "uniswap_v3": SwapKind.UNISWAP_V3,
    "uniswap_v4": SwapKind.UNISWAP_V4,
    "solidly_stable": SwapKind.SOLIDLY,
    "balancer_weighted": SwapKind.BALANCER,
    "balancer_stable": SwapKind.BALANCER,
    "curve_stableswap": SwapKind.CURVE,
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A signal: `principal` in units of the first token, which is the last one as well."""

    route: tuple[str, ...]
    principal: int
    slippage_bps: int
    min_profit: int = 0  # millionths of a dollar
    max_gas_price: int | None = None  # wei a unit

    @property
    def gates(self) -> Gates:
        return Gates(
            min_profit=self.min_profit,
            max_gas_price=self.max_gas_price,
            slippage_ppm=self.slippage_bps * 100,
        )


class Step(NamedTuple):
    """A hop as it would be done. `pools`: how many hold both tokens."""

    swap: Swap
    kind: str
    pools: int
    amount_in: int
    amount_out: int
    unmoved_out: int


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """`sent`: what of the principal would be. Without a score the reasons say why there is none.
    `is_cut`: there are ways along the route that were not tried."""

    wanted: Wanted
    sent: int
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...] = ()
    score: Score | None = None
    token: Worth | None = None
    native: Worth | None = None
    native_name: str = ""
    is_cut: bool = False

    @property
    def is_worth_sending(self) -> bool:
        return self.score is not None and not self.reasons

    @property
    def size_percent(self) -> int:
        """Of the principal, as the rule of sizes has it."""
        return -(-self.sent * 100 // self.wanted.principal)


def priced(wanted: Wanted, market: PoolMarket, terms: ChainTerms) -> Priced:
    route, principal = wanted.route, wanted.principal
    token, (native_name, native) = market.worth.get(route[0]), _native(market, terms)
    wrong = [*_unknown(route, market)]
    wrong += _worthless((route[0],) if market.has(route[0]) else (), market)
    wrong += _worthless((native_name,), market)
    if wrong or token is None or native is None:
        unique = tuple(dict.fromkeys(wrong))
        return Priced(wanted=wanted, sent=principal, reasons=unique)
    steps, is_cut = _steps(route, principal, market)
    if isinstance(steps, Reason):
        return Priced(wanted=wanted, sent=principal, reasons=(steps,), is_cut=is_cut)
    prices = _prices(token, native, terms)
    found = _scored(wanted, steps, market, prices, terms)
    if 0 < (part := principal * found.size_percent // 100) < principal:
        smaller, is_smaller_cut = _steps(route, part, market)
        if not isinstance(smaller, Reason):
            is_cut = is_smaller_cut
            steps, found = smaller, _scored(wanted, smaller, market, prices, terms)
    return Priced(
        wanted=wanted,
        sent=steps[0].amount_in,
        reasons=found.reasons,
        steps=steps,
        score=found,
        token=token,
        native=native,
        native_name=native_name,
        is_cut=is_cut,
    )


def expected_slippage_ppm(
    market: PoolMarket, kind: str, token_in: str, token_out: str, amount: int
) -> int | None:
    """What a swap at the best pool of a kind would lose by moving its price (requirement I4). None
    where no such pool takes it."""
    swaps = [s for s in market.between(token_in, token_out) if market.pools[s.pool].kind == kind]
    quoted = _quoted(swaps, amount, market, [])
    return None if not quoted else _hop_quote(quoted[0]).slippage_ppm


def _unknown(route: Sequence[str], market: PoolMarket) -> Iterator[Reason]:
    """Tokens that no pool has, and pairs that no pool has both of."""
    for token in dict.fromkeys(route):
        if not market.has(token):
            known = market.tokens if len(market.tokens) <= TOKENS_HINTED_MAX else ()
            text = f"no pool has the token {token}{nearest_hint(token, known)}"
            yield Reason(code="UNKNOWN_TOKEN", message=text)
    for n, (a, b) in enumerate(pairwise(route), 1):
        if market.has(a) and market.has(b) and not market.between(a, b):
            yield Reason(code="NO_POOL", message=f"hop {n}: no pool has both {a} and {b}")


def _native(market: PoolMarket, terms: ChainTerms) -> tuple[str, Worth | None]:
    for name in terms.native:
        if name in market.worth:
            return name, market.worth[name]
    return terms.native[0], None


def _worthless(tokens: Sequence[str], market: PoolMarket) -> Iterator[Reason]:
    for token in tokens:
        if token in market.worth:
            continue
        if len(market.stated_decimals(token)) > 1:
            text = f"pools contradict one another about the decimals of {token}"
            yield Reason(code="DECIMALS", message=text)
        else:
            text = f"{token} has no price: no path of pools leads from it to a dollar's stablecoin"
            yield Reason(code="NO_PRICE", message=text)


def _prices(token: Worth, native: Worth, terms: ChainTerms) -> Prices:
    return Prices(
        token=token.price.num,
        token_unit=token.price.den,
        native=native.price.up(WEI),
        base_fee=terms.base_fee,
        priority_fee=terms.priority_fee,
    )


def _scored(
    wanted: Wanted,
    steps: Sequence[Step],
    market: PoolMarket,
    prices: Prices,
    terms: ChainTerms,
) -> Score:
    first = steps[0].swap
    done = Round(
        amount_in=steps[0].amount_in,
        hops=tuple(_hop_quote(step) for step in steps),
        loan_fee_bps=terms.loan_fee_bps,
        pool_held=held(market.pools[first.pool].state, first.token_in),
    )
    return score(done, prices, wanted.gates)


def _hop_quote(step: Step) -> HopQuote:
    kind = SWAP_KINDS[step.kind]
    return HopQuote(kind=kind, amount_out=step.amount_out, unmoved_out=step.unmoved_out)


def _steps(
    route: Sequence[str], amount: int, market: PoolMarket
) -> tuple[tuple[Step, ...] | Reason, bool]:
    """The best way along the route, or why its furthest hop has none; and whether there are ways
    that were not tried."""
    hops = [market.between(a, b) for a, b in pairwise(route)]
    search = _Search(market, hops)
    search.go_on(amount, ())
    if search.best:
        return search.best, search.is_cut
    n, (a, b) = search.stuck_at, (route[search.stuck_at], route[search.stuck_at + 1])
    why = "; ".join(dict.fromkeys(search.why)) or "each of its pools is used by another hop"
    if search.is_cut:
        why += f"; not all ways were tried, after {QUOTES_MAX} quotes"
    text = f"hop {n + 1}: no pool swaps it from {a} to {b}: {why}"
    return Reason(code="NO_QUOTE", message=text), search.is_cut


class _Search:
    """Depth first. Without a pool that two hops could use there is nothing to go back for."""

    def __init__(self, market: PoolMarket, hops: Sequence[Sequence[Swap]]) -> None:
        self.best: tuple[Step, ...] = ()
        self.stuck_at, self.why = -1, list[str]()
        self.is_cut = False
        self._quotes_left = QUOTES_MAX
        self._market, self._hops = market, hops
        later = [{swap.pool for swap in swaps} for swaps in hops]
        self._needed = [set[str]().union(*later[n + 1 :]) for n in range(len(hops))]

    def go_on(self, amount: int, done: tuple[Step, ...]) -> None:
        n = len(done)
        if n == len(self._hops):
            if not self.best or amount > self.best[-1].amount_out:
                self.best = done
            return
        used = {step.swap.pool for step in done}
        why: list[str] = []
        swaps = [swap for swap in self._hops[n] if swap.pool not in used]
        self._quotes_left -= len(swaps)
        steps = _quoted(swaps, amount, self._market, why)
        if not steps and n > self.stuck_at:
            self.stuck_at, self.why = n, why
        for place, step in enumerate(steps, 1):
            of_all = step._replace(pools=len(self._hops[n]))
            self.go_on(step.amount_out, (*done, of_all))
            if step.swap.pool not in self._needed[n]:
                return
            if place < len(steps) and (place == TRIED_MAX or self._quotes_left <= 0):
                self.is_cut = True
                return


def _quoted(swaps: Sequence[Swap], amount: int, market: PoolMarket, why: list[str]) -> list[Step]:
    """What each brings, the most first; why others bring nothing."""
    found: list[Step] = []
    for swap in swaps:
        pool = market.pools[swap.pool]
        try:
            done = pool.state.swap(swap.token_in, swap.token_out, amount, by_in=True)
        except QuoteError as error:
            why.append(f"{swap.pool}: {error.code}")
            continue
        if done.is_partial or done.amount_out == 0:
            code = Why.INSUFFICIENT_LIQUIDITY if done.is_partial else "it would bring nothing"
            why.append(f"{swap.pool}: {code}")
            continue
        unmoved = unmoved_out_up(pool.state, swap.token_in, swap.token_out, amount)
        found.append(Step(swap, pool.kind, len(swaps), amount, done.amount_out, unmoved))
    return sorted(found, key=lambda step: (-step.amount_out, step.swap.pool))
