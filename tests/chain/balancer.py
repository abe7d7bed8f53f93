"""Balancer V2: its vault, weighted and stable pools, tokens of any decimals, and its answers."""

from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode as abi_encode

from chain.deployed import ALLOWANCE, PLENTY, Deployed, mint, new_token
from chain.node import OWNER, Node
from chain.rpc import Reverted

ONE = 10**18
AMP_PRECISION = 1000
KINDS = {"exact_in": 0, "exact_out": 1, "given_in": 0, "given_out": 1}
_JOIN = "joinPool(bytes32,address,address,(address[],uint256[],bytes,bool))"
_QUERY = (
    "queryBatchSwap(uint8,(bytes32,uint256,uint256,uint256,bytes)[],address[],"
    "(address,bool,address,bool))"
)
_WEIGHTED = "(address,string,string,address[],uint256[],address[],uint256,uint256,uint256,address)"
_STABLE = "(address,string,string,address[],uint256,uint256,uint256,uint256,address)"


@dataclass(frozen=True)
class Vault:
    """The vault, and tokens by name: A, B, … in the order of their addresses, which pools keep."""

    address: str
    tokens: dict[str, str]
    decimals: dict[str, int]


def make_vault(node: Node, at: Deployed, decimals: list[int]) -> Vault:
    authorizer = node.deploy("Authorizer", "(address)", OWNER)
    terms = "(address,address,uint256,uint256)"
    vault = node.deploy("Vault", terms, authorizer, at.weth, 0, 0)
    made = sorted((new_token(node, f"B{n}", digits), digits) for n, digits in enumerate(decimals))
    names = [chr(ord("A") + n) for n in range(len(made))]
    for address, _ in made:
        mint(node, address, OWNER, PLENTY)
        node.send(address, "approve(address,uint256)", vault, ALLOWANCE)
    return Vault(
        vault,
        {name: address for name, (address, _) in zip(names, made, strict=True)},
        {name: digits for name, (_, digits) in zip(names, made, strict=True)},
    )


@dataclass(frozen=True)
class Pool:
    """The vault's id of a pool, and its state."""

    identity: bytes
    state: dict[str, Any]


def make_weighted(
    node: Node, vault: Vault, tokens: str, balances: list[int], weights: list[int], fee: int
) -> Pool:
    addresses = [vault.tokens[name] for name in tokens]
    nobody = ["0x" + 40 * "0"] * len(tokens)
    parts = (vault.address, "W", "W", addresses, weights, nobody, fee, 0, 0, OWNER)
    pool = node.deploy("WeightedPool", _WEIGHTED, *parts)
    state = {"kind": "balancer_weighted", "weights": [str(weight) for weight in weights]}
    return _filled(node, vault, pool, tokens, balances, state)


def make_stable(
    node: Node, vault: Vault, tokens: str, balances: list[int], amp: int, fee: int
) -> Pool:
    """`amp` without the contract's precision factor, which the state has."""
    addresses = [vault.tokens[name] for name in tokens]
    parts = (vault.address, "S", "S", addresses, amp, fee, 0, 0, OWNER)
    pool = node.deploy("StablePool", _STABLE, *parts)
    asked = "getAmplificationParameter()"
    stored, _, precision = node.call(pool, asked, "(uint256,bool,uint256)")
    assert precision == AMP_PRECISION
    state = {"kind": "balancer_stable", "amp": str(stored)}
    return _filled(node, vault, pool, tokens, balances, state)


def _filled(
    node: Node,
    vault: Vault,
    pool: str,
    tokens: str,
    balances: list[int],
    state: dict[str, Any],
) -> Pool:
    """The first join, which alone sets any balances; what the vault then says are the state's."""
    (identity,) = node.call(pool, "getPoolId()", "(bytes32)")
    addresses = [vault.tokens[name] for name in tokens]
    wish = abi_encode(["uint256", "uint256[]"], [0, balances])
    terms = (addresses, [ALLOWANCE] * len(tokens), wish, False)
    node.send(vault.address, _JOIN, identity, OWNER, OWNER, terms)
    asked, answers = "getPoolTokens(bytes32)", "(address[],uint256[],uint256)"
    _, held, _ = node.call(vault.address, asked, answers, identity)
    (fee,) = node.call(pool, "getSwapFeePercentage()", "(uint256)")
    shared = {
        "tokens": list(tokens),
        "balances": [str(balance) for balance in held],
        "decimals": [vault.decimals[name] for name in tokens],
        "swap_fee": str(fee),
    }
    return Pool(identity, state | shared)


def quote(
    node: Node, vault: Vault, pools: dict[str, Pool], request: dict[str, Any]
) -> dict[str, Any] | str:
    """What queryBatchSwap answers to a request of the interface, or "reverts"."""
    if request["kind"] == "balancer_batch":
        deltas = _query(node, vault, pools, request)
        return "reverts" if deltas is None else {"asset_deltas": [str(delta) for delta in deltas]}
    deltas = _query(node, vault, pools, as_batch(request))
    if deltas is None:
        return "reverts"
    spent, gained = str(deltas[0]), str(-deltas[-1])
    told: list[dict[str, str]] = [{"pool": hop["pool"]} for hop in request["path"]]
    told[0]["amount_in"] = spent
    told[-1]["amount_out"] = gained
    return {"amount_in": spent, "amount_out": gained, "hops": told}


def as_batch(request: dict[str, Any]) -> dict[str, Any]:
    """A path as steps, each on what the one before gave; given out, the last hop comes first."""
    hops = request["path"]
    assets = [hops[0]["token_in"], *(hop["token_out"] for hop in hops)]
    steps = [
        {"pool": hop["pool"], "asset_in": n, "asset_out": n + 1, "amount": "0"}
        for n, hop in enumerate(hops)
    ]
    given_in = request["kind"] == "exact_in"
    steps = steps if given_in else steps[::-1]
    steps[0]["amount"] = request["amount"]
    return {"swap_kind": "given_in" if given_in else "given_out", "assets": assets, "steps": steps}


def _query(
    node: Node, vault: Vault, pools: dict[str, Pool], batch: dict[str, Any]
) -> list[int] | None:
    steps = [
        (
            pools[step["pool"]].identity,
            step["asset_in"],
            step["asset_out"],
            int(step["amount"]),
            b"",
        )
        for step in batch["steps"]
    ]
    assets = [vault.tokens[name] for name in batch["assets"]]
    nobody = (OWNER, False, OWNER, False)
    try:
        (deltas,) = node.call(
            vault.address, _QUERY, "(int256[])", KINDS[batch["swap_kind"]], steps, assets, nobody
        )
    except Reverted:
        return None
    return list(deltas)
