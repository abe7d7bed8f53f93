"""Balancer V2's pools as documents, within what the contracts themselves let a pool be made of."""

from omnivenue.kernel import StablePool, WeightedPool
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.pools.pool_fields import PoolFields

ONE = 10**18
BALANCE_MAX = 2**112 - 1
WEIGHT_MIN = ONE // 100
AMP_MIN, AMP_MAX = 1_000, 5_000_000
FACTOR_MAX = 10**54
VERSIONS = (1, 2, 4)
_SHARED = ("kind", "tokens", "balances", "decimals", "swap_fee", "scaling_factors", "version")


def read_weighted(fields: PoolFields, count: int) -> WeightedPool | None:
    fields.only((*_SHARED, "weights"))
    balances, factors, fee, version = _shared(fields, count)
    weights = fields.wholes("weights", WEIGHT_MIN, ONE, count=count)
    if weights and sum(weights) != ONE:
        fields.contradiction(f"its weights sum to {sum(weights)}, not to {ONE}")
        return None
    if not (balances and factors and weights) or fee is None or version is None:
        return None
    return WeightedPool(balances, factors, weights, fee, version > 1)


def read_stable(fields: PoolFields, count: int) -> StablePool | None:
    fields.only((*_SHARED, "amp"))
    balances, factors, fee, version = _shared(fields, count)
    amp = fields.whole("amp", AMP_MIN, AMP_MAX)
    if not (balances and factors) or amp is None or fee is None or version is None:
        return None
    return StablePool(balances, factors, amp, fee, version == 1)


type Shared = tuple[tuple[int, ...], tuple[int, ...], int | None, int | None]


def _shared(fields: PoolFields, count: int) -> Shared:
    balances = fields.wholes("balances", 1, BALANCE_MAX, count=count)
    decimals = fields.wholes("decimals", 0, 18, count=count)
    factors = tuple(ONE * 10 ** (18 - d) for d in decimals)
    if fields.has("scaling_factors"):
        factors = fields.wholes("scaling_factors", 1, FACTOR_MAX, count=count)
    version = fields.whole("version", 1, max(VERSIONS), default=1)
    if version is not None and version not in VERSIONS:
        fields.add(ErrorCode.NOT_ONE_OF, "version must be one of 1, 2, 4", value=str(version))
    return balances, factors, fields.whole("swap_fee", 0, ONE - 1), version
