"""Pools and questions as chance has them, with the edges far more often than chance would.

A pool is drawn as its kind and its fields, so that each kernel can make its own of them.
"""

from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from omnivenue.reference import (
    RATIO_MAX,
    RATIO_MIN,
    TICK_MAX,
    Template,
    ratio_at,
    tick_at,
)

ONE = 10**18
KINDS = ("V2Pool", "V3Pool", "SolidlyStablePool", "WeightedPool", "StablePool", "CurvePool")
EDGES = (
    *(0, 1, 2, 3, 10, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**112 - 1, 2**112),
    *(2**127, 2**128 - 1, 2**128, 2**192, 2**255 - 1, 2**255, 2**256 - 1, 2**256, 2**300, -1),
)
"""Where the width of something ends, in a contract or on the way from Python."""


class Drawn(NamedTuple):
    kind: str
    fields: dict[str, Any]

    def of(self, kernel: Any) -> Any:
        return getattr(kernel, self.kind)(**self.fields)


class Question(NamedTuple):
    token_in: int
    token_out: int
    amount: int
    limit: int
    by_in: bool


def draw_pool(chance: Random, kind: str) -> Drawn:
    return Drawn(kind, _FIELDS[kind](chance))


def draw_question(chance: Random, pool: Drawn) -> Question:
    if pool.kind == "V3Pool":
        count, held = 2, [max(pool.fields["liquidity"], 1)] * 2
    else:
        held = list(pool.fields.get("balances") or pool.fields["reserves"])
        count = len(held)
    token_in, token_out = chance.sample(range(count), 2)
    if chance.random() < 0.03:
        token_in, token_out = chance.choice([(0, 0), (-1, 0), (0, count), (2**70, 1)])
    amount = _amount(chance, held[min(token_out, count - 1)])
    limit = 0
    if chance.random() < (0.3 if pool.kind == "V3Pool" else 0.02):
        limit = chance.choice([1, 2**96, _near(chance, pool.fields.get("sqrt_price", 2**96))])
    return Question(token_in, token_out, amount, limit, chance.random() < 0.5)


def _near(chance: Random, price: int) -> int:
    if chance.random() < 0.1:
        return chance.choice([RATIO_MIN, RATIO_MIN + 1, RATIO_MAX - 1, RATIO_MAX, 2**300, price])
    return price * chance.randint(900, 1_100) // 1_000


def _amount(chance: Random, held: int) -> int:
    roll = chance.random()
    if roll < 0.12:
        return chance.choice(EDGES)
    if roll < 0.3:
        return max(held + chance.randint(-3, 3), 0)
    if roll < 0.6:
        return chance.randint(0, max(held // 3, 3))
    return _large(chance, held.bit_length() + 4)


def _large(chance: Random, bits: int) -> int:
    """Of any length up to so many bits, each as likely."""
    return chance.getrandbits(chance.randint(1, max(bits, 1)))


def _v2(chance: Random) -> dict[str, Any]:
    bits = 256 if chance.random() < 0.05 else 112
    reserves = (_large(chance, bits), _large(chance, bits))
    return {"reserves": reserves, "fee_bps": chance.choice([0, 1, 5, 25, 30, 100, 9_999])}


def _v3(chance: Random) -> dict[str, Any]:
    is_v4 = chance.random() < 0.5
    spacing = chance.choice([1, 10, 60, 200, 16_383, 32_767 if is_v4 else 7])
    last = TICK_MAX // spacing
    width = chance.choice([3, 40, 2_000, last])
    middle = chance.randint(width - last, last - width) if width < last else 0
    places = range(max(middle - width, -last), min(middle + width, last) + 1)
    added: dict[int, int] = {}
    for _ in range(chance.choice([0, 1, 2, 3, 12])):
        low, high = sorted(chance.sample(places, 2))
        liquidity = _large(chance, 118)
        added[low * spacing] = added.get(low * spacing, 0) + liquidity
        added[high * spacing] = added.get(high * spacing, 0) - liquidity
    ticks = tuple(sorted(tick for tick, net in added.items() if net))
    nets = tuple(added[tick] for tick in ticks)
    at = chance.randint(max(middle - width - 1, -last) * spacing, (middle + width) * spacing)
    at = min(max(at, -TICK_MAX), TICK_MAX - 1)
    low, high = ratio_at(at), ratio_at(at + 1)
    price = chance.choice([low, high - 1, chance.randint(low, high - 1)])
    assert tick_at(price) == at
    totals = zip(ticks, accumulate(nets), strict=True)
    liquidity = next((total for tick, total in reversed([*totals]) if tick <= at), 0)
    fee = chance.choice([0, 1, 100, 500, 3_000, 10_000, 999_999, 1_000_000 if is_v4 else 2])
    protocol = chance.choice([0, 1, 999, 1_000]), chance.choice([0, 7, 1_000])
    return {"fee_pips": fee, "tick_spacing": spacing, "sqrt_price": price, "tick": at} | {
        "liquidity": liquidity,
        "ticks": ticks,
        "nets": nets,
        "protocol_pips": protocol if is_v4 else None,
    }


def _solidly(chance: Random) -> dict[str, Any]:
    decimals = chance.choice([6, 8, 18, 0]), chance.choice([6, 18])
    whole = _balances(chance, 2, chance.choice([90, 100, 120]))
    reserves = [max(x // 10 ** (18 - d), 1) for x, d in zip(whole, decimals, strict=True)]
    return {
        "reserves": tuple(reserves),
        "decimals": decimals,
        "fee_bps": chance.choice([0, 1, 5, 30, 9_999]),
    }


def _balances(chance: Random, count: int, bits: int) -> tuple[int, ...]:
    """Often near one another, as those of stable pools are."""
    if chance.random() < 0.5:
        middle = _large(chance, bits - 2) + 4
        return tuple(middle * chance.randint(1, 3) + chance.randint(0, 9) for _ in range(count))
    return tuple(max(_large(chance, bits), 1) for _ in range(count))


def _factors(chance: Random, count: int) -> tuple[int, ...]:
    """Of tokens with 6 to 18 decimals, some with a rate."""
    drawn = [10 ** (18 + chance.choice([0, 0, 10, 12])) for _ in range(count)]
    return tuple(f * chance.randint(1, 3) if chance.random() < 0.1 else f for f in drawn)


def _weighted(chance: Random) -> dict[str, Any]:
    count = chance.randint(2, 8)
    weights = [chance.randint(ONE // 100, ONE // count) for _ in range(count - 1)]
    return {
        "balances": _balances(chance, count, 112),
        "factors": _factors(chance, count),
        "weights": (*weights, ONE - sum(weights)) if chance.random() < 0.7 else (ONE // 2,) * count,
        "swap_fee": chance.choice([0, 10**12, 10**15, 3 * 10**15, 10**17, ONE - 1]),
        "has_shortcuts": chance.random() < 0.5,
    }


def _stable(chance: Random) -> dict[str, Any]:
    count = chance.randint(2, 5)
    return {
        "balances": _balances(chance, count, 100),
        "factors": _factors(chance, count),
        "amp": chance.choice([1_000, 57_000, 200_000, 5_000_000]),
        "swap_fee": chance.choice([0, 10**12, 10**14, 10**17]),
        "rounds_invariant_up": chance.random() < 0.5,
    }


def _curve(chance: Random) -> dict[str, Any]:
    template = chance.choice([*Template])
    terms = template.value
    decimals = [chance.choice([6, 8, 18]) if terms.is_scaled else 18 for _ in range(terms.coins)]
    whole = _balances(chance, terms.coins, 90)
    balances = [max(x // 10 ** (18 - d), 1) for x, d in zip(whole, decimals, strict=True)]
    return {
        "template": template,
        "balances": tuple(balances),
        "decimals": tuple(decimals),
        "amp": chance.choice([1, 10, 200, 2_000, 10**6]) * terms.a_precision,
        "fee": chance.choice([0, 10**6, 4 * 10**6, 10**9, 5 * 10**9]),  # no contract takes more
        "admin_fee": chance.choice([0, 5 * 10**9, 10**10]),
        "lp_supply": _large(chance, 90),
    }


_FIELDS = {
    "V2Pool": _v2,
    "V3Pool": _v3,
    "SolidlyStablePool": _solidly,
    "WeightedPool": _weighted,
    "StablePool": _stable,
    "CurvePool": _curve,
}
