"""Money over many instruments, kept by differences: no check walks positions or orders.

Each exposure remembers what it has been counted with, at the price that it was last valued at.
"""

import msgspec

from omnivenue.ledger import Exposure
from omnivenue.model import QTY_UNIT, Contract, Instrument


class Totals(msgspec.Struct):
    """Of one scope, wide, in the risk currency."""

    total: int = 0  # the worst case of each instrument, added up
    gross: int = 0  # each position and each order, none against another


def unit_value(instrument: Instrument, px: int) -> int:
    """What one whole unit of quantity is worth at `px`, wide, in the quote asset. An inverse
    contract's is so many of the quote asset, whatever the price."""
    of_one = QTY_UNIT if instrument.contract is Contract.INVERSE else px
    return of_one * instrument.multiplier // instrument.multiplier_unit


def count(cell: Exposure, one: int, totals: dict[str, Totals], scopes: tuple[str, ...]) -> None:
    """Bring the totals of its scopes in line with what the exposure has become. `one`: atoms in a
    whole unit of quantity."""
    px, net, buys, sells = cell.px, cell.net, cell.buys, cell.sells
    total = max(net + buys, sells - net) * px // one  # `Exposure.worst`, looked up once
    gross = (abs(net) + buys + sells) * px // one
    more, more_gross = total - cell.total, gross - cell.gross
    if not (more or more_gross):
        return
    for scope in scopes:
        of_scope = totals.get(scope)
        if of_scope is None:
            of_scope = totals[scope] = Totals()
        of_scope.total += more
        of_scope.gross += more_gross
    cell.total, cell.gross = total, gross
