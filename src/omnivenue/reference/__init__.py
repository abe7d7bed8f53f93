"""The pure-Python kernel: what a swap is worth, to the last unit, one file per curve.

Plain integers and nothing else of ours, so that it can be read against the contracts line by line.
It takes over where the compiled kernel is absent, and is the oracle of the differential tests.
Each pool is a frozen struct; a quote returns the amount and the pool's next state, so that a route
is a fold. Only `omnivenue.kernel` may import it.
"""

from omnivenue.reference.aave import (
    Account,
    Index,
    Position,
    RateStrategy,
    account_down,
    percent_mul_half_up,
    ray_mul_half_up,
)
from omnivenue.reference.balancer_stable import StablePool
from omnivenue.reference.balancer_weighted import WeightedPool
from omnivenue.reference.curve import CurvePool
from omnivenue.reference.curve_invariant import Template
from omnivenue.reference.cycles import Leg
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.graph import Cycle, Cycles, PoolGraph, Terms
from omnivenue.reference.route import BatchStep, Hop, batch_swap, quote_route
from omnivenue.reference.solidly_stable import SolidlyStablePool
from omnivenue.reference.swap import Pool, Swap
from omnivenue.reference.tick_math import RATIO_MAX, RATIO_MIN, TICK_MAX, ratio_at, tick_at
from omnivenue.reference.uniswap_v2 import V2Pool
from omnivenue.reference.uniswap_v3 import V3Pool

__all__ = [
    "RATIO_MAX",
    "RATIO_MIN",
    "TICK_MAX",
    "Account",
    "BatchStep",
    "CurvePool",
    "Cycle",
    "Cycles",
    "Hop",
    "Index",
    "Leg",
    "Pool",
    "PoolGraph",
    "Position",
    "QuoteError",
    "RateStrategy",
    "SolidlyStablePool",
    "StablePool",
    "Swap",
    "Template",
    "Terms",
    "V2Pool",
    "V3Pool",
    "WeightedPool",
    "Why",
    "account_down",
    "batch_swap",
    "percent_mul_half_up",
    "quote_route",
    "ratio_at",
    "ray_mul_half_up",
    "tick_at",
]
