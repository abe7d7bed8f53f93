"""Solidly's stable pools as documents. Their contracts keep reserves in whole words."""

from omnivenue.kernel import SolidlyStablePool
from omnivenue.wire.pools.pool_fields import WORD_MAX, PoolFields


def read_solidly_stable(fields: PoolFields) -> SolidlyStablePool | None:
    fields.only(("kind", "tokens", "reserves", "decimals", "fee_bps"))
    reserves = fields.wholes("reserves", 1, WORD_MAX, count=2)
    decimals = fields.wholes("decimals", 0, 18, count=2)
    fee = fields.whole("fee_bps", 0, 9_999)
    if fee is None or len(reserves) != 2 or len(decimals) != 2:
        return None
    return SolidlyStablePool((reserves[0], reserves[1]), (decimals[0], decimals[1]), fee)
