"""Which limits bear on an order. The tightest of each name holds, whatever scope it comes from.

Some names are counted by something (an instrument, a strategy …): those are compared scope by scope
with what that scope has used.
"""

from functools import lru_cache

from omnivenue.model import AccountID, InstrumentID, Limits, StrategyID, VenueID

type LimitIndex = dict[str, dict[str, int]]
"""Scope to limit name to value, in the units of `Limit`; what is waived is not in it."""


type Scopes = tuple[str, str, str, str, str]
"""All that bear on an order: global, its venue, account, strategy, instrument."""


@lru_cache(maxsize=4096)
def scopes_of_order(
    venue_id: VenueID, account: AccountID, strategy_id: StrategyID, instrument_id: InstrumentID
) -> Scopes:
    return (
        "global",
        f"venue:{venue_id}",
        f"account:{account}",
        f"strategy:{strategy_id}",
        f"instrument:{instrument_id}",
    )


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
    found = dict(there[0]) if there else {}
    for of_scope in there[1:]:
        for name, value in of_scope.items():
            if name not in found or value < found[name]:
                found[name] = value
    return found
