"""Execution algorithms: one file each, none knows another. Each says what is due at its next step.

An algorithm is a pure schedule. Orders, timers and fills are the engine's.
"""

from omnivenue.algo.twap import SLICES_MAX, due, most, slices

__all__ = ["SLICES_MAX", "due", "most", "slices"]
