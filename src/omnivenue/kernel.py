"""The typed door to the kernel: exact quotes of pools. Nothing else imports what is behind it.

There is no compiled module yet, so the pure-Python reference answers. `NAME` says which kernel
runs, and whoever prints quotes says it too: their numbers are the same, their speed is not.
"""

from omnivenue.reference import (
    RATIO_MAX,
    RATIO_MIN,
    TICK_MAX,
    BatchStep,
    CurvePool,
    Cycle,
    Cycles,
    Hop,
    Leg,
    Pool,
    PoolGraph,
    QuoteError,
    StablePool,
    Swap,
    Template,
    Terms,
    V2Pool,
    V3Pool,
    WeightedPool,
    Why,
    batch_swap,
    quote_route,
    ratio_at,
    tick_at,
)

NAME = "reference"
IS_COMPILED = False

__all__ = [
    "IS_COMPILED",
    "NAME",
    "RATIO_MAX",
    "RATIO_MIN",
    "TICK_MAX",
    "BatchStep",
    "CurvePool",
    "Cycle",
    "Cycles",
    "Hop",
    "Leg",
    "Pool",
    "PoolGraph",
    "QuoteError",
    "StablePool",
    "Swap",
    "Template",
    "Terms",
    "V2Pool",
    "V3Pool",
    "WeightedPool",
    "Why",
    "batch_swap",
    "quote_route",
    "ratio_at",
    "tick_at",
]
