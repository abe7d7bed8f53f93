"""Small graphs of pools, drawn by chance: so small that every size of every cycle can be tried."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isqrt
from random import Random
from typing import NamedTuple

from omnivenue.reference import (
    CurvePool,
    Leg,
    Pool,
    QuoteError,
    SolidlyStablePool,
    StablePool,
    Template,
    Terms,
    V2Pool,
    V3Pool,
    WeightedPool,
    ratio_at,
    tick_at,
)

ONE = 10**18
KINDS = ("v2", "v3", "v4", "solidly", "weighted", "stable", "curve")


class Drawn(NamedTuple):
    pools: list[Pool]
    tokens: list[tuple[int, ...]]
    starts: list[tuple[int, Terms]]

    @property
    def most(self) -> int:
        """No pool holds more than about this of a token, so nothing larger earns anything."""
        return max(max(_held(pool)) for pool in self.pools)


class Best(NamedTuple):
    """Compares as it should be chosen."""

    profit: int
    fewer: int  # legs, negated
    legs: tuple[Leg, ...]
    amount_in: int


def draw_graph(random: Random, most: int, kinds: Sequence[str] = ("v2",), tokens: int = 4) -> Drawn:
    """Prices about those of the tokens' worth, so that some rounds earn and most lose."""
    worth = [random.uniform(1, 4) for _ in range(tokens)]
    pairs = [(a, b) for a in range(tokens) for b in range(a + 1, tokens) if random.random() < 0.9]
    pairs = pairs or [(0, 1)]
    pairs += [random.choice(pairs)] if random.random() < 0.5 else []
    pools = [draw_pool(random, random.choice(kinds), worth[a], worth[b], most) for a, b in pairs]
    fee = random.choice((0, 0, 5, 9))
    starts = [(t, Terms(fee, random.randint(0, 3))) for t in range(tokens)]
    return Drawn(pools, pairs, starts)


def draw_pool(random: Random, kind: str, worth_a: float, worth_b: float, most: int) -> Pool:
    """`most`: of what it holds."""
    size = most / 4 * random.uniform(0.05, 1) / max(1 / worth_a, 1 / worth_b)
    off = random.uniform(0.6, 1.6)
    a, b = max(int(size / worth_a * off), 2), max(int(size / worth_b), 2)
    match kind:
        case "v2":
            return V2Pool((a, b), random.choice((0, 5, 30, 100)))
        case "v3":
            return _draw_v3(random, a, b)
        case "v4":
            parts = random.choice((0, 500)), random.choice((0, 1_000))
            return replace(_draw_v3(random, a, b), protocol_pips=parts)
        case "solidly":
            return SolidlyStablePool((a, b), (4, 4), random.choice((0, 5, 30)))
        case "weighted":
            weight = random.choice((2, 5, 8)) * ONE // 10
            b = max(b * (ONE - weight) // weight, 2)
            fee = random.choice((0, 3)) * 10**15
            return WeightedPool((a, b), (ONE, ONE), (weight, ONE - weight), fee)
        case "stable":
            amp = random.choice((1_000, 200_000))
            few = ONE * 10**12  # of 6 decimals: the contract's rounding is a thousandth of 10^-15
            return StablePool((a, b), (few, few), amp, random.choice((0, 4)) * 10**14)
        case _:
            return CurvePool(
                Template.STETH, (a, b), (18, 18), random.choice((100, 5_000)), 4_000_000
            )


def _draw_v3(random: Random, a: int, b: int) -> V3Pool:
    """Two positions about the price, the narrow one as thick again."""
    spacing = random.choice((10, 60))
    price = tick_at(isqrt((b << 192) // a))
    middle, liquidity = price // spacing * spacing, isqrt(a * b)
    wide, narrow = spacing * 40, spacing * random.randint(1, 5)
    nets = {middle - wide: liquidity, middle + wide: -liquidity}
    nets |= {middle - narrow: liquidity, middle + narrow: -liquidity}
    ticks = tuple(sorted(nets))
    fee = random.choice((500, 3_000))
    at = ratio_at(price)
    return V3Pool(fee, spacing, at, price, 2 * liquidity, ticks, tuple(nets[t] for t in ticks))


def draw_odd_graph(random: Random, most: int, tokens: int = 3) -> Drawn:
    """What no market looks like: pools of a unit or two, without a fee or with little else, several
    between the same tokens, ranges with gaps, prices that stand on a tick."""
    pairs = [(*random.sample(range(tokens), 2),) for _ in range(random.randint(3, 6))]
    pools: list[Pool] = [
        _draw_gapped(random, most) if random.random() < 0.4 else _draw_odd_v2(random, most)
        for _ in pairs
    ]
    fees, gas, least = (0, 0, 1, 9, 500), (0, 0, 1, 7), (0, 0, 1, 5)
    starts = [
        (token, Terms(random.choice(fees), random.choice(gas), random.choice(least)))
        for token in random.sample(range(tokens), tokens)
    ]
    return Drawn(pools, pairs, starts)


def _draw_odd_v2(random: Random, most: int) -> V2Pool:
    some = (1, 2, most, random.randint(1, most), random.randint(1, most))
    return V2Pool((random.choice(some), random.choice(some)), random.choice((0, 0, 1, 30, 9_999)))


def _draw_gapped(random: Random, most: int) -> V3Pool:
    """Of a few narrow positions anywhere, some of a unit; each token is worth about the other."""
    spacing, nets = random.choice((60, 200, 2_000)), dict[int, int]()
    for _ in range(random.randint(1, 4)):
        low, width = random.randint(-9, 9) * spacing, random.randint(1, 6) * spacing
        liquidity = random.choice((1, most, 20 * most))
        nets[low] = nets.get(low, 0) + liquidity
        nets[low + width] = nets.get(low + width, 0) - liquidity
    nets = {tick: net for tick, net in sorted(nets.items()) if net}
    at = random.choice([*nets, random.randint(-9 * spacing, 9 * spacing)])
    tick = at - random.randint(0, 1)  # a swap that comes down to a tick leaves it above itself
    liquidity = sum(net for start, net in nets.items() if start <= tick)
    fee, ticks = random.choice((0, 100, 3_000)), tuple(nets)
    return V3Pool(fee, spacing, ratio_at(at), tick, liquidity, ticks, tuple(nets.values()))


def _held(pool: Pool) -> tuple[int, ...]:
    match pool:
        case V2Pool() | SolidlyStablePool():
            return pool.reserves
        case V3Pool():
            return tuple(_given_at_most(pool, token) for token in (0, 1))
        case WeightedPool() | StablePool() | CurvePool():
            return pool.balances
        case _:
            raise AssertionError(f"no such pool is drawn: {pool}")


def _given_at_most(pool: V3Pool, token: int) -> int:
    try:
        return pool.swap(1 - token, token, 2**120, by_in=True).amount_out
    except QuoteError:
        return 0


def best_of_all(drawn: Drawn, max_hops: int) -> Best | None:
    """The best size of the best round, by trying every round and every size. Of the same profit the
    shorter round, then the first by its legs, then the smaller input."""
    found = None
    for legs, terms in rounds(drawn, max_hops):
        best = best_size(drawn, legs, terms)
        if best is not None and (
            found is None or _key(best.profit, legs) < _key(found.profit, found.legs)
        ):
            found = best
    return found


def best_size(drawn: Drawn, legs: tuple[Leg, ...], terms: Terms) -> Best | None:
    """Of one round, by trying every size."""
    found = None
    for amount in range(1, drawn.most + 1):
        out = sent_round(drawn, legs, amount)
        if out is None and any(
            isinstance(drawn.pools[leg.pool], SolidlyStablePool) for leg in legs
        ):
            continue  # it may take more: see `sizing`
        if out is None:
            break
        fee = -(-amount * terms.loan_fee_bps // 10_000)
        profit = out - amount - fee - terms.gas
        if profit >= max(terms.min_profit, 1) and (found is None or profit > found.profit):
            found = Best(profit, -len(legs), legs, amount)
    return found


def _key(profit: int, legs: tuple[Leg, ...]) -> tuple[int, int, tuple[Leg, ...]]:
    return -profit, len(legs), legs


def rounds(drawn: Drawn, max_hops: int) -> Iterator[tuple[tuple[Leg, ...], Terms]]:
    """By trying every next pool; a round is told by the first of the starts that it meets."""
    terms = dict(drawn.starts)
    rank = {token: n for n, (token, _) in enumerate(drawn.starts)}

    def go_on(
        start: int, at: int, legs: tuple[Leg, ...], seen: frozenset[int]
    ) -> Iterator[tuple[Leg, ...]]:
        for pool, (a, b) in enumerate(drawn.tokens):
            if at not in (a, b) or any(leg.pool == pool for leg in legs):
                continue
            to = b if at == a else a
            longer = (*legs, Leg(pool, int(at == b), int(at == a)))
            if to == start:
                yield longer
            elif to not in seen and rank[to] > rank[start] and len(longer) < max_hops:
                yield from go_on(start, to, longer, seen | {to})

    for start in rank:
        for legs in go_on(start, start, (), frozenset({start})):
            yield legs, terms[start]


def sent_round(drawn: Drawn, legs: tuple[Leg, ...], amount: int) -> int | None:
    """None: refused, as every larger amount is."""
    for leg in legs:
        pool = drawn.pools[leg.pool]
        if isinstance(pool, V2Pool):  # by the formula once more: this is tried a million times
            held_in, held_out = pool.reserves[leg.token_in], pool.reserves[leg.token_out]
            kept = amount * (10_000 - pool.fee_bps)
            amount = kept * held_out // (held_in * 10_000 + kept)
            continue
        if amount == 0:
            return 0
        try:
            done = pool.swap(leg.token_in, leg.token_out, amount, by_in=True)
        except QuoteError:
            return 0 if amount < 8 else None
        if done.is_partial:
            return None
        amount = done.amount_out
    return amount
