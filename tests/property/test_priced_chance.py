"""Whatever pools and signals chance makes: a document comes, and its sums are right."""

from random import Random
from typing import Any

import msgspec
import pytest

from omnivenue.kernel import RATIO_MAX, RATIO_MIN, Hop, quote_route
from omnivenue.route import PoolMarket, default_terms, priced
from omnivenue.wire.arbitrage import ArbitrageSignal, document_of, parse_arbitrage
from omnivenue.wire.pools import Pools, read_pools
from pool_documents import curve, stable, v2, v3, weighted

TOKENS = ("USDC", "DAI", "WMATIC", "WETH", "X")
SIGNALS_EACH = 20


def amount(random: Random, most_bits: int = 111) -> int:
    """As likely huge as not, and tiny now and then."""
    bits = random.randint(1, most_bits) if random.random() < 0.1 else most_bits
    return random.randrange(1, 2 ** random.randint(bits // 2, bits) + 1)


def pool(random: Random) -> dict[str, Any]:
    names = random.sample(TOKENS, 3)
    one, two, three = ((name, amount(random)) for name in names)
    decimals = [6 if (name == "USDC") is (random.random() < 0.999) else 18 for name in names]
    match random.randrange(6):
        case 0 | 1:
            return v2(one, two, random.choice((0, 30, 9_999)))
        case 2:
            edges = (RATIO_MIN + 10**6, 2**96, RATIO_MAX // 4)
            price = random.choice((*edges, amount(random, 120) + RATIO_MIN * 10))
            return v3((names[0], names[1]), price, amount(random, 100))
        case 3:
            return weighted(
                (*one, decimals[0], 20), (*two, decimals[1], 30), (*three, decimals[2], 50)
            )
        case 4:
            return stable(
                (*one, decimals[0]), (*two, decimals[1]), amp=random.choice((10**3, 10**6))
            )
        case _:
            return curve((*one, decimals[0]), (*two, decimals[1]))


def signal(random: Random) -> dict[str, Any]:
    inner = random.sample(TOKENS, random.randint(2, 5))
    return {
        "route": [*inner, inner[0]],
        "principal": amount(random, random.choice((1, 40, 60, 80, 256))),
        "slippage_bps": random.choice((0, 30, 10_000)),
        "min_profit_usd": random.choice((-1, 0, 20, 1e15)),
    }


@pytest.mark.parametrize("seed", range(60))
def test_a_document_comes_whatever_is_asked(seed: int) -> None:
    random = Random(seed)
    drawn = {f"p{n}": pool(random) for n in range(random.randint(1, 50))}
    read = read_pools({"pools": drawn})
    assert isinstance(read, Pools)
    terms = default_terms("POLYGON")
    market = PoolMarket(read.listed, terms.all_dollars)
    for _ in range(SIGNALS_EACH):
        asked = parse_arbitrage(signal(random))
        assert isinstance(asked, ArbitrageSignal)
        found = priced(asked.wanted, market, terms)
        row = document_of(found, terms)
        assert msgspec.json.decode(msgspec.json.encode(row))["success"] is row.success
        assert row.success is (not row.reasons)
        if found.score is None:
            assert row.reasons
            continue
        hops = [
            Hop(read.listed[s.swap.pool].state, s.swap.token_in, s.swap.token_out)
            for s in found.steps
        ]
        done = quote_route(hops, found.sent, by_in=True)
        assert row.amount_out == str(done[-1].amount_out)
        assert len({hop.pool for hop in row.hops}) == len(row.hops)
        assert found.score.net == found.score.gross - found.score.loan_fee - found.score.gas
        if row.success:
            assert done[-1].amount_out > found.sent
