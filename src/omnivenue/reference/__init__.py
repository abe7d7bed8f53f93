"""The pure-Python kernel: what a swap is worth, to the last unit, one file per curve.

Plain integers and nothing else of ours, so that it can be read against the contracts line by line.
It takes over where the compiled kernel is absent, and is the oracle of the differential tests.
Each pool is a frozen struct; a quote returns the amount and the pool's next state, so that a route
is a fold. Only `omnivenue.kernel` may import it.
"""

from omnivenue.reference.curve import CurvePool
from omnivenue.reference.curve_invariant import Template
from omnivenue.reference.error import QuoteError, Why

__all__ = ["CurvePool", "QuoteError", "Template", "Why"]
