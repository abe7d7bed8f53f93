"""The typed door to the kernel: exact quotes of pools. Nothing else imports what is behind it.

There is no compiled module yet, so the pure-Python reference answers. `NAME` says which kernel
runs, and whoever prints quotes says it too: their numbers are the same, their speed is not.
"""

from omnivenue.reference import CurvePool, QuoteError, Template, Why

NAME = "reference"

__all__ = ["NAME", "CurvePool", "QuoteError", "Template", "Why"]
