"""Which limits bear on an order. The tightest of each name holds, whatever scope it comes from."""

from omnivenue.model import Limits

type LimitIndex = dict[str, dict[str, int]]
"""Scope to limit name to value, in the units of `Limit`; what is waived is not in it."""


def index(limits: Limits) -> LimitIndex:
    found: LimitIndex = {}
    for limit in limits.limits:
        if limit.value is not None:
            found.setdefault(limit.scope, {})[limit.name.value] = limit.value
    return found


def bearing(limits: LimitIndex, scopes: tuple[str, ...]) -> dict[str, int]:
    """The tightest value of every limit that one of `scopes` has."""
    found: dict[str, int] = {}
    for scope in scopes:
        for name, value in limits.get(scope, {}).items():
            if name not in found or value < found[name]:
                found[name] = value
    return found
