"""A second ledger, written from the rules and not from the code: in fractions of whole assets, fed
with what the exchanges have on record, and with nothing else.

It knows atoms, lots and ticks only where a report is read, keeps one book for each thing that is
counted, and works out every trade on its own. What it shares with the ledger under test are the
instruments' terms, and how many decimals assets are counted in.

The rules. A trade moves its quantity; its money, rounded at the last decimal against us; its fee.
Of a position, what closes leaves at average cost, cut at the last decimal towards zero. A trade
that is taken back is the opposite trade for the same money. Funding is theirs who hold, in the
order of their names: each has what all up to him come to, rounded down, less what is given out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from omnivenue.engine import State
from omnivenue.message import ExecType, ExecutionReport, FundingPaid
from omnivenue.model import (
    AccountID,
    AssetID,
    Contract,
    ExecID,
    Instrument,
    InstrumentID,
    Side,
    StrategyID,
    VenueID,
    exponent,
)
from omnivenue.venue.sim.record import Placed

EXTERNAL = StrategyID("EXTERNAL")

type Whose = tuple[AccountID, StrategyID, InstrumentID]

type Line = tuple[str, ...]
"""What a number is about: ("cash", account, venue, asset), ("qty", account, strategy, …)."""


@dataclass
class Held:
    """Whole units. Cost: paid for what is held, negative where received."""

    qty: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    realized: Fraction = Fraction(0)


@dataclass(frozen=True)
class Trade:
    """As it was booked, so that it can be taken back."""

    qty: Fraction  # negative: sold
    paid: Fraction  # negative: received
    fee: Fraction
    fee_asset: AssetID


class Sums[K](dict[K, Fraction]):
    def add(self, key: K, amount: Fraction) -> None:
        self[key] = self.get(key, Fraction(0)) + amount


class ReferenceLedger:
    def __init__(self, hedging: frozenset[AccountID] = frozenset()) -> None:
        self.hedging = hedging
        self.postings = 0
        self.cash = Sums[tuple[AccountID, VenueID, str]]()
        self.fees = Sums[tuple[AccountID, VenueID, str]]()
        self.fees_of = Sums[tuple[AccountID, StrategyID, InstrumentID, str]]()
        self.funding = Sums[Whose]()
        self.held: dict[tuple[AccountID, StrategyID, InstrumentID, str], Held] = {}
        self.instruments: dict[InstrumentID, Instrument] = {}
        self.trades: dict[tuple[VenueID, ExecID], Trade] = {}
        self.fundings: set[tuple[VenueID, str]] = set()

    def deposit(self, account: AccountID, venue_id: VenueID, asset: AssetID, atoms: int) -> None:
        self._post(account, venue_id, asset, _whole(atoms, asset))

    def report(self, placed: Placed, instrument: Instrument, report: ExecutionReport) -> None:
        """One line of an exchange's record, and the order that it is about."""
        self.instruments[instrument.instrument_id] = instrument
        is_correction = report.exec_type is ExecType.TRADE_CORRECT
        if is_correction or report.exec_type is ExecType.TRADE_CANCEL:
            assert report.exec_ref_id is not None
            gone = self.trades.pop((instrument.venue_id, report.exec_ref_id))
            self._book(placed, instrument, Trade(-gone.qty, -gone.paid, -gone.fee, gone.fee_asset))
        if is_correction or report.exec_type is ExecType.TRADE:
            trade = _trade(placed, instrument, report)
            self.trades[instrument.venue_id, report.exec_id] = trade
            self._book(placed, instrument, trade)

    def fund(self, paid: FundingPaid, instrument: Instrument) -> None:
        key = (paid.venue_id, paid.funding_id)
        if key in self.fundings:
            return
        self.fundings.add(key)
        self.instruments[instrument.instrument_id], settle = instrument, instrument.settle
        self._post(paid.account, paid.venue_id, settle, _whole(paid.amount, settle))
        qtys = Sums[StrategyID]()
        for (account, strategy, instrument_id, _), held in self.held.items():
            if (account, instrument_id) == (paid.account, paid.instrument_id):
                qtys.add(strategy, held.qty)
        net, given, so_far = sum(qtys.values(), Fraction(0)), 0, Fraction(0)
        if not net:
            qtys, net = {EXTERNAL: Fraction(1)}, Fraction(1)
        for strategy, qty in sorted(qtys.items()):
            so_far += qty
            share = floor(paid.amount * so_far / net) - given
            given += share
            name = (paid.account, strategy, paid.instrument_id)
            self.funding.add(name, _whole(share, settle))

    def lines(self) -> dict[Line, int]:
        """Every number, in atoms."""
        found: Counter[Line] = Counter()
        for name, book in (("cash", self.cash), ("fees", self.fees)):
            for (account, venue_id, asset), amount in book.items():
                found[name, account, venue_id, asset] = _atoms(amount, self._digits(asset))
        for (account, strategy, name, leg), held in self.held.items():
            instrument = self.instruments[name]
            qty, cash = exponent(instrument.qty_asset), exponent(_cash(instrument))
            about = (account, strategy, name)
            found["qty", *about, leg] += _atoms(held.qty, qty)
            found["cost", *about, leg] += _atoms(held.cost, cash)
            found["realized", *about, leg] += _atoms(held.realized, cash)
        for (account, strategy, name), amount in self.funding.items():
            cash = exponent(_cash(self.instruments[name]))
            found["funding", account, strategy, name] += _atoms(amount, cash)
        for (account, strategy, name, asset), fee in self.fees_of.items():
            found["fee", account, strategy, name, asset] += _atoms(fee, exponent(AssetID(asset)))
        return found

    def _book(self, placed: Placed, instrument: Instrument, trade: Trade) -> None:
        new, venue_id = placed.new, instrument.venue_id
        strategy = EXTERNAL if placed.external is not None else new.strategy_id
        unit = instrument.base if instrument.is_spot else instrument.instrument_id
        cash = _cash(instrument)
        self._post(new.account, venue_id, unit, trade.qty)
        self._post(new.account, venue_id, cash, -trade.paid)
        self._post(new.account, venue_id, trade.fee_asset, -trade.fee)
        self.fees.add((new.account, venue_id, trade.fee_asset), trade.fee)
        about = (new.account, strategy, new.instrument_id)
        self.fees_of.add((*about, trade.fee_asset), trade.fee)
        leg = ""
        if new.account in self.hedging and not instrument.is_spot:
            opens_long = (new.side is Side.BUY) != new.reduce_only
            leg = "long" if opens_long else "short"
        _average(self.held.setdefault((*about, leg), Held()), trade, exponent(cash))
        self.postings += 2  # the fee, and what was realised

    def _post(self, account: AccountID, venue_id: VenueID, unit: str, amount: Fraction) -> None:
        self.cash.add((account, venue_id, unit), amount)
        self.postings += 1

    def _digits(self, unit: str) -> int:
        instrument = self.instruments.get(InstrumentID(unit))
        return exponent(AssetID(unit) if instrument is None else instrument.qty_asset)


def _average(held: Held, trade: Trade, digits: int) -> None:
    """Open at what was paid, close at average cost. What goes through zero does first one and then
    the other."""
    if held.qty * trade.qty >= 0:
        held.qty += trade.qty
        held.cost += trade.paid
        return
    closing = min(abs(trade.qty), abs(held.qty))
    got = -_cut(trade.paid * closing / abs(trade.qty), digits)
    was = _cut(held.cost * closing / abs(held.qty), digits)
    opening = trade.paid + got
    held.qty += trade.qty
    held.cost += opening - was
    held.realized += got - was


def _trade(placed: Placed, instrument: Instrument, report: ExecutionReport) -> Trade:
    quote, qty_asset = instrument.quote, instrument.qty_asset
    qty = _whole(report.last_qty * instrument.lot, qty_asset)
    px = _whole(report.last_px * instrument.tick, quote)
    times = Fraction(instrument.multiplier, instrument.multiplier_unit)
    is_bought = placed.new.side is Side.BUY
    if instrument.contract is Contract.INVERSE:
        pays, amount = not is_bought, qty * times / px  # a buyer owes dollars, and is given coins
    else:
        pays, amount = is_bought, qty * times * px
    digits = exponent(_cash(instrument))
    grid = 10**digits
    atoms: int = ceil(amount * grid) if pays else floor(amount * grid)
    rounded = Fraction(atoms, grid)
    return Trade(
        qty=qty if is_bought else -qty,
        paid=rounded if pays else -rounded,
        fee=_whole(report.fee, report.fee_asset),
        fee_asset=report.fee_asset,
    )


def _cash(instrument: Instrument) -> AssetID:
    return instrument.quote if instrument.is_spot else instrument.settle


def _whole(atoms: int, asset: AssetID) -> Fraction:
    return Fraction(atoms, 10 ** exponent(asset))


def _cut(amount: Fraction, digits: int) -> Fraction:
    grid = 10**digits
    return Fraction(int(amount * grid), grid)


def _atoms(amount: Fraction, digits: int) -> int:
    found = amount * 10**digits
    assert found.denominator == 1, "a fraction of an atom"
    return found.numerator


def core_lines(state: State) -> dict[Line, int]:
    """The same numbers, as the core has them."""
    found: Counter[Line] = Counter()
    for path, balances in state.ledger.paths.items():
        owner, _, what = path.partition("/")
        account, _, venue_id = owner.partition("@")
        for asset, amount in balances.items():
            if what == "fees":
                found["fees", account, venue_id, asset] += amount
            elif what:
                found["cash", account, venue_id, asset] += amount
    for account, strategies in state.positions.items():
        for strategy, positions in strategies.items():
            for name, position in positions.items():
                about = (account, strategy, name)
                for leg, held in (position.legs or {"": position}).items():
                    found["qty", *about, leg] += held.qty
                    found["cost", *about, leg] += held.cost
                    found["realized", *about, leg] += held.realized
                found["funding", *about] += position.funding
                for asset, amount in position.fees.items():
                    found["fee", *about, asset] += amount
    return found


def differences(one: Mapping[Line, int], other: Mapping[Line, int]) -> Iterator[tuple[Line, int]]:
    for line in sorted({*one, *other}):
        if apart := one.get(line, 0) - other.get(line, 0):
            yield line, apart


def units_apart(state: State, reference: ReferenceLedger) -> int:
    """Of all numbers together; and by how much the core's own postings do not cancel out."""
    sums: Counter[AssetID] = Counter()
    for balances in state.ledger.paths.values():
        sums.update(balances)
    apart = differences(core_lines(state), reference.lines())
    return sum(abs(amount) for _, amount in apart) + sum(map(abs, sums.values()))
