"""Which limits bear on an order. The tightest of each name holds, whatever scope it comes from.

Some names are counted by something (an instrument, a strategy …): those are compared scope by scope
with what that scope has used.
"""

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
    """The tightest value of every limit that one of `scopes` has. Not to be changed."""
    there = [limits[scope] for scope in scopes if scope in limits]
    if len(there) == 1:
        return there[0]
    found: dict[str, int] = {}
    for of_scope in there:
        for name, value in of_scope.items():
            if name not in found or value < found[name]:
                found[name] = value
    return found
