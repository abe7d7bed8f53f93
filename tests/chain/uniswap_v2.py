"""Uniswap V2 as its router quotes it: pools of any reserves, paths, and the contract's answers."""

from typing import Any

from chain.deployed import Deployed, mint
from chain.node import Node
from chain.rpc import Reverted

RESERVE_MAX = 2**112 - 1
FEE_BPS = 30  # fixed in the router's library


def make_pool(node: Node, at: Deployed, tokens: str, reserves: tuple[int, int]) -> dict[str, Any]:
    """`tokens` as "AB". The pair takes what it holds as its reserves (`sync`), so that any pair of
    them can be had, which minting shares would not allow."""
    addresses = [at.token(name) for name in tokens]
    node.send(at.v2_factory, "createPair(address,address)", *addresses)
    (pair,) = node.call(at.v2_factory, "getPair(address,address)", "(address)", *addresses)
    for address, reserve in zip(addresses, reserves, strict=True):
        if reserve:
            mint(node, address, pair, reserve)
    node.send(pair, "sync()")
    held = node.call(pair, "getReserves()", "(uint112,uint112,uint32)")[:2]
    return {
        "kind": "uniswap_v2",
        "tokens": list(tokens),
        "reserves": [str(reserve) for reserve in held],
        "fee_bps": FEE_BPS,
    }


def quote(node: Node, at: Deployed, request: dict[str, Any]) -> dict[str, Any] | str:
    """getAmountsOut or getAmountsIn of the router: the answer of the interface, or "reverts"."""
    hops = request["path"]
    names = [hops[0]["token_in"], *(hop["token_out"] for hop in hops)]
    ask = "getAmountsOut" if request["kind"] == "exact_in" else "getAmountsIn"
    try:
        (amounts,) = node.call(
            at.v2_router,
            f"{ask}(uint256,address[])",
            "(uint256[])",
            int(request["amount"]),
            [at.token(name) for name in names],
        )
    except Reverted:
        return "reverts"
    told = [
        {"pool": hop["pool"], "amount_in": str(amounts[n]), "amount_out": str(amounts[n + 1])}
        for n, hop in enumerate(hops)
    ]
    return {"amount_in": str(amounts[0]), "amount_out": str(amounts[-1]), "hops": told}
