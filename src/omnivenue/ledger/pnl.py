"""Profit and loss of one position in the risk currency, and what it came from.

Everything here is what the marks say, and only they. What has no mark counts for nothing and is
named, so that a sum with a gap in it does not look like one without.

What the underlying and the basis have earned is added up mark by mark (`moved`), because only then
it is known what was held while they moved. What is left of the trading profit is unexplained: by
how much trades were better or worse than the marks around them.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from omnivenue.ledger.position import Position
from omnivenue.ledger.rates import Rates, pair
from omnivenue.model import AssetID, Contract, Instrument, Side, unit


class Pnl(NamedTuple):
    """Wide, in one currency. Fees are what was paid of them."""

    realized: int = 0
    unrealized: int = 0
    funding: int = 0
    fees: int = 0
    delta: int = 0  # the underlying moved
    basis: int = 0  # derivatives moved against it
    unknown: frozenset[str] = frozenset()  # instruments and assets without a mark

    @property
    def total(self) -> int:
        return self.realized + self.unrealized + self.funding - self.fees

    @property
    def unexplained(self) -> int:
        return self.realized + self.unrealized - self.delta - self.basis

    def lines(self) -> dict[str, int]:
        """Where the total came from: with `unexplained` they come to it."""
        return {
            "delta_pnl": self.delta,
            "basis_pnl": self.basis,
            "funding_pnl": self.funding,
            "transaction_costs": -self.fees,
        }

    def plus(self, other: "Pnl") -> "Pnl":
        sums = [a + b for a, b in zip(self[:6], other[:6], strict=True)]
        return Pnl(*sums, unknown=self.unknown | other.unknown)


def summed[K](found: Iterable[tuple[K, Pnl]]) -> dict[K, Pnl]:
    """By whatever they are keyed with."""
    sums: dict[K, Pnl] = {}
    for key, one in found:
        sums[key] = sums.get(key, Pnl()).plus(one)
    return sums


def worth(instrument: Instrument, qty: int, px: int) -> int:
    """What closing `qty` at `px` would bring in of its cash, before fees, rounded against us."""
    side = Side.SELL if qty > 0 else Side.BUY
    return -instrument.paid_ceil(side, abs(qty), px)


def unrealized(instrument: Instrument, position: Position, px: int) -> int:
    """What closing it at `px` would realise, in atoms of its cash."""
    return worth(instrument, position.qty, px) - position.cost


def average_px_floor(instrument: Instrument, qty: int, cost: int, fine: int) -> int:
    """At what price `qty` cost that, in 1 / `fine` quote atoms per whole base asset. Neither may be
    zero: what is flat has no price."""
    counted, paid = abs(qty) * instrument.multiplier * fine, abs(cost)
    if instrument.contract is Contract.INVERSE:
        return counted * unit(instrument.base) // (paid * instrument.multiplier_unit)
    above = paid * unit(instrument.base) * instrument.multiplier_unit * fine
    below = abs(qty) * instrument.multiplier
    if instrument.contract is Contract.QUANTO:
        above, below = above * unit(instrument.quote), below * unit(instrument.settle)
    return above // below


def pnl(instrument: Instrument, position: Position, rates: Rates) -> Pnl:
    unknown: list[str] = []
    px, open_profit = rates.px(instrument.instrument_id), 0
    if position.qty and px > 0:
        open_profit = unrealized(instrument, position, px)
    elif position.qty:
        unknown.append(instrument.instrument_id)
    cash = instrument.cash
    return Pnl(
        realized=_known(rates, cash, position.realized, unknown),
        unrealized=_known(rates, cash, open_profit, unknown),
        funding=_known(rates, cash, position.funding, unknown),
        fees=_sum(rates, position.fees, unknown),
        delta=position.delta,
        basis=position.basis,
        unknown=frozenset(unknown),
    )


def moved(instrument: Instrument, position: Position, first: Rates, last: Rates) -> tuple[int, int]:
    """What the underlying's move from one second's marks to the next made of a position's trading
    profit, and what the basis did. Nothing where a mark is missing.

    Found by pricing it anew, so that what is not linear (inverse contracts, profit that lies in
    another asset) is in the line of what moved it: first everything moves as the underlying does,
    then the derivative comes to its own price.
    """
    px, px_after = first.px(instrument.instrument_id), last.px(instrument.instrument_id)
    if position.qty and (px <= 0 or px_after <= 0):
        return 0, 0
    px_shifted = px + _shift(instrument, px_after - px, first, last)
    value = _value(instrument, position, px, first)
    with_delta = with_basis = _value(instrument, position, px_shifted, last)
    if px_shifted != px_after:
        with_basis = _value(instrument, position, px_after, last)
    if value is None or with_delta is None or with_basis is None:
        return 0, 0
    return with_delta - value, with_basis - with_delta


def _shift(instrument: Instrument, own: int, first: Rates, last: Rates) -> int:
    """By how much the underlying has moved. Where nothing says it, all is the underlying's."""
    if instrument.is_spot:
        return own
    for spot in first.pairs.get(pair(instrument.base, instrument.quote), ()):
        before, after = first.px(spot), last.px(spot)
        if before > 0 and after > 0:
            return max(after - before, 1 - first.px(instrument.instrument_id))
    return own


def _value(instrument: Instrument, position: Position, px: int, rates: Rates) -> int | None:
    open_profit = unrealized(instrument, position, px) if position.qty else 0
    return rates.worth(instrument.cash, position.realized + open_profit)


def _known(rates: Rates, asset: AssetID, amount: int, unknown: list[str]) -> int:
    found = rates.worth(asset, amount)
    if found is None:
        unknown.append(asset)
    return found or 0


def _sum(rates: Rates, amounts: Mapping[AssetID, int], unknown: list[str]) -> int:
    return sum(_known(rates, asset, amounts[asset], unknown) for asset in sorted(amounts))
