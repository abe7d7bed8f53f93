"""The PoolManager of Uniswap V4: what is read of it, and that a call says what a swap would do."""

from typing import Any

import pytest

from chain import uniswap_v4
from chain.node import Node
from chain.rpc import as_bytes, decode
from chain.uniswap_v3 import price_at
from chain.uniswap_v4 import DeployedV4, Pool


@pytest.fixture
def manager(node: Node) -> Any:
    with node.undone():
        yield uniswap_v4.deploy(node)


def made(node: Node, at: DeployedV4) -> Pool:
    pool = uniswap_v4.make_pool(node, at, "AB", (3_000, 1_000, 250), 60, 2**96)
    uniswap_v4.add_position(node, at, pool, (-600, 600), 10**20)
    uniswap_v4.add_position(node, at, pool, (600, 1_200), 10**20)
    uniswap_v4.add_position(node, at, pool, (-60, 60), 10**22)
    uniswap_v4.read(node, at, pool)
    return pool


def asked(kind: str, amount: int, tokens: str = "AB", limit: int = 0) -> dict[str, Any]:
    path = [{"pool": "p", "token_in": tokens[0], "token_out": tokens[1]}]
    request = {"id": "q", "kind": kind, "path": path, "amount": str(amount)}
    return request | {"sqrt_price_limit_x96": str(limit)}


def test_the_state_is_what_was_made(node: Node, manager: DeployedV4) -> None:
    pool = made(node, manager)
    thin, thick = str(10**20), str(10**22)
    assert pool.state == {
        "kind": "uniswap_v4",
        "tokens": ["A", "B"],
        "fee_pips": 3_000,
        "protocol_fee_pips": [1_000, 250],
        "tick_spacing": 60,
        "sqrt_price_x96": str(2**96),
        "tick": 0,
        "liquidity": str(10**20 + 10**22),
        "ticks": {"-600": thin, "-60": thick, "60": f"-{thick}", "600": "0", "1200": f"-{thin}"},
    }
    uniswap_v4.add_position(node, manager, pool, (-60, 60), -(10**22))
    uniswap_v4.read(node, manager, pool)
    assert list(pool.state["ticks"]) == ["-600", "600", "1200"]


@pytest.mark.parametrize("kind", ["exact_in", "exact_out"])
@pytest.mark.parametrize("tokens", ["AB", "BA"])
def test_a_call_says_what_the_event_of_a_swap_does(
    node: Node, manager: DeployedV4, kind: str, tokens: str
) -> None:
    pool, amount, down = made(node, manager), 10**20, tokens == "AB"
    limit = price_at(node, manager.older, -300 if down else 300)
    answer = uniswap_v4.quote(node, manager, {"p": pool}, asked(kind, amount, tokens, limit))
    assert isinstance(answer, dict)
    signed = -amount if kind == "exact_in" else amount
    receipt = uniswap_v4.swap(node, manager, pool, down, signed, limit)
    (log,) = [log for log in receipt["logs"] if log["address"] == manager.manager]
    told = "(int128,int128,uint160,uint128,int24,uint24)"
    first, second, price, liquidity, tick, fee = decode(told, as_bytes(log["data"]))
    paid, got = (-first, second) if down else (-second, first)
    hop = {"pool": "p", "amount_in": str(paid), "amount_out": str(got)}
    hop |= {"sqrt_price_x96_after": str(price), "ticks_crossed": 1}
    partial = {"partial": True} if "partial" in answer else {}
    ends = {"amount_in": str(paid), "amount_out": str(got), "hops": [hop]}
    assert answer == ends | partial
    assert fee == (3_997 if down else 3_250)  # of 1000 and of 250 three thousandths are spared
    uniswap_v4.read(node, manager, pool)
    assert (pool.state["tick"], pool.state["liquidity"]) == (tick, str(liquidity))


def test_what_is_no_answer_of_ours_is_told_as_none(node: Node, manager: DeployedV4) -> None:
    pool, nothing = (
        made(node, manager),
        uniswap_v4.make_pool(node, manager, "BC", (0, 0, 0), 1, 2**96),
    )
    pools = {"p": pool, "none": nothing}
    assert uniswap_v4.quote(node, manager, pools, asked("exact_out", 10**30)) == "reverts"
    part = uniswap_v4.quote(node, manager, pools, asked("exact_in", 10**30))
    assert isinstance(part, dict) and part["partial"]
    empty = asked("exact_in", 10, "BC")
    empty["path"][0]["pool"] = "none"
    assert uniswap_v4.quote(node, manager, pools, empty) == "reverts"
    assert uniswap_v4.quote(node, manager, pools, asked("exact_in", 0)) == "reverts"
    assert uniswap_v4.quote(node, manager, pools, asked("exact_in", 2**255)) == "reverts"
