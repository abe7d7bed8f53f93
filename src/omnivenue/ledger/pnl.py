"""Profit and loss: of one position, and where that of a time came from.

Everything here is what the marks say, and only they: what is not marked has no profit that is
known, and then neither has the sum.
"""

from collections.abc import Mapping

import msgspec

from omnivenue.ledger.position import Position
from omnivenue.ledger.rates import Instruments, Marks, Rates, pairs_of
from omnivenue.model import AssetID, Contract, Instrument, InstrumentID, Side, unit

type Positions = Mapping[InstrumentID, Position]


class Pnl(msgspec.Struct, frozen=True):
    """Wide, in one currency. Fees are what was paid of them."""

    realized: int
    unrealized: int
    funding: int
    fees: int

    @property
    def total(self) -> int:
        return self.realized + self.unrealized + self.funding - self.fees


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Where the profit of a time came from: wide, in one currency."""

    delta_pnl: int  # the underlying moved
    basis_pnl: int  # derivatives moved against it
    funding_pnl: int
    transaction_costs: int  # negative: paid
    unexplained: int  # what the trades of that time were better or worse than its end, and rounding

    @property
    def total(self) -> int:
        return (
            self.delta_pnl
            + self.basis_pnl
            + self.funding_pnl
            + self.transaction_costs
            + self.unexplained
        )


def worth(instrument: Instrument, qty: int, px: int) -> int:
    """What closing `qty` at `px` would bring in of its cash, before fees, rounded against us."""
    side = Side.SELL if qty > 0 else Side.BUY
    return -instrument.paid_ceil(side, abs(qty), px)


def unrealized(instrument: Instrument, position: Position, px: int) -> int:
    """What closing it at `px` would realise."""
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


def pnl(instrument: Instrument, position: Position, rates: Rates) -> Pnl | None:
    """None where a mark is missing. A flat position needs none of its own."""
    px = rates.marks.get(instrument.instrument_id, 0)
    if position.qty and px <= 0:
        return None
    open_profit = unrealized(instrument, position, px) if position.qty else 0
    return _pnl(instrument, position, open_profit, rates)


def _pnl(instrument: Instrument, position: Position, open_profit: int, rates: Rates) -> Pnl | None:
    parts = [
        rates.wide(instrument.cash, amount)
        for amount in (position.realized, open_profit, position.funding)
    ]
    parts += [sum_of(rates, position.fees)]
    known = [part for part in parts if part is not None]
    return Pnl(*known) if len(known) == len(parts) else None


def sum_of(rates: Rates, amounts: Mapping[AssetID, int]) -> int | None:
    """Amounts of several assets, in the one currency."""
    total = 0
    for asset in sorted(amounts):
        wide = rates.wide(asset, amounts[asset])
        if wide is None:
            return None
        total += wide
    return total


def attribute(
    instruments: Instruments,
    currency: AssetID,
    before: tuple[Positions, Marks],
    after: tuple[Positions, Marks],
) -> Attribution | None:
    """What became of `before`, held as it was, while the markets moved to where they are `after`;
    what was paid meanwhile; and the rest. None where a mark is missing."""
    rates = (Rates(instruments, before[1], currency), Rates(instruments, after[1], currency))
    delta = basis = funding = costs = total = 0
    for instrument_id in sorted({*before[0], *after[0]}):
        instrument = instruments[instrument_id]
        was = before[0].get(instrument_id, Position())
        now = after[0].get(instrument_id, Position())
        moved = _moved(instrument, was, instruments, rates)
        is_now = pnl(instrument, now, rates[1])
        paid = sum_of(rates[1], _difference(now.fees, was.fees))
        received = rates[1].wide(instrument.cash, now.funding - was.funding)
        if moved is None or is_now is None or paid is None or received is None:
            return None
        value, by_delta, by_basis = moved
        total += is_now.total - value
        delta, basis = delta + by_delta, basis + by_basis
        funding, costs = funding + received, costs - paid
    return Attribution(
        delta_pnl=delta,
        basis_pnl=basis,
        funding_pnl=funding,
        transaction_costs=costs,
        unexplained=total - delta - basis - funding - costs,
    )


def _moved(
    instrument: Instrument, was: Position, instruments: Instruments, rates: tuple[Rates, Rates]
) -> tuple[int, int, int] | None:
    """What a position was worth, what the underlying's move made of it, and what the basis did.

    Found by pricing it anew, so that what is not linear (inverse contracts, profit that lies in
    another asset) is in the line of what moved it: first everything moves as the underlying does,
    then the derivative comes to its own price.
    """
    first, last = rates
    instrument_id = instrument.instrument_id
    px, px_after = first.marks.get(instrument_id, 0), last.marks.get(instrument_id, 0)
    if was.qty and min(px, px_after) <= 0:
        return None
    spots = pairs_of(instruments, instrument.base, instrument.quote)
    spot = next((i for i in spots if i.base == instrument.base), instrument).instrument_id
    shift = last.marks.get(spot, 0) - first.marks.get(spot, 0)
    if min(last.marks.get(spot, 0), first.marks.get(spot, 0)) <= 0:
        shift = px_after - px  # nothing says where the underlying is, so all of it is its move
    prices = ((px, first), (max(1, px + shift), last), (px_after, last))
    values: list[int] = []
    for at, by in prices:
        open_profit = unrealized(instrument, was, at) if was.qty else 0
        found = _pnl(instrument, was, open_profit, by)
        if found is None:
            return None
        values.append(found.total)
    value, with_delta, with_basis = values
    return value, with_delta - value, with_basis - with_delta


def _difference(after: Mapping[AssetID, int], before: Mapping[AssetID, int]) -> dict[AssetID, int]:
    return {a: after.get(a, 0) - before.get(a, 0) for a in {*after, *before}}
