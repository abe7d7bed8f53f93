"""What gas a round of swaps on borrowed money uses, for planning, and what it may cost.

The units are planning figures of our own executor; a send is estimated anew. The base fee is a rule
of the protocol (EIP-1559), so the next block's is known once this one is.
"""

from collections.abc import Sequence
from enum import Enum

_LOAN, _REPAYMENT, _LONG, _LONG_FROM = 150_000, 100_000, 50_000, 3
_ELASTICITY, _STEP = 2, 8


class SwapKind(Enum):
    """Who a hop's swap is called at."""

    UNISWAP_V2 = "uniswap_v2"
    UNISWAP_V3 = "uniswap_v3"
    UNISWAP_V4 = "uniswap_v4"
    SOLIDLY = "solidly"
    CURVE = "curve"
    BALANCER = "balancer"
    AGGREGATOR = "aggregator"


_SWAP = {
    SwapKind.UNISWAP_V2: 90_000,
    SwapKind.UNISWAP_V3: 120_000,
    SwapKind.UNISWAP_V4: 120_000,
    SwapKind.SOLIDLY: 120_000,
    SwapKind.CURVE: 90_000,
    SwapKind.BALANCER: 100_000,
    SwapKind.AGGREGATOR: 180_000,
}


def round_gas(kinds: Sequence[SwapKind]) -> int:
    """Units of gas: the loan, a swap for each hop, the repayment."""
    long = _LONG if len(kinds) >= _LONG_FROM else 0
    return _LOAN + sum(_SWAP[kind] for kind in kinds) + _REPAYMENT + long


def next_base_fee(base_fee: int, gas_used: int, gas_limit: int) -> int:
    """Wei a unit in the block after one that used so much (EIP-1559): an eighth more after a full
    block, an eighth less after an empty one; where more than half was used, at least one wei more.
    """
    target = gas_limit // _ELASTICITY
    if gas_used == target:
        return base_fee
    moved = base_fee * abs(gas_used - target) // target // _STEP
    return base_fee + max(moved, 1) if gas_used > target else base_fee - moved
