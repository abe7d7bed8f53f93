"""Aave V3 on the local chain: a market of three tokens, and what its contracts say of it."""

from dataclasses import dataclass
from typing import Any

from chain.deployed import ALLOWANCE, PLENTY, ZERO, mint, new_token
from chain.node import OWNER, Node
from chain.rpc import as_bytes, decode

DECIMALS = (18, 6, 8)
THRESHOLDS = (8_500, 7_001, 9_000)
BONUS = 10_500
VARIABLE = 2
BASE_UNIT = 10**8
_RESERVE = (
    "((uint256,uint128,uint128,uint128,uint128,uint128,uint40,uint16,"
    "address,address,address,address,uint128,uint128,uint128))"
)
_STRATEGY = "(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256)"
_INPUT = (
    "((address,address,address,uint8,address,address,address,address,"
    "string,string,string,string,string,string,bytes)[])"
)
_PARAMS = "((uint256,uint256,uint256,uint256,uint256,uint256,uint256,address,address))"
_POOL_LOGIC = (
    *("SupplyLogic", "BorrowLogic", "LiquidationLogic", "EModeLogic"),
    *("BridgeLogic", "FlashLoanLogic", "PoolLogic"),
)


@dataclass(frozen=True)
class Reserve:
    token: str
    decimals: int
    threshold: int
    supplied: str  # the token of what is supplied
    owed: str  # the token of what is owed at a variable rate


@dataclass(frozen=True)
class Market:
    """Addresses; OWNER may do everything, and is the only account."""

    provider: str
    pool: str
    configurator: str
    oracle: str
    receiver: str  # pays flash loans back
    reserves: tuple[Reserve, ...]


def deploy(node: Node) -> Market:
    provider = node.deploy("PoolAddressesProvider", "(string,address)", "", OWNER)
    node.send(provider, "setACLAdmin(address)", OWNER)
    acl = node.deploy("ACLManager", "(address)", provider)
    node.send(provider, "setACLManager(address)", acl)
    node.send(acl, "addPoolAdmin(address)", OWNER)
    tokens = [new_token(node, f"L{n}", decimals) for n, decimals in enumerate(DECIMALS)]
    oracle = _oracle(node, provider, tokens)
    pool, configurator = _pool(node, provider)
    _list(node, provider, pool, configurator, tokens)
    for token in tokens:
        mint(node, token, OWNER, PLENTY)
        node.send(token, "approve(address,uint256)", pool, ALLOWANCE)
    receiver = node.deploy("MockFlashLoanSimpleReceiver", "(address)", provider)
    rows = zip(tokens, DECIMALS, THRESHOLDS, strict=True)
    reserves = tuple(_reserve(node, pool, *row) for row in rows)
    return Market(provider, pool, configurator, oracle, receiver, reserves)


def _oracle(node: Node, provider: str, tokens: list[str]) -> str:
    types = "(address,address[],address[],address,address,uint256)"
    oracle = node.deploy("AaveOracle", types, provider, [], [], ZERO, ZERO, BASE_UNIT)
    node.send(provider, "setPriceOracle(address)", oracle)
    set_prices(node, oracle, tokens, [BASE_UNIT] * len(tokens))
    return oracle


def set_prices(node: Node, oracle: str, tokens: list[str], prices: list[int]) -> None:
    feeds = [node.deploy("MockAggregator", "(int256)", price) for price in prices]
    node.send(oracle, "setAssetSources(address[],address[])", tokens, feeds)


def _pool(node: Node, provider: str) -> tuple[str, str]:
    made: dict[str, str] = {}
    for name in _POOL_LOGIC:
        made[name] = node.deploy(name, libraries=made)
    pool = node.deploy("Pool", "(address)", provider, libraries=made)
    made["ConfiguratorLogic"] = node.deploy("ConfiguratorLogic")
    configurator = node.deploy("PoolConfigurator", libraries=made)
    node.send(provider, "setPoolImpl(address)", pool)
    node.send(provider, "setPoolConfiguratorImpl(address)", configurator)
    (pool,) = node.call(provider, "getPool()", "(address)")
    (configurator,) = node.call(provider, "getPoolConfigurator()", "(address)")
    return pool, configurator


def _list(node: Node, provider: str, pool: str, configurator: str, tokens: list[str]) -> None:
    strategy = new_strategy(node, provider, (8 * 10**26, 0, 4 * 10**25, 6 * 10**26))
    kinds = ("AToken", "StableDebtToken", "VariableDebtToken")
    codes = tuple(node.deploy(name, "(address)", pool) for name in kinds)
    rows = [
        (*codes, decimals, strategy, token, OWNER, ZERO, "a", "a", "v", "v", "s", "s", b"")
        for token, decimals in zip(tokens, DECIMALS, strict=True)
    ]
    node.send(configurator, f"initReserves({_INPUT[1:-1]})", rows)
    for token, threshold in zip(tokens, THRESHOLDS, strict=True):
        terms = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
        node.send(configurator, terms, token, threshold - 500, threshold, BONUS)
        node.send(configurator, "setReserveBorrowing(address,bool)", token, True)
        node.send(configurator, "setReserveFlashLoaning(address,bool)", token, True)


def new_strategy(node: Node, provider: str, curve: tuple[int, int, int, int]) -> str:
    """`curve`: optimal use, base rate, both slopes; without anything for stable rates."""
    stable = (0, 0, 0, 0, 0)
    return node.deploy("DefaultReserveInterestRateStrategy", _STRATEGY, provider, *curve, *stable)


def _reserve(node: Node, pool: str, token: str, decimals: int, threshold: int) -> Reserve:
    ((*_, supplied, _, owed, _, _, _, _),) = node.call(
        pool, "getReserveData(address)", _RESERVE, token
    )
    return Reserve(token, decimals, threshold, supplied, owed)


def read_indexes(node: Node, market: Market, reserve: Reserve) -> dict[str, Any]:
    """As the pool has stored them: of what is supplied and of what is owed."""
    (row,) = node.call(market.pool, "getReserveData(address)", _RESERVE, reserve.token)
    _, supply_index, supply_rate, debt_index, debt_rate, _, at, *_ = row
    return {
        "supply": {"index": str(supply_index), "rate": str(supply_rate), "at": at},
        "debt": {"index": str(debt_index), "rate": str(debt_rate), "at": at},
    }


def grown(node: Node, market: Market, reserve: Reserve) -> dict[str, str]:
    """The same as the pool counts them now."""
    names = {"supply": "getReserveNormalizedIncome", "debt": "getReserveNormalizedVariableDebt"}
    return {
        which: str(node.call(market.pool, f"{name}(address)", "(uint256)", reserve.token)[0])
        for which, name in names.items()
    }


def now(node: Node) -> int:
    return int(node.rpc.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def wait(node: Node, seconds: int) -> None:
    node.rpc.ask("anvil_setNextBlockTimestamp", hex(now(node) + seconds))
    node.rpc.ask("evm_mine")


def rates(node: Node, strategy: str, request: dict[str, Any]) -> dict[str, str]:
    """Of a strategy by itself, for any reserve: nothing is at the address of its tokens, and all
    that is available comes as added. The token is any with a balance of nothing there."""
    available, debt, unbacked = (int(request[n]) for n in ("available", "debt", "unbacked"))
    params = (unbacked, available, 0, 0, debt, 0, request["reserve_factor"], request["token"], ZERO)
    ask = f"calculateInterestRates({_PARAMS[1:-1]})"
    supply, _, borrow = node.call(strategy, ask, "(uint256,uint256,uint256)", params)
    return {"supply": str(supply), "borrow": str(borrow)}


def account(node: Node, market: Market) -> dict[str, str]:
    types = "(uint256,uint256,uint256,uint256,uint256,uint256)"
    asked = "getUserAccountData(address)"
    collateral, debt, _, threshold, _, health = node.call(market.pool, asked, types, OWNER)
    return {
        "collateral": str(collateral),
        "debt": str(debt),
        "threshold": str(threshold),
        "health": str(health),
    }


def scaled(node: Node, token: str) -> int:
    return node.call(token, "scaledBalanceOf(address)", "(uint256)", OWNER)[0]


def flash_premium(node: Node, market: Market, reserve: Reserve, amount: int) -> str:
    """What a real flash loan paid, by the pool's own event."""
    ask = "flashLoanSimple(address,address,uint256,bytes,uint16)"
    receipt = node.send(market.pool, ask, market.receiver, reserve.token, amount, b"", 0)
    logs = [log for log in receipt["logs"] if log["address"].lower() == market.pool.lower()]
    *_, premium = decode("(address,uint256,uint8,uint256)", as_bytes(logs[-1]["data"]))
    return str(premium)
