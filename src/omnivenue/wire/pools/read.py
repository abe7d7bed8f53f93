"""The document of `--pools`: each pool of it, or all that is wrong with that pool.

One that is wrong keeps no other from being quoted: what asks for it is told why, by its request.
"""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from omnivenue.kernel import Pool
from omnivenue.message import Reason
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.pools.balancer import read_stable, read_weighted
from omnivenue.wire.pools.curve import read_curve
from omnivenue.wire.pools.pool_fields import PoolFields
from omnivenue.wire.pools.solidly import read_solidly_stable
from omnivenue.wire.pools.uniswap import read_v2, read_v3, read_v4

TOKENS_OF_KIND = {
    "uniswap_v2": (2, 2),
    "uniswap_v3": (2, 2),
    "uniswap_v4": (2, 2),
    "solidly_stable": (2, 2),
    "balancer_weighted": (2, 8),
    "balancer_stable": (2, 5),
    "curve_stableswap": (2, 3),
}
POOLS_MAX = 200_000


class ListedPool(msgspec.Struct, frozen=True):
    kind: str
    tokens: tuple[str, ...]
    pool: Any  # of the kernel: no message, so it has no type to decode to
    decimals: tuple[int, ...] = ()  # of the tokens, where the kind states them

    @property
    def state(self) -> Pool:
        return self.pool


class Pools(msgspec.Struct, frozen=True):
    listed: Mapping[str, ListedPool]
    faulty: Mapping[str, tuple[Reason, ...]]


def read_pools(document: object) -> Pools | Invalid:
    """Invalid where there are no pools to speak of."""
    if not isinstance(document, dict):
        text = "pools are a JSON object with one member, pools"
        return invalid([ErrorCode.WRONG_TYPE.because(text)])
    fields = PoolFields(cast("dict[str, Any]", document))
    fields.only(("pools",))
    found = fields.part("pools")
    if found is None or fields.wrong:
        return invalid(fields.wrong)
    listed: dict[str, ListedPool] = {}
    faulty: dict[str, tuple[Reason, ...]] = {}
    for n, (name, value) in enumerate(found.members()):
        if n == POOLS_MAX:
            text = f"at most {POOLS_MAX} pools are read"
            return invalid([ErrorCode.TOO_LARGE.because(text, limit=str(POOLS_MAX))])
        pool = _read_pool(value)
        if isinstance(pool, Invalid):
            faulty[name] = pool.reasons
        else:
            listed[name] = pool
    return Pools(listed, faulty)


def given_pools(fields: PoolFields, own: Pools | None) -> Pools | Invalid:
    """Those of a request, else those of whoever is asked."""
    if fields.has("pools"):
        return read_pools(fields.just("pools"))
    if own is not None:
        return own
    text = "there are no pools: give them as pools, or configure pools of a chain"
    return invalid([ErrorCode.NO_POOLS.because(text)])


def _read_pool(value: object) -> ListedPool | Invalid:
    if not isinstance(value, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("a pool must be an object")])
    fields = PoolFields(cast("dict[str, Any]", value))
    kind = fields.choice("kind", tuple(TOKENS_OF_KIND))
    if kind is None:
        return invalid(fields.wrong)
    tokens = fields.words("tokens")
    fewest, most = TOKENS_OF_KIND[kind]
    if tokens and not fewest <= len(tokens) <= most:
        count = str(fewest) if fewest == most else f"{fewest} to {most}"
        text = f"tokens of a {kind} pool must be {count}"
        fields.add(ErrorCode.OUT_OF_RANGE, text, value=str(len(tokens)))
    pool = _of_kind(kind, fields, len(tokens))
    if pool is None or fields.wrong or not tokens:
        return invalid(fields.wrong or [ErrorCode.MISSING.because("tokens is required")])
    decimals = fields.wholes("decimals", 0, 18) if fields.has("decimals") else ()
    return ListedPool(kind, tokens, pool, decimals)


def _of_kind(kind: str, fields: PoolFields, count: int) -> Pool | None:
    match kind:
        case "uniswap_v2":
            return read_v2(fields)
        case "uniswap_v3":
            return read_v3(fields)
        case "uniswap_v4":
            return read_v4(fields)
        case "solidly_stable":
            return read_solidly_stable(fields)
        case "balancer_weighted":
            return read_weighted(fields, count)
        case "balancer_stable":
            return read_stable(fields, count)
        case _:
            return read_curve(fields, count)
