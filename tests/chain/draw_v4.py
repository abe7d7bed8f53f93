"""Random pools of Uniswap V4 and requests: fees up to all that is paid, amounts up to half a word.

Ticks and prices are drawn as for V3, whose walk it is; what V4 alone has comes up far more often.
"""

from random import Random
from typing import Any

from chain import uniswap_v4
from chain.case import Case, Scene
from chain.draw import hops, limit_of, of_bits, within_reach
from chain.node import Node
from chain.rpc import Reverted
from chain.uniswap_v3 import SQRT_PRICE_MAX, TICK_MAX, price_at
from chain.uniswap_v4 import DeployedV4, Pool

FEES = [0, 1, 100, 500, 3_000, 10_000, 999_999, 1_000_000]
PROTOCOL_FEES = [0, 0, 1, 1_000]
SPACINGS = [1, 10, 60, 200, 16_384, 32_767]
EDGES = [0, 1, 2, 2**127 - 1, 2**127, 2**127 + 1, 2**128, 2**255 - 1]


def scene(node: Node, at: DeployedV4, rng: Random, count: int) -> Scene:
    made = {"p1": drawn_pool(node, at, rng, rng.choice(["AB", "BC"]))}
    pools = {name: pool.state for name, pool in made.items()}
    cases = list[Case]()
    for n in range(count):
        down = rng.random() < 0.5
        sizes = [of_bits(rng, 1, 100)] * 24
        amount = rng.choice([*sizes, of_bits(rng, 100, 256), of_bits(rng, 110, 130), *EDGES])
        request: dict[str, Any] = {
            "id": f"q{n}",
            "kind": rng.choice(["exact_in", "exact_out"]),
            "path": hops(["p1"], "".join(made["p1"].tokens), down),
            "amount": str(amount),
            "sqrt_price_limit_x96": str(limit_of(node, at.older, rng, pools["p1"], down)),
        }
        within_reach(rng, request, 2**126, lambda asked: uniswap_v4.quote(node, at, made, asked))
        cases.append(Case(pools, request, uniswap_v4.quote(node, at, made, request)))
    return Scene(pools, cases)


def drawn_pool(node: Node, at: DeployedV4, rng: Random, tokens: str) -> Pool:
    fee = rng.choice([*FEES, rng.randint(0, 1_000_000), of_bits(rng, 1, 14)])
    protocol = [rng.choice([*PROTOCOL_FEES, rng.randint(0, 1_000)]) for _ in "01"]
    spacing = rng.choice([*SPACINGS, rng.randint(1, 32_767)])
    price = rng.choice([2**96, of_bits(rng, 96, 97) | 2**94, of_bits(rng, 34, 160) | 2**33])
    price = min(price, SQRT_PRICE_MAX - 1)
    if rng.random() < 0.2:
        tick = spacing * rng.randint(-300_000 // spacing, 30)
        price = price_at(node, at.older, min(tick, (TICK_MAX - 1) // spacing * spacing))
    pool = uniswap_v4.make_pool(node, at, tokens, (fee, protocol[0], protocol[1]), spacing, price)
    for _ in range(rng.choice([0, 1, 2, 4, 6, 6, 8, 8, 8, 16])):
        _add_drawn(node, at, rng, pool)
    uniswap_v4.read(node, at, pool)
    if rng.random() < 0.4:
        _move(node, at, rng, pool)
    return pool


def _add_drawn(node: Node, at: DeployedV4, rng: Random, pool: Pool) -> None:
    """A position; at times a second one that ends where it begins, so that a tick's net is zero."""
    most = TICK_MAX // pool.spacing
    here = int(pool.state["tick"]) // pool.spacing
    low = max(-most, min(most - 1, here + rng.choice([-1, 1]) * of_bits(rng, 0, 12)))
    high = max(low + 1, min(most, low + 1 + of_bits(rng, 0, 13)))
    if rng.random() < 0.1:
        low, high = -most, most
    liquidity = of_bits(rng, 20, rng.choice([70, 100, 122]))
    ends = low * pool.spacing, high * pool.spacing
    try:
        uniswap_v4.add_position(node, at, pool, ends, liquidity)
        if high < most and rng.random() < 0.4:
            after = ends[1], ends[1] + pool.spacing
            uniswap_v4.add_position(node, at, pool, after, liquidity)
    except Reverted:
        pass  # none at all, more than a tick may hold or half a word: another one then


def _move(node: Node, at: DeployedV4, rng: Random, pool: Pool) -> None:
    """A swap that stops exactly on a tick, where a pool's tick is not the one of its price."""
    ends = [int(end) for end in pool.state["ticks"]] or [0]
    tick = rng.choice([*ends, int(pool.state["tick"]) - rng.randint(0, 1_000)])
    if abs(tick) >= TICK_MAX:
        return
    limit = price_at(node, at.older, tick)
    now = int(pool.state["sqrt_price_x96"])
    try:
        uniswap_v4.swap(node, at, pool, limit < now, -(2**120), limit)
    except Reverted:
        return  # it is there already
    uniswap_v4.read(node, at, pool)
