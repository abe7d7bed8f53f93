"""One measured number, and what it is held against."""

import msgspec


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Something else, measured in the same run or told by its makers."""

    name: str
    value: float
    ratio: float


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    value: float
    unit: str
    p50_us: float | None = None
    p99_us: float | None = None
    goal: float | None = None
    peer: Peer | None = None
    note: str = ""


def percentile(ns: list[int], percent: int) -> float:
    """Of durations in nanoseconds, in microseconds."""
    ordered = sorted(ns)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] / 1000
