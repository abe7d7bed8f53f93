"""The local chain: that it is quick, forgets, and says what a pool's own contract says."""

import time

import pytest

import chain_setup
from chain import quoter, uniswap_v2, uniswap_v3
from chain.deployed import Deployed, deploy, mint
from chain.node import OWNER, Node
from chain.rpc import Reverted, types_of

STARTED_SECONDS_MAX = 3


def test_once_cached_it_stands_within_three_seconds(node: Node) -> None:
    began = time.monotonic()
    other = Node(chain_setup.CACHE)
    try:
        first = deploy(other)
        assert time.monotonic() - began < STARTED_SECONDS_MAX
    finally:
        other.close()
    again = Node(chain_setup.CACHE)
    try:
        assert deploy(again) == first, "addresses are the same each time"
    finally:
        again.close()


def test_a_node_that_is_closed_is_gone(node: Node) -> None:
    other = Node(chain_setup.CACHE)
    other.close()
    with pytest.raises(OSError):
        other.rpc.ask("eth_chainId")


def test_what_was_undone_did_not_happen(node: Node, at: Deployed) -> None:
    balance = "balanceOf(address)", "(uint256)", OWNER
    before = node.call(at.weth, *balance), node.call(at.tokens[0], *balance)
    with node.undone():
        mint(node, at.tokens[0], OWNER, 7)
        assert node.call(at.tokens[0], *balance)[0] == before[1][0] + 7
    assert (node.call(at.weth, *balance), node.call(at.tokens[0], *balance)) == before
    mint(node, at.tokens[0], OWNER, 5)
    assert node.call(at.tokens[0], *balance)[0] == before[1][0] + 5


def test_a_transaction_that_reverts_is_an_error(node: Node, at: Deployed) -> None:
    with pytest.raises(Reverted):
        node.send(at.v2_factory, "createPair(address,address)", at.tokens[0], at.tokens[0])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("()", []),
        ("(uint256)", ["uint256"]),
        ("(uint8,(bytes32,int24)[],address)", ["uint8", "(bytes32,int24)[]", "address"]),
    ],
)
def test_types_are_split_outside_of_tuples(text: str, parts: list[str]) -> None:
    assert types_of(text) == parts


def test_a_pair_has_the_reserves_it_was_given(node: Node, at: Deployed) -> None:
    most = uniswap_v2.RESERVE_MAX
    pool = uniswap_v2.make_pool(node, at, "BC", (most, 1))
    assert pool["reserves"] == [str(most), "1"]


@pytest.mark.parametrize(
    ("tick", "price"),
    [(0, 2**96), (-uniswap_v3.TICK_MAX, uniswap_v3.SQRT_PRICE_MIN)],
)
def test_a_tick_begins_where_the_pool_says(node: Node, at: Deployed, tick: int, price: int) -> None:
    assert uniswap_v3.price_at(node, at, tick) == price


def test_ticks_read_from_the_log_are_those_of_the_bitmap(node: Node, at: Deployed) -> None:
    pool = uniswap_v3.make_pool(node, at, "AB", 10_000, 200, 2**96)
    rich = 10**20, 10**20
    _, liquidity = uniswap_v3.add_position(node, at, pool, (-600, 400), rich)
    identity, found = uniswap_v3.add_position(node, at, pool, (400, 800), (10**22, 0))
    uniswap_v3.take_out(node, at, identity, found - liquidity)
    gone, all_of_it = uniswap_v3.add_position(node, at, pool, (1_000, 1_200), rich)
    uniswap_v3.take_out(node, at, gone, all_of_it)
    uniswap_v3.read(node, pool)
    assert pool.state["ticks"] == {"-600": str(liquidity), "400": "0", "800": str(-liquidity)}
    words = {
        word: node.call(pool.address, "tickBitmap(int16)", "(uint256)", word)[0]
        for word in range(-18, 18)
    }
    marked = [
        200 * (256 * word + bit)
        for word, bits in words.items()
        for bit in range(256)
        if bits >> bit & 1
    ]
    assert [str(tick) for tick in marked] == list(pool.state["ticks"])


def test_a_swap_that_stops_on_a_tick_has_crossed_it(node: Node, at: Deployed) -> None:
    pool = uniswap_v3.make_pool(node, at, "AB", 3000, 60, 2**96)
    uniswap_v3.add_position(node, at, pool, (-600, 600), (10**20, 10**20))
    uniswap_v3.add_position(node, at, pool, (-60, 60), (10**20, 10**20))
    uniswap_v3.read(node, pool)
    limit = uniswap_v3.price_at(node, at, -60)
    path = [{"pool": "p", "token_in": "A", "token_out": "B"}]
    request = {"id": "q", "kind": "exact_in", "path": path, "amount": str(10**30)}
    stopped = request | {"sqrt_price_limit_x96": str(limit)}
    answer = quoter.quote(node, at, {"p": pool}, stopped)
    assert isinstance(answer, dict)
    assert answer["partial"] and answer["hops"][0]["ticks_crossed"] == 1
    uniswap_v3.swap(node, at, pool, True, 10**30, limit)
    uniswap_v3.read(node, pool)
    assert (pool.tick, pool.state["sqrt_price_x96"]) == (-61, str(limit))
    whole = quoter.quote(node, at, {"p": pool}, request)
    assert isinstance(whole, dict)
    assert whole["hops"][0]["ticks_crossed"] == 1, "only the outer one is left"
