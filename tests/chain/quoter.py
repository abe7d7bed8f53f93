"""What Uniswap V3 answers to a request: QuoterV2, and the same swap done for real beside it.

QuoterV2 tells neither what a partial exact-in took, nor how many ticks were crossed in fact (its
own count leaves out or adds the ends). So one call that leaves nothing behind asks it and swaps
too; they must agree, and the swap tells the rest: balances, and each pool's tick afterwards.
"""

from typing import Any

from chain.deployed import ALLOWANCE, Deployed
from chain.node import Node
from chain.rpc import calldata, decode
from chain.uniswap_v3 import NEVER, SLOT0, SQRT_PRICE_MAX, SQRT_PRICE_MIN, Pool

ENDS = (SQRT_PRICE_MIN + 1, SQRT_PRICE_MAX - 1)
RICH = 2**255
GAS_OF_PART = 300_000_000
_LISTS = "(uint256,uint160[],uint32[],uint256)"
_SINGLE = "(uint256,uint160,uint32,uint256)"
_ASK_SINGLE = {
    "exact_in": "quoteExactInputSingle((address,address,uint256,uint24,uint160))",
    "exact_out": "quoteExactOutputSingle((address,address,uint256,uint24,uint160))",
}
_ASK_PATH = {
    "exact_in": "quoteExactInput(bytes,uint256)",
    "exact_out": "quoteExactOutput(bytes,uint256)",
}
_SWAP_SINGLE = "((address,address,uint24,address,uint256,uint256,uint256,uint160))"
_SWAP_PATH = "((bytes,address,uint256,uint256,uint256))"
_SWAP = {"exact_in": "exactInput", "exact_out": "exactOutput"}


class Disagreement(Exception):
    """The quoter and the swap differ: then we ask wrongly, for they run the same code."""


def quote(
    node: Node, at: Deployed, pools: dict[str, Pool], request: dict[str, Any]
) -> dict[str, Any] | str:
    """The answer of the interface, as far as the contracts tell it, or "reverts"."""
    hops = request["path"]
    one, last = at.token(hops[0]["token_in"]), at.token(hops[-1]["token_out"])
    asked, swapped = _calls(at, pools, request)
    me = at.multicall
    calls = [
        (at.quoter, asked),
        (one, calldata("mint(address,uint256)", me, RICH)),
        (one, calldata("approve(address,uint256)", at.v3_router, ALLOWANCE)),
        (at.v3_router, swapped),
        (one, calldata("balanceOf(address)", me)),
        (last, calldata("balanceOf(address)", me)),
        *((pools[hop["pool"]].address, calldata("slot0()")) for hop in hops),
    ]
    parts = [(to, GAS_OF_PART, data) for to, data in calls]
    answers = "(uint256,(bool,uint256,bytes)[])"
    _, results = node.call(me, "multicall((address,uint256,bytes)[])", answers, parts)
    if results[0][0] != results[3][0]:
        raise Disagreement(f"{request}: quoter {results[0]}, swap {results[3]}")
    if not results[0][0]:
        return "reverts"
    spent = RICH - decode("(uint256)", results[4][2])[0]
    gained = decode("(uint256)", results[5][2])[0]
    slots = [decode(SLOT0, part[2]) for part in results[6:]]
    _must_agree(request, results[0][2], (spent, gained), [slot[0] for slot in slots])
    return _answer(pools, request, (spent, gained), [(slot[0], slot[1]) for slot in slots])


def _calls(at: Deployed, pools: dict[str, Pool], request: dict[str, Any]) -> tuple[bytes, bytes]:
    """Calldata for the quoter and for the router. In a path of exact-out the last comes first."""
    kind, hops, amount = request["kind"], request["path"], int(request["amount"])
    bound = ALLOWANCE if kind == "exact_out" else 0
    me = at.multicall
    if len(hops) == 1:
        pair = at.token(hops[0]["token_in"]), at.token(hops[0]["token_out"])
        fee, limit = pools[hops[0]["pool"]].fee, int(request.get("sqrt_price_limit_x96", "0"))
        ask = calldata(_ASK_SINGLE[kind], (*pair, amount, fee, limit))
        terms = (*pair, fee, me, NEVER, amount, bound, limit)
        return ask, calldata(_SWAP[kind] + "Single" + _SWAP_SINGLE, terms)
    path = bytes.fromhex(at.token(hops[0]["token_in"])[2:])
    for hop in hops:
        path += pools[hop["pool"]].fee.to_bytes(3) + bytes.fromhex(at.token(hop["token_out"])[2:])
    if kind == "exact_out":
        path = _reversed(path)
    ask = calldata(_ASK_PATH[kind], path, amount)
    return ask, calldata(_SWAP[kind] + _SWAP_PATH, (path, me, NEVER, amount, bound))


def _reversed(path: bytes) -> bytes:
    """token fee token fee token, from its end."""
    parts, at = list[bytes](), 0
    while at < len(path):
        size = 20 if len(parts) % 2 == 0 else 3
        parts.append(path[at : at + size])
        at += size
    return b"".join(reversed(parts))


def _must_agree(
    request: dict[str, Any], told: bytes, moved: tuple[int, int], prices: list[int]
) -> None:
    if len(prices) == 1:
        amount, price, *_ = decode(_SINGLE, told)
        after = [price]
    else:
        amount, listed, *_ = decode(_LISTS, told)
        exact_in = request["kind"] == "exact_in"
        after = list(listed) if exact_in else list(reversed(listed))
    swapped = moved[1] if request["kind"] == "exact_in" else moved[0]
    if (amount, after) != (swapped, prices):
        raise Disagreement(f"{request}: quoter {amount} {after}, swap {swapped} {prices}")


def _answer(
    pools: dict[str, Pool],
    request: dict[str, Any],
    moved: tuple[int, int],
    slots: list[tuple[int, int]],
) -> dict[str, Any]:
    spent, gained = moved
    told = list[dict[str, Any]]()
    for hop, (price, tick) in zip(request["path"], slots, strict=True):
        pool = pools[hop["pool"]]
        down = hop["token_in"] == pool.tokens[0]
        low, high = (tick, pool.tick) if down else (pool.tick, tick)
        crossed = sum(low < int(end) <= high for end in pool.state["ticks"])
        told.append(
            {
                "pool": hop["pool"],
                "sqrt_price_x96_after": str(price),
                "ticks_crossed": crossed,
            }
        )
    told[0]["amount_in"] = str(spent)
    told[-1]["amount_out"] = str(gained)
    answer: dict[str, Any] = {"amount_in": str(spent), "amount_out": str(gained), "hops": told}
    done = spent if request["kind"] == "exact_in" else gained
    # In a path only the first hop's part shows in the amounts; a later one that ran out shows in
    # its price, which is then the end of all prices.
    ran_out = any(price in ENDS for price, _ in slots[1:])
    if done != int(request["amount"]) or ran_out:
        answer["partial"] = True
    return answer
