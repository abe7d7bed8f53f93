"""What one quote costs: asked for by itself from Python, and as one of a batch.

A batch crosses into the kernel once, with requests and amounts packed as bytes. Its answers are
held against those of the pools themselves.
"""

from collections.abc import Callable, Sequence
from struct import pack
from typing import NamedTuple

from omnivenue.cli.bench.draws import (
    PIPS,
    PRICE_ONE,
    Draws,
    Position,
    Token,
    concentrated,
    constant_product,
)
from omnivenue.cli.bench.pool_graphs import WHOLE, AnyPool
from omnivenue.cli.bench.result import Result
from omnivenue.cli.bench.timing import each, quickest
from omnivenue.kernel import (
    IS_COMPILED,
    NAME,
    CurvePool,
    PoolGraph,
    StablePool,
    Template,
    V2Pool,
    V3Pool,
    WeightedPool,
)

SEED = 2
BATCH = 1_000 if IS_COMPILED else 50
POOLS = 100
CROSSED = 3  # ticks, on average
KERNEL = f"{NAME} kernel"


class Request(NamedTuple):
    pool: int
    token_in: int
    token_out: int
    amount: int


def measure(batch: int = BATCH) -> list[Result]:
    draws = Draws(SEED)
    pair = (Token(3_000 * PRICE_ONE // WHOLE, 18), Token(PRICE_ONE // 10**6, 6))
    v2 = [constant_product(pair, draws.scaled(10**4, 10**7), 30, 0) for _ in range(POOLS)]
    v3 = [with_ticks(draws, pair) for _ in range(POOLS)]
    balancer = [weighted(draws) if n % 2 else _stable(draws) for n in range(POOLS)]
    curve = [_curve(draws, n) for n in range(POOLS)]
    half = batch // 2
    return [
        _single("quote.v2", v2[0], [v2[0].reserves[0] // n for n in range(100, 100 + batch)], 0.5),
        _single("quote.v3", v3[0], within_a_range(v3[0], batch), 1.2),
        in_batch("quote.v2.batch", v2, shares(draws, v2, batch), 0.06, "constant product"),
        _crossing(draws, v3, batch),
        in_batch(
            "quote.balancer",
            balancer,
            shares(draws, balancer, batch),
            3.0,
            f"{half} weighted with a whole power each, {batch - half} stable",
        ),
        in_batch("quote.curve", curve, shares(draws, curve, batch), 2.0, "all three templates"),
    ]


def _single(name: str, pool: AnyPool, amounts: list[int], goal: float) -> Result:
    def ask(amount: int) -> object:
        return pool.exact_in(0, 1, amount)

    note = f"{KERNEL}; with the pool's next state"
    return Result(name=name, value=each(ask, amounts), unit="us", goal=goal, note=note)


def _crossing(draws: Draws, pools: Sequence[V3Pool], batch: int) -> Result:
    requests = [to_tick(draws, pools, n % (2 * CROSSED + 1)) for n in range(batch)]
    crossed = sum(
        pools[r.pool].swap(r.token_in, r.token_out, r.amount, by_in=True).ticks_crossed
        for r in requests
    )
    note = f"{crossed / batch:.2f} ticks crossed on average"
    return in_batch("quote.v3.batch", pools, requests, 0.4, note)


def in_batch(
    name: str, pools: Sequence[AnyPool], requests: Sequence[Request], goal: float, note: str
) -> Result:
    graph = PoolGraph(pools, [tuple(range(_tokens(pool))) for pool in pools])
    packed = b"".join(pack("<IHH", *request[:3]) for request in requests)
    amounts = b"".join(request.amount.to_bytes(32, "little") for request in requests)
    run: Callable[[], tuple[bytes, bytes]] = lambda: graph.quotes(packed, amounts)  # noqa: E731
    seconds, (outs, states) = quickest(run)
    for n, (number, token_in, token_out, amount) in enumerate(requests):
        out = int.from_bytes(outs[32 * n : 32 * n + 32], "little")
        assert out == pools[number].exact_in(token_in, token_out, amount)[0]
    assert not any(states), "each is done, and all of it"
    note = f"{KERNEL}; of {len(requests)} in one call, packed as bytes; {note}"
    value = seconds * 1e6 / len(requests)
    return Result(name=name, value=value, unit="us", goal=goal, note=note)


def _tokens(pool: AnyPool) -> int:
    return 2 if isinstance(pool, V2Pool | V3Pool) else len(pool.balances)


def shares(draws: Draws, pools: Sequence[AnyPool], batch: int) -> list[Request]:
    """Of what lies there 0.001 to 1 %."""
    found: list[Request] = []
    for n in range(batch):
        pool = pools[n % len(pools)]
        assert not isinstance(pool, V3Pool)
        held = pool.reserves if isinstance(pool, V2Pool) else pool.balances
        token_in = draws.between(0, len(held) - 1)
        token_out = (token_in + draws.between(1, len(held) - 1)) % len(held)
        amount = max(1, held[token_in] * draws.between(10, 10_000) // PIPS)
        found.append(Request(n % len(pools), token_in, token_out, amount))
    return found


def with_ticks(draws: Draws, pair: tuple[Token, Token]) -> V3Pool:
    """Ten ticks at least on each side, each 10 to 40 spacings from the next."""
    below, above = 0, 0
    positions: list[Position] = []
    for _ in range(10):
        below, above = below + draws.between(100, 400), above + draws.between(100, 400)
        positions.append(Position(below, above, draws.scaled(10**4, 10**6)))
    return concentrated(pair, 500, 0, positions)


def within_a_range(pool: V3Pool, batch: int) -> list[int]:
    most = _input_to(pool, 0, 0)
    return [most * (n + 1) // batch for n in range(batch)]


def to_tick(draws: Draws, pools: Sequence[V3Pool], crossed: int) -> Request:
    """So much that it ends between that tick ahead and the next."""
    number, token_in = draws.between(0, len(pools) - 1), draws.between(0, 1)
    return Request(number, token_in, 1 - token_in, _input_to(pools[number], token_in, crossed))


def _input_to(pool: V3Pool, token_in: int, crossed: int) -> int:
    """Found by halves, between 1 and what takes the pool to its end."""
    low, high = 1, 2**112
    while high - low > max(1, low >> 10):
        middle = (low + high) // 2
        if pool.swap(token_in, 1 - token_in, middle, by_in=True).ticks_crossed > crossed:
            high = middle
        else:
            low = middle
    return low


def weighted(draws: Draws) -> WeightedPool:
    parts = draws.one_of(((70, 30), (35, 65), (15, 45, 40)))
    balances = tuple(draws.scaled(10**4, 10**7) * WHOLE for _ in parts)
    weights = tuple(part * WHOLE // 100 for part in parts)
    return WeightedPool(balances, (WHOLE,) * len(parts), weights, 3 * WHOLE // 1000)


def _stable(draws: Draws) -> StablePool:
    balances = tuple(draws.between(10**6, 2 * 10**6) * WHOLE for _ in range(3))
    return StablePool(balances, (WHOLE,) * 3, 200 * 1000, 4 * WHOLE // 10**4, False)


def _curve(draws: Draws, n: int) -> CurvePool:
    """The pool of three coins, the one of ether and the base template, in turn."""
    template, decimals, amp = (
        (Template.THREE_POOL, (18, 6, 6), 2_000),
        (Template.STETH, (18, 18), 50 * 100),
        (Template.BASE2, (18, 6), 200 * 100),
    )[n % 3]
    balances = tuple(draws.between(10**6, 2 * 10**6) * 10**places for places in decimals)
    return CurvePool(template, balances, decimals, amp, 4 * 10**6)
