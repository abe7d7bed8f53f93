"""How far trading is stopped, in a scope. The worst of all scopes that bear on an order holds.

A scope is written as that of a limit: `global`, `venue:V`, `account:A`, `strategy:S`, `chain:C`.
"""

from enum import Enum


class TradingState(Enum):
    ACTIVE = "ACTIVE"
    REDUCE_ONLY = "REDUCE_ONLY"  # reductions and cancels pass
    HALTED = "HALTED"  # cancels and questions pass; what rests stays
    KILLED = "KILLED"  # as halted, and everything is cancelled

    @property
    def severity(self) -> int:
        return _SEVERITY[self]


_SEVERITY = {state: n for n, state in enumerate(TradingState)}
