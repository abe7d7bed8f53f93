"""Requests for quotes, and their answers: one each, an error for a bad one.

A request's error has the kernel's code where the contract would revert, one of its own where the
request does not fit the pools, and the door's where it cannot be read.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from omnivenue.kernel import (
    BatchStep,
    CurvePool,
    Hop,
    Pool,
    QuoteError,
    StablePool,
    Swap,
    V3Pool,
    WeightedPool,
    Why,
    batch_swap,
    quote_route,
)
from omnivenue.message import Reason
from omnivenue.model import nearest_hint
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import cut
from omnivenue.wire.pools.pool_fields import WORD_MAX, PoolFields
from omnivenue.wire.pools.read import ListedPool, Pools, given_pools, read_pools

HOPS_MAX = 16
STEPS_MAX = 100
ASSETS_MAX = 100
REQUESTS_MAX = 100_000
QUOTE_FIELDS = ("pools", "requests")
KINDS = (
    *("exact_in", "exact_out", "balancer_batch"),
    *("curve_calc_token_amount", "curve_calc_withdraw_one_coin", "curve_virtual_price"),
)
_HUGE = 10**80
"""Above any amount: what is too large for a word of the chain is told with the kernel's code."""


class Misfit(Exception):
    """The request does not fit the pools that there are."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def quote(document: dict[str, Any], requests: Iterable[object]) -> list[dict[str, Any]]:
    """The whole of section 6 of the interface: the document of pools, requests, their answers."""
    pools = read_pools(document)
    if isinstance(pools, Invalid):
        return [answer_for(request, _of_reasons(pools.reasons)) for request in requests]
    return [answered(pools, request) for request in requests]


def quotes(document: object, own: Pools | None = None) -> list[dict[str, Any]] | Invalid:
    """As `quote`, of one document with both; `own`: the pools where it has none."""
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("the request must be a JSON object")])
    fields = PoolFields(cast("dict[str, Any]", document))
    fields.only(QUOTE_FIELDS)
    pools = given_pools(fields, own)
    requests = fields.listed("requests")
    if requests is not None and len(requests) > REQUESTS_MAX:
        text = f"at most {REQUESTS_MAX} requests are answered at once"
        limit, value = str(REQUESTS_MAX), str(len(requests))
        fields.add(ErrorCode.TOO_LARGE, text, limit=limit, value=value)
    if isinstance(pools, Invalid):
        return invalid([*pools.reasons, *fields.wrong])
    if requests is None or fields.wrong:
        return invalid(fields.wrong)
    return [answered(pools, request) for request in requests]


def answered(pools: Pools, request: object) -> dict[str, Any]:
    if not isinstance(request, dict):
        return answer_for(request, _error("API-012", "a request must be a JSON object"))
    members = cast("dict[str, Any]", request)
    fields = PoolFields(members)
    try:
        found = _answer(pools, fields)
    except (Misfit, QuoteError) as error:
        return answer_for(members, _error(str(error.code), str(error)))
    return answer_for(members, found if not fields.wrong else _of_reasons(fields.wrong))


def answer_for(request: object, answer: dict[str, Any]) -> dict[str, Any]:
    """With the id that the request has, or null."""
    said = cast("dict[str, Any]", request).get("id") if isinstance(request, dict) else None
    return {"id": said if isinstance(said, str | int) else None, **answer}


def _answer(pools: Pools, fields: PoolFields) -> dict[str, Any]:
    """Empty where `fields.wrong` says why."""
    match fields.choice("kind", KINDS):
        case "exact_in" | "exact_out" as kind:
            return _route(pools, fields, by_in=kind == "exact_in")
        case "balancer_batch":
            return _batch(pools, fields)
        case "curve_calc_token_amount":
            fields.only(("id", "kind", "pool", "amounts", "is_deposit"))
            amounts = fields.wholes("amounts", 0, WORD_MAX)
            is_deposit = fields.flag("is_deposit")
            if not fields.has("is_deposit"):
                fields.missing("is_deposit")
            pool = _curve(pools, fields)
            if pool is None or fields.wrong:
                return {}
            return {"lp": str(pool.token_amount_down(amounts, is_deposit=is_deposit))}
        case "curve_calc_withdraw_one_coin":
            fields.only(("id", "kind", "pool", "lp", "i"))
            lp, i = fields.whole("lp", 0, WORD_MAX), fields.whole("i", 0, 7)
            pool = _curve(pools, fields)
            if pool is None or lp is None or i is None or fields.wrong:
                return {}
            return {"amount": str(pool.withdraw_one_coin_down(lp, i))}
        case "curve_virtual_price":
            fields.only(("id", "kind", "pool"))
            pool = _curve(pools, fields)
            return {} if pool is None or fields.wrong else {"price": str(pool.virtual_price_down())}
        case _:
            return {}


def _route(pools: Pools, fields: PoolFields, *, by_in: bool) -> dict[str, Any]:
    fields.only(("id", "kind", "path", "amount", "sqrt_price_limit_x96"))
    path = fields.parts("path")
    amount = fields.whole("amount", 0, _HUGE)
    limit = fields.whole("sqrt_price_limit_x96", 0, _HUGE, default=0)
    if path is None or amount is None or limit is None or fields.wrong:
        return {}
    if not path:
        raise Misfit("EMPTY_PATH", "the path is empty; it needs a hop at least")
    if len(path) > HOPS_MAX:
        raise Misfit("PATH_TOO_LONG", f"a path has at most {HOPS_MAX} hops")
    names, hops = _hops(pools, path)
    if fields.wrong:
        return {}
    if limit and (len(hops) > 1 or not isinstance(hops[0].pool, V3Pool)):
        raise Misfit("PRICE_LIMIT", "a price limit is taken for one hop of uniswap_v3 or _v4 only")
    done = quote_route(hops, amount, by_in=by_in, limit=limit)
    answer: dict[str, Any] = {
        "amount_in": str(done[0].amount_in),
        "amount_out": str(done[-1].amount_out),
        "hops": [_hop_row(name, hop) for name, hop in zip(names, done, strict=True)],
    }
    return answer | ({"partial": True} if any(hop.is_partial for hop in done) else {})


def _hops(pools: Pools, path: Sequence[PoolFields]) -> tuple[list[str], list[Hop]]:
    names, hops, at = list[str](), list[Hop](), None
    for each in path:
        each.only(("pool", "token_in", "token_out"))
        name, token_in = each.required("pool"), each.required("token_in")
        token_out = each.required("token_out")
        if name is None or token_in is None or token_out is None:
            continue
        if name in names:
            raise Misfit("POOL_TWICE", f"pool {cut(name)} stands twice in the path")
        if at is not None and token_in != at:
            text = f"the path does not connect: {cut(at)} comes out, and {cut(token_in)} goes in"
            raise Misfit("PATH_BROKEN", text)
        listed = _listed(pools, name)
        pair = [_token(name, listed, token) for token in (token_in, token_out)]
        names.append(name)
        hops.append(Hop(listed.state, pair[0], pair[1]))
        at = token_out
    return names, hops


def _hop_row(name: str, hop: Swap[Pool]) -> dict[str, Any]:
    after = hop.after
    has_price = isinstance(after, V3Pool)
    return {
        "pool": name,
        "amount_in": str(hop.amount_in),
        "amount_out": str(hop.amount_out),
        "sqrt_price_x96_after": str(after.sqrt_price) if has_price else None,
        "ticks_crossed": hop.ticks_crossed if has_price else None,
    }


def _batch(pools: Pools, fields: PoolFields) -> dict[str, Any]:
    fields.only(("id", "kind", "swap_kind", "assets", "steps"))
    swap_kind = fields.choice("swap_kind", ("given_in", "given_out"))
    assets, rows = fields.words("assets"), fields.parts("steps") or []
    if not (0 < len(rows) <= STEPS_MAX and 0 < len(assets) <= ASSETS_MAX):
        text = f"a batch has 1 to {STEPS_MAX} steps and 1 to {ASSETS_MAX} assets"
        fields.add(ErrorCode.OUT_OF_RANGE, text)
    if fields.wrong:
        return {}
    states: dict[str, WeightedPool | StablePool] = {}
    steps: list[BatchStep] = []
    for row in rows:
        row.only(("pool", "asset_in", "asset_out", "amount"))
        name, amount = row.required("pool"), row.whole("amount", 0, WORD_MAX)
        asset_in = row.whole("asset_in", 0, len(assets) - 1)
        asset_out = row.whole("asset_out", 0, len(assets) - 1)
        if name is None or amount is None or asset_in is None or asset_out is None:
            continue
        listed = _listed(pools, name)
        if not isinstance(listed.state, WeightedPool | StablePool):
            raise Misfit("POOL_KIND", f"pool {cut(name)} is no pool of Balancer")
        states[name] = listed.state
        token_in, token_out = (_token(name, listed, assets[a]) for a in (asset_in, asset_out))
        steps.append(BatchStep(name, token_in, token_out, asset_in, asset_out, amount))
    if fields.wrong:
        return {}
    deltas = batch_swap(states, steps, len(assets), by_in=swap_kind == "given_in")
    return {"asset_deltas": [str(delta) for delta in deltas]}


def _curve(pools: Pools, fields: PoolFields) -> CurvePool | None:
    name = fields.required("pool")
    if name is None:
        return None
    listed = _listed(pools, name)
    if not isinstance(listed.state, CurvePool):
        raise Misfit("POOL_KIND", f"pool {cut(name)} is no pool of Curve")
    if not listed.state.lp_supply:
        raise Misfit("NO_LP_SUPPLY", f"pool {cut(name)} does not say its lp_supply")
    return listed.state


def _listed(pools: Pools, name: str) -> ListedPool:
    found = pools.listed.get(name)
    if found is not None:
        return found
    if name in pools.faulty:
        said = "; ".join(reason.message for reason in pools.faulty[name])
        raise Misfit("BAD_POOL", f"pool {cut(name)} is wrong: {said}")
    hint = nearest_hint(name, pools.listed) if len(pools.listed) <= 1_000 else ""
    raise Misfit("UNKNOWN_POOL", f"there is no pool {cut(name)}{hint}")


def _token(name: str, listed: ListedPool, token: str) -> int:
    if token not in listed.tokens:
        text = f"pool {cut(name)} has no token {cut(token)}; it has {', '.join(listed.tokens)}"
        raise Misfit(Why.TOKEN, text)
    return listed.tokens.index(token)


def _of_reasons(reasons: Iterable[Reason]) -> dict[str, Any]:
    document = invalid([*reasons]).document.error
    return _error(document.code, document.message)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
