"""The pool that a quote leaves is the one that the contract leaves, swap after swap, and so is what
the next swap brings. Many stop on a tick or the end of a word of the bitmap, in liquidity or in
none, where the tick is not the one of the price."""

from collections.abc import Callable
from random import Random
from typing import Any

from chain import draw, draw_v4, uniswap_v3, uniswap_v4
from chain.deployed import Deployed
from chain.node import Node
from chain.rpc import Reverted
from omnivenue.kernel import QuoteError, V3Pool
from omnivenue.wire.errors import Invalid
from omnivenue.wire.pools.read import read_pools

POOLS = 12
SWAPS = 8
WORD = 256

type Swap = Callable[[bool, int, int], object]


def as_read(state: dict[str, Any]) -> V3Pool:
    found = read_pools({"pools": {"p": state}})
    assert not isinstance(found, Invalid)
    return found.listed["p"].pool


def expected(pool: V3Pool, down: bool, amount: int, limit: int) -> V3Pool | None:
    token_in, token_out = (0, 1) if down else (1, 0)
    try:
        return pool.swap(token_in, token_out, amount, limit, by_in=True).after
    except QuoteError:
        return None


def drawn_limit(node: Node, at: Deployed, rng: Random, pool: V3Pool) -> int:
    word = WORD * pool.tick_spacing
    here = pool.tick // word * word
    ends = [*pool.ticks, here, here + word, here - word, here + word - pool.tick_spacing]
    within = [tick for tick in ends if abs(tick) < uniswap_v3.TICK_MAX]
    return uniswap_v3.price_at(node, at, rng.choice(within or [0]))


def followed(node: Node, at: Deployed, rng: Random, swap: Swap, read: Callable[[], V3Pool]) -> int:
    """How many swaps left what we say. What moves nothing we refuse, as the quoters do."""
    made, pool = 0, read()
    for _ in range(SWAPS):
        limit = drawn_limit(node, at, rng, pool)
        down, amount = limit < pool.sqrt_price, rng.getrandbits(rng.choice([20, 60, 90, 118])) + 1
        after = expected(pool, down, amount, limit)
        try:
            swap(down, amount, limit)
        except Reverted:
            assert after is None
            continue
        pool = read()
        if after is not None:
            assert (after.sqrt_price, after.tick) == (pool.sqrt_price, pool.tick)
            assert after == pool
            made += 1
    return made


def test_a_pool_of_v3_is_after_a_swap_what_we_say(node: Node, at: Deployed) -> None:
    rng, made = Random("after v3"), 0
    for _ in range(POOLS):
        with node.undone():
            held = draw.v3_pool(node, at, rng, "AB")

            def swap(down: bool, amount: int, limit: int, held: uniswap_v3.Pool = held) -> None:
                uniswap_v3.swap(node, at, held, down, amount, limit)

            def read(held: uniswap_v3.Pool = held) -> V3Pool:
                uniswap_v3.read(node, held)
                return as_read(held.state)

            made += followed(node, at, rng, swap, read)
    assert made > POOLS


def test_a_pool_of_v4_is_after_a_swap_what_we_say(node: Node) -> None:
    rng, made = Random("after v4"), 0
    for _ in range(POOLS):
        with node.undone():
            at = uniswap_v4.deploy(node)
            held = draw_v4.drawn_pool(node, at, rng, "AB")

            def swap(
                down: bool,
                amount: int,
                limit: int,
                at: uniswap_v4.DeployedV4 = at,
                held: uniswap_v4.Pool = held,
            ) -> object:
                return uniswap_v4.swap(node, at, held, down, -amount, limit)

            def read(at: uniswap_v4.DeployedV4 = at, held: uniswap_v4.Pool = held) -> V3Pool:
                uniswap_v4.read(node, at, held)
                return as_read(held.state)

            made += followed(node, at.older, rng, swap, read)
    assert made > POOLS
