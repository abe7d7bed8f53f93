"""Uniswap V3 pools, positions of exact liquidity, and the state as the interface writes it."""

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any

from eth_utils.crypto import keccak

from chain.deployed import Deployed
from chain.node import OWNER, Node
from chain.rpc import as_bytes, calldata, decode

TICK_MAX = 887_272
SQRT_PRICE_MIN = 4_295_128_739
SQRT_PRICE_MAX = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342
NEVER = 2**63
# What was once asked of a pool; no two pools differ in it, and there are not many in one run.
_PRICES: dict[int, int] = {}
SLOT0 = "(uint160,int24,uint16,uint16,uint16,uint8,bool)"
_MINTED = "Mint(address,address,int24,int24,uint128,uint256,uint256)"
_MINT = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"
_SWAP = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))"


@dataclass
class Pool:
    """Where a pool is, and its state when it was last read."""

    address: str
    tokens: tuple[str, str]
    fee: int
    spacing: int
    state: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def tick(self) -> int:
        return int(self.state["tick"])


def make_pool(
    node: Node, at: Deployed, tokens: str, fee: int, spacing: int, sqrt_price: int
) -> Pool:
    """Without positions. A fee that the factory does not know is enabled first."""
    one, other = (at.token(name) for name in tokens)
    (known,) = node.call(at.v3_factory, "feeAmountTickSpacing(uint24)", "(int24)", fee)
    if not known:
        node.send(at.v3_factory, "enableFeeAmount(uint24,int24)", fee, spacing)
    node.send(at.v3_factory, "createPool(address,address,uint24)", one, other, fee)
    asked = "getPool(address,address,uint24)"
    (address,) = node.call(at.v3_factory, asked, "(address)", one, other, fee)
    node.send(address, "initialize(uint160)", sqrt_price)
    (spaced,) = node.call(address, "tickSpacing()", "(int24)")
    pool = Pool(address, (tokens[0], tokens[1]), fee, spaced)
    read(node, pool)
    return pool


def add_position(
    node: Node, at: Deployed, pool: Pool, ticks: tuple[int, int], amounts: tuple[int, int]
) -> tuple[int, int]:
    """(id, liquidity) of a new position, of at most these amounts."""
    one, other = (at.token(name) for name in pool.tokens)
    terms = (one, other, pool.fee, *ticks, *amounts, 0, 0, OWNER, NEVER)
    made = "(uint256,uint128,uint256,uint256)"
    identity, liquidity, *_ = node.call(at.v3_positions, _MINT, made, terms)
    node.send(at.v3_positions, _MINT, terms)
    return identity, liquidity


def take_out(node: Node, at: Deployed, identity: int, liquidity: int) -> None:
    """Makes a position's liquidity an exact number, which amounts alone do not."""
    ask = "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))"
    node.send(at.v3_positions, ask, (identity, liquidity, 0, 0, NEVER))


def swap(node: Node, at: Deployed, pool: Pool, down: bool, amount: int, limit: int) -> None:
    """Moves the price for good: down sells the first token; the limit is where it stops."""
    one, other = (at.token(name) for name in pool.tokens)
    pair = (one, other) if down else (other, one)
    node.send(at.v3_router, _SWAP, (*pair, pool.fee, OWNER, NEVER, amount, 0, limit))


def price_at(node: Node, at: Deployed, tick: int) -> int:
    """The price at which a tick begins: the least one whose tick, says a pool, is this one."""
    if tick not in _PRICES:
        _PRICES[tick] = _least_price_of(node, at, tick)
    return _PRICES[tick]


def _least_price_of(node: Node, at: Deployed, tick: int) -> int:
    with localcontext() as context:
        context.prec = 80
        near = int((Decimal("1.0001") ** tick).sqrt() * 2**96)
    low = max(SQRT_PRICE_MIN, near - (near >> 80) - 4)
    high = min(SQRT_PRICE_MAX - 1, near + (near >> 80) + 4)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _tick_of(node, at, middle) >= tick else (middle + 1, high)
    return low


def _tick_of(node: Node, at: Deployed, price: int) -> int:
    """By a pool that is made, asked, and gone with the call."""
    create = (at.tokens[0], at.tokens[3], 3000)
    made = "createPool(address,address,uint24)"
    (pool,) = node.call(at.v3_factory, made, "(address)", *create)
    gas = 50_000_000
    parts = [
        (at.v3_factory, gas, calldata(made, *create)),
        (pool, gas, calldata("initialize(uint160)", price)),
        (pool, gas, calldata("slot0()")),
    ]
    answers = "(uint256,(bool,uint256,bytes)[])"
    asked = "multicall((address,uint256,bytes)[])"
    _, results = node.call(at.multicall, asked, answers, parts)
    return decode(SLOT0, results[2][2])[1]


def read(node: Node, pool: Pool) -> None:
    """The whole state. Every tick that is initialised was an end of a position, and the pool's own
    log has all of these: no need to walk the bitmap."""
    price, tick, *_ = node.call(pool.address, "slot0()", SLOT0)
    (liquidity,) = node.call(pool.address, "liquidity()", "(uint128)")
    pool.state = {
        "kind": "uniswap_v3",
        "tokens": list(pool.tokens),
        "fee_pips": pool.fee,
        "tick_spacing": pool.spacing,
        "sqrt_price_x96": str(price),
        "tick": tick,
        "liquidity": str(liquidity),
        "ticks": _ticks(node, pool),
    }


def _ticks(node: Node, pool: Pool) -> dict[str, str]:
    topic = "0x" + _topic(_MINTED).hex()
    wanted = {"address": pool.address, "fromBlock": "0x0", "topics": [topic]}
    ends = set[int]()
    for log in node.rpc.ask("eth_getLogs", wanted):
        ends.update(decode("(int24)", as_bytes(end))[0] for end in log["topics"][2:4])
    found: dict[str, str] = {}
    answers = "(uint128,int128,uint256,uint256,int56,uint160,uint32,bool)"
    for end in sorted(ends):
        _, net, *_, initialised = node.call(pool.address, "ticks(int24)", answers, end)
        if initialised:
            found[str(end)] = str(net)
    return found


def _topic(signature: str) -> bytes:

    return keccak(text=signature)
