"""Uniswap V4 pools without hooks: positions, state, and what the PoolManager does with a swap.

The manager keeps all pools, and tells their state word by word (`extsload`; StateLibrary says
where). A swap is made through the router that its own tests use, in a call of which nothing
remains: what it returns are the amounts, and the price is read after it in the same call.

Two answers of the manager are no answers of ours: a swap of nothing, from one end of the prices to
the other where there is no liquidity; and an exact output that ran out although no limit was asked
for. Its periphery refuses both.
"""

from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from chain import deployed
from chain.deployed import ALLOWANCE, ZERO, Deployed
from chain.node import OWNER, Node
from chain.rpc import calldata, decode
from chain.uniswap_v3 import SQRT_PRICE_MAX, SQRT_PRICE_MIN

POOLS_SLOT, LIQUIDITY_OFFSET, TICKS_OFFSET = 6, 3, 4
ASKED_MAX = 2**255 - 1
RICH = 2**255
GAS_OF_PART = 300_000_000
KEY = "(address,address,uint24,int24,address)"
SWAP = f"swap({KEY},(bool,int256,uint160),(bool,bool),bytes)"
SWAPPED = "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)"
_MODIFY = f"modifyLiquidity({KEY},(int24,int24,int256,bytes32),bytes)"


@dataclass(frozen=True)
class DeployedV4:
    """`older`: where the tokens are, and V3's pools, which know the prices of ticks."""

    older: Deployed
    manager: str
    positions: str
    router: str


@dataclass
class Pool:
    key: tuple[str, str, int, int, str]
    tokens: tuple[str, str]
    ends: set[int] = field(default_factory=set[int])
    state: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def spacing(self) -> int:
        return self.key[3]

    @property
    def identity(self) -> bytes:
        return keccak(encode([KEY], [self.key]))

    def slot(self, offset: int) -> int:
        first = keccak(encode(["bytes32", "uint256"], [self.identity, POOLS_SLOT]))
        return int.from_bytes(first) + offset


def deploy(node: Node) -> DeployedV4:
    older = deployed.deploy(node)
    manager = node.deploy("PoolManager", "(address)", OWNER)
    positions = node.deploy("PoolModifyLiquidityTest", "(address)", manager)
    router = node.deploy("PoolSwapTest", "(address)", manager)
    node.send(manager, "setProtocolFeeController(address)", OWNER)
    for token in older.tokens:
        for spender in (positions, router):
            node.send(token, "approve(address,uint256)", spender, ALLOWANCE)
    return DeployedV4(older, manager, positions, router)


def make_pool(
    node: Node,
    at: DeployedV4,
    tokens: str,
    fees: tuple[int, int, int],
    spacing: int,
    sqrt_price: int,
) -> Pool:
    """Without positions. `fees`: the pool's, and the protocol's for token 0 and for token 1."""
    one, other = (at.older.token(name) for name in tokens)
    pool = Pool((one, other, fees[0], spacing, ZERO), (tokens[0], tokens[1]))
    node.send(at.manager, f"initialize({KEY},uint160)", pool.key, sqrt_price)
    if any(fees[1:]):
        packed = fees[2] << 12 | fees[1]
        node.send(at.manager, f"setProtocolFee({KEY},uint24)", pool.key, packed)
    read(node, at, pool)
    return pool


def add_position(
    node: Node, at: DeployedV4, pool: Pool, ticks: tuple[int, int], liquidity: int
) -> None:
    """Of just so much liquidity; a negative one takes it out."""
    node.send(at.positions, _MODIFY, pool.key, (*ticks, liquidity, bytes(32)), b"")
    pool.ends.update(ticks)


def swap(
    node: Node, at: DeployedV4, pool: Pool, down: bool, signed: int, limit: int
) -> dict[str, Any]:
    """For good. `signed`: of what goes in negative, of what comes out positive, as the manager has
    it. The receipt."""
    return node.send(at.router, SWAP, pool.key, (down, signed, limit), (False, False), b"")


def read(node: Node, at: DeployedV4, pool: Pool) -> None:
    """The whole state."""
    word = _word(node, at, pool.slot(0))
    price, tick = _price_and_tick(word)
    taken = word >> 184 & 0xFFFFFF
    pool.state = {
        "kind": "uniswap_v4",
        "tokens": list(pool.tokens),
        "fee_pips": word >> 208 & 0xFFFFFF,
        "protocol_fee_pips": [taken & 0xFFF, taken >> 12],
        "tick_spacing": pool.spacing,
        "sqrt_price_x96": str(price),
        "tick": tick,
        "liquidity": str(_word(node, at, pool.slot(LIQUIDITY_OFFSET)) % 2**128),
        "ticks": _ticks(node, at, pool),
    }


def _ticks(node: Node, at: DeployedV4, pool: Pool) -> dict[str, str]:
    found: dict[str, str] = {}
    for end in sorted(pool.ends):
        key = encode(["int24", "uint256"], [end, pool.slot(TICKS_OFFSET)])
        word = _word(node, at, int.from_bytes(keccak(key)))
        if word % 2**128:  # some position ends there
            found[str(end)] = str(_signed(word >> 128, 128))
    return found


def _word(node: Node, at: DeployedV4, slot: int) -> int:
    (word,) = node.call(at.manager, "extsload(bytes32)", "(bytes32)", slot.to_bytes(32))
    return int.from_bytes(word)


def _price_and_tick(word: int) -> tuple[int, int]:
    return word % 2**160, _signed(word >> 160 & 0xFFFFFF, 24)


def _signed(raw: int, bits: int) -> int:
    return raw - (1 << bits) if raw >> bits - 1 else raw


def quote(
    node: Node, at: DeployedV4, pools: dict[str, Pool], request: dict[str, Any]
) -> dict[str, Any] | str:
    """The answer of the interface, or "reverts". Single hops."""
    (hop,) = request["path"]
    pool, amount = pools[hop["pool"]], int(request["amount"])
    down, limit = hop["token_in"] == pool.tokens[0], int(request["sqrt_price_limit_x96"])
    if amount > ASKED_MAX:
        return "reverts"  # what no argument of the manager can say
    by_in = request["kind"] == "exact_in"
    end = limit or (SQRT_PRICE_MIN + 1 if down else SQRT_PRICE_MAX - 1)
    terms = (down, -amount if by_in else amount, end)
    done = _swapped(node, at, pool, terms, at.older.token(hop["token_in"]))
    if done is None:
        return "reverts"
    paid, got, price, tick = done
    is_partial = (paid if by_in else got) != amount
    if (paid, got) == (0, 0) or (is_partial and not by_in and not limit):
        return "reverts"
    before = int(pool.state["tick"])
    low, high = (tick, before) if down else (before, tick)
    crossed = sum(low < int(each) <= high for each in pool.state["ticks"])
    amounts = {"amount_in": str(paid), "amount_out": str(got)}
    told = {"pool": hop["pool"], "sqrt_price_x96_after": str(price), "ticks_crossed": crossed}
    answer: dict[str, Any] = amounts | {"hops": [amounts | told]}
    return answer | ({"partial": True} if is_partial else {})


def _swapped(
    node: Node, at: DeployedV4, pool: Pool, terms: tuple[bool, int, int], token_in: str
) -> tuple[int, int, int, int] | None:
    """Paid, got, and the price and the tick after it; None where it reverts."""
    me = at.older.multicall
    calls = [
        (token_in, calldata("mint(address,uint256)", me, RICH)),
        (token_in, calldata("approve(address,uint256)", at.router, ALLOWANCE)),
        (at.router, calldata(SWAP, pool.key, terms, (False, False), b"")),
        (at.manager, calldata("extsload(bytes32)", pool.slot(0).to_bytes(32))),
    ]
    parts = [(to, GAS_OF_PART, data) for to, data in calls]
    answers = "(uint256,(bool,uint256,bytes)[])"
    _, results = node.call(me, "multicall((address,uint256,bytes)[])", answers, parts)
    if not results[2][0]:
        return None
    (delta,) = decode("(uint256)", results[2][2])
    amounts = _signed(delta >> 128, 128), _signed(delta % 2**128, 128)
    paid, got = amounts if terms[0] else amounts[::-1]
    return -paid, got, *_price_and_tick(int.from_bytes(results[3][2]))
