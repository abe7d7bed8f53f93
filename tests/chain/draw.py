"""Random pools and requests: tiny, huge, across many ticks, at the edges, to exhaustion.

Amounts are drawn by their number of bits, so that all magnitudes come up; what stands exactly on
an edge is drawn by name. The same seed draws the same.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from chain import quoter, uniswap_v2, uniswap_v3
from chain.case import Case, Scene
from chain.deployed import Deployed
from chain.node import Node
from chain.rpc import Reverted

TIERS = [(100, 1), (500, 10), (3000, 60), (10000, 200)]


def of_bits(rng: Random, least: int, most: int) -> int:
    return rng.getrandbits(rng.randint(least, most))


def hops(names: list[str], tokens: str, down: bool) -> list[dict[str, str]]:
    """A path along pools that stand in a row: pool n is between token n and n + 1."""
    row = [
        {"pool": name, "token_in": tokens[n], "token_out": tokens[n + 1]}
        for n, name in enumerate(names)
    ]
    if down:
        return row
    return [
        {"pool": hop["pool"], "token_in": hop["token_out"], "token_out": hop["token_in"]}
        for hop in reversed(row)
    ]


def part_of_row(rng: Random, size: int) -> tuple[int, int]:
    length = rng.choices(range(1, size + 1), [6, *[2] * (size - 1)])[0]
    start = rng.randint(0, size - length)
    return start, start + length


def within_reach(
    rng: Random,
    request: dict[str, Any],
    most: int,
    ask: Callable[[dict[str, Any]], dict[str, Any] | str],
) -> None:
    """Of most exact-outs, makes the amount a part of what the pools can give, or just all of it:
    drawn blindly, nearly all would revert."""
    if request["kind"] != "exact_out" or rng.random() < 0.2:
        return
    answer = ask(request | {"kind": "exact_in", "amount": str(most)})
    if isinstance(answer, str):
        return
    there = int(answer["amount_out"])
    edges = [there + 1, there, there - 1]
    drawn = [rng.randint(0, there), of_bits(rng, 1, max(1, there.bit_length()))]
    request["amount"] = str(max(0, rng.choice([*drawn * 4, *edges])))


def v2(node: Node, at: Deployed, rng: Random, count: int) -> Scene:
    most = uniswap_v2.RESERVE_MAX

    def reserve() -> int:
        return rng.choice([*[of_bits(rng, 20, 112)] * 20, of_bits(rng, 0, 8), 1, most])

    names = ["p1", "p2", "p3"]
    pools = {
        name: uniswap_v2.make_pool(node, at, "ABCD"[n : n + 2], (reserve(), reserve()))
        for n, name in enumerate(names)
    }
    cases = list[Case]()
    for n in range(count):
        start, end = part_of_row(rng, len(names))
        path = hops(names[start:end], "ABCD"[start : end + 1], rng.random() < 0.5)
        held = pools[path[-1]["pool"]]
        there = int(held["reserves"][held["tokens"].index(path[-1]["token_out"])])
        near = [there - 1, there, there + 1, there // 2, 0, 1, 2**112, 2**256 - 1]
        amount = rng.choice([of_bits(rng, 1, 256), *[of_bits(rng, 1, 112)] * 9, *near])
        if rng.random() < 0.4:
            amount = rng.randint(0, there // rng.choice([1, 10, 1000]))
        request = {
            "id": f"q{n}",
            "kind": rng.choice(["exact_in", "exact_out"]),
            "path": path,
            "amount": str(max(0, amount)),
        }
        within_reach(rng, request, 2**111, lambda asked: uniswap_v2.quote(node, at, asked))
        cases.append(Case(pools, request, uniswap_v2.quote(node, at, request)))
    return Scene(pools, cases)


def v3(node: Node, at: Deployed, rng: Random, count: int) -> Scene:
    made = {name: v3_pool(node, at, rng, tokens) for name, tokens in (("p1", "AB"), ("p2", "BC"))}
    pools = {name: pool.state for name, pool in made.items()}
    cases = list[Case]()
    for n in range(count):
        start, end = part_of_row(rng, 2)
        down = rng.random() < 0.5
        path = hops(["p1", "p2"][start:end], "ABC"[start : end + 1], down)
        edges = [0, 1, 2, 2**127, 2**255 - 1, 2**255]
        amount = rng.choice(
            [*[of_bits(rng, 1, 100)] * 12, of_bits(rng, 100, 256), of_bits(rng, 150, 190), *edges]
        )
        request: dict[str, Any] = {
            "id": f"q{n}",
            "kind": rng.choice(["exact_in", "exact_out"]),
            "path": path,
            "amount": str(amount),
        }
        if len(path) == 1:
            limit = limit_of(node, at, rng, pools[path[0]["pool"]], down)
            request["sqrt_price_limit_x96"] = str(limit)
        within_reach(rng, request, 2**126, lambda asked: quoter.quote(node, at, made, asked))
        cases.append(Case(pools, request, quoter.quote(node, at, made, request)))
    return Scene(pools, cases)


def v3_pool(node: Node, at: Deployed, rng: Random, tokens: str) -> uniswap_v3.Pool:
    fee, spacing = rng.choice([*TIERS, (rng.randint(0, 999_999), rng.choice([1, 7, 200, 16_383]))])
    price = rng.choice([2**96, of_bits(rng, 96, 97) | 2**94, of_bits(rng, 34, 160) | 2**33])
    price = min(price, uniswap_v3.SQRT_PRICE_MAX - 1)
    if rng.random() < 0.2:
        price = uniswap_v3.price_at(node, at, spacing * rng.randint(-300_000 // spacing, 30))
    pool = uniswap_v3.make_pool(node, at, tokens, fee, spacing, price)
    for _ in range(rng.choice([0, 1, 2, 4, 8, 8, 8, 30])):
        add_drawn(node, at, rng, pool)
    uniswap_v3.read(node, pool)
    if rng.random() < 0.4:
        move(node, at, rng, pool)
    return pool


def add_drawn(node: Node, at: Deployed, rng: Random, pool: uniswap_v3.Pool) -> None:
    """A position; at times a second one that ends where it begins, so that a tick's net is zero."""
    most = uniswap_v3.TICK_MAX // pool.spacing
    here = pool.tick // pool.spacing
    low = max(-most, min(most - 1, here + rng.choice([-1, 1]) * of_bits(rng, 0, 12)))
    high = max(low + 1, min(most, low + 1 + of_bits(rng, 0, 13)))
    if rng.random() < 0.1:
        low, high = -most, most
    most_bits = rng.choice([100, 100, 100, 122])
    amounts = of_bits(rng, 20, most_bits), of_bits(rng, 20, most_bits)
    ends = low * pool.spacing, high * pool.spacing
    try:
        _, liquidity = uniswap_v3.add_position(node, at, pool, ends, amounts)
        if high < most and rng.random() < 0.4:
            after = ends[1], ends[1] + pool.spacing
            rich = amounts[0] << 20, amounts[1] << 20
            identity, found = uniswap_v3.add_position(node, at, pool, after, rich)
            if found > liquidity:
                uniswap_v3.take_out(node, at, identity, found - liquidity)
    except Reverted:
        pass  # nothing to be had for such amounts, or more than a tick may hold: another one then


def move(node: Node, at: Deployed, rng: Random, pool: uniswap_v3.Pool) -> None:
    """A swap that stops exactly on a tick, where a pool's tick is not the one of its price."""
    ends = [int(end) for end in pool.state["ticks"]] or [0]
    tick = rng.choice([*ends, pool.tick - rng.randint(0, 1000)])
    if abs(tick) >= uniswap_v3.TICK_MAX:
        return
    limit = uniswap_v3.price_at(node, at, tick)
    now = int(pool.state["sqrt_price_x96"])
    try:
        uniswap_v3.swap(node, at, pool, limit < now, 2**120, limit)
    except Reverted:
        return  # it is there already
    uniswap_v3.read(node, pool)


def limit_of(node: Node, at: Deployed, rng: Random, state: dict[str, Any], down: bool) -> int:
    """A price to stop at, in a concentrated pool of such a state."""
    if rng.random() < 0.7:
        return 0
    now = int(state["sqrt_price_x96"])
    least, most = uniswap_v3.SQRT_PRICE_MIN, uniswap_v3.SQRT_PRICE_MAX
    step = max(1, of_bits(rng, 1, now.bit_length() - 1))
    towards = now - step if down else now + step
    edges = [least, least + 1, most - 1, most, now, now - step, now + step]
    ends = [int(end) for end in state["ticks"]]
    if ends and rng.random() < 0.3:
        return uniswap_v3.price_at(node, at, rng.choice(ends))
    return max(0, min(2**160 - 1, rng.choice([*[towards] * 14, *edges])))
