"""The typed door to the kernel: exact quotes of pools. Nothing else imports what is behind it.

Behind it is the compiled kernel where it is installed, and else the reference in pure Python, with
the same classes and the same answers, more slowly. `NAME` says which one runs, and `WHY_REFERENCE`
why it is not the other. `OMNIVENUE_KERNEL=reference` keeps to the reference in any case.

The reference's types are those of both; so are its exception, its enums, its fold over routes and
what it says of loans, which nobody asks for by the thousand.
"""

import os  # which kernel runs is settled once, before anything is quoted
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from omnivenue.reference import (
    RATIO_MAX,
    RATIO_MIN,
    TICK_MAX,
    Account,
    BatchStep,
    Cycle,
    Cycles,
    Hop,
    Index,
    Leg,
    Pool,
    Position,
    QuoteError,
    RateStrategy,
    Swap,
    Template,
    Terms,
    Why,
    account_down,
    batch_swap,
    percent_mul_half_up,
    quote_route,
    ray_mul_half_up,
)

COMPILED = (
    "CurvePool",
    "PoolGraph",
    "SolidlyStablePool",
    "StablePool",
    "V2Pool",
    "V3Pool",
    "WeightedPool",
    "ratio_at",
    "tick_at",
)
"""What the compiled one has; all else is the reference's in either case."""


def _why_reference() -> str | None:
    """None where the compiled one runs. One that is damaged, or of another version, does not."""
    if os.environ.get("OMNIVENUE_KERNEL") == "reference":
        return "OMNIVENUE_KERNEL=reference asks for it"
    if find_spec("omnivenue_kernel") is None:
        return "the compiled one is not installed; with Rust's cargo there, make setup installs it"
    try:
        compiled = import_module("omnivenue_kernel")
    except ImportError as error:
        return f"the compiled one cannot be loaded ({error}); make clean setup builds it anew"
    if missing := [name for name in COMPILED if not hasattr(compiled, name)]:
        names = ", ".join(missing)
        return f"the compiled one is of another version, without {names}; make clean setup helps"
    return None


WHY_REFERENCE = _why_reference()
IS_COMPILED = WHY_REFERENCE is None
NAME = "compiled" if IS_COMPILED else "reference"

if TYPE_CHECKING or not IS_COMPILED:
    from omnivenue.reference import (
        CurvePool,
        PoolGraph,
        SolidlyStablePool,
        StablePool,
        V2Pool,
        V3Pool,
        WeightedPool,
        ratio_at,
        tick_at,
    )
else:
    from omnivenue_kernel import (
        CurvePool,
        PoolGraph,
        SolidlyStablePool,
        StablePool,
        V2Pool,
        V3Pool,
        WeightedPool,
        ratio_at,
        tick_at,
    )

__all__ = [
    "IS_COMPILED",
    "NAME",
    "RATIO_MAX",
    "RATIO_MIN",
    "TICK_MAX",
    "WHY_REFERENCE",
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
