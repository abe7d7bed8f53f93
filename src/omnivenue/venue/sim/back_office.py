"""The exchange's memory of orders, reports and money, apart from how orders come to trade.

Reports are stamped strictly later than all before them, because the latest by venue time is what
counts: two at one instant would leave open which CumQty came last.
"""

from bisect import bisect_left
from collections.abc import Iterable

from omnivenue.message import (
    ExecType,
    ExecutionReport,
    External,
    FundingPaid,
    Held,
    NewOrder,
    QueryOrders,
    ReplaceOrder,
    StatusReport,
)
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    ClOrdID,
    ExecID,
    Fill,
    Instrument,
    InstrumentID,
    Liquidity,
    Lots,
    Nanos,
    Ticks,
    VenueID,
    VenueOrderID,
)
from omnivenue.venue.sim.record import Placed
from omnivenue.venue.sim.settle import FeeRates, Flow, exchanged, fee_of

NO_FILL = Fill(Lots(0), Ticks(0), Atoms(0), AssetID(""), Liquidity.TAKER, Nanos(0))


class BackOffice:
    def __init__(
        self, venue_id: VenueID, instruments: Iterable[Instrument], fee_rates: FeeRates
    ) -> None:
        self.venue_id = venue_id
        self.instruments = {i.instrument_id: i for i in instruments}
        self.versions = {(i.instrument_id, i.version): i for i in self.instruments.values()}
        self.orders: dict[ClOrdID, Placed] = {}
        self.balances: dict[AccountID, dict[AssetID, int]] = {}
        self.log: list[ExecutionReport] = []  # in the order of their stamps
        self.fundings: list[FundingPaid] = []  # likewise
        self.stamped = Nanos(0)
        self._fee_rates = fee_rates

    def deposit(self, account: AccountID, asset: AssetID, amount: int) -> None:
        balances = self.balances.setdefault(account, {})
        balances[asset] = balances.get(asset, 0) + amount

    def position(self, account: AccountID, instrument_id: InstrumentID) -> int:
        return self.balances.get(account, {}).get(AssetID(instrument_id), 0)

    def is_listed(self, new: NewOrder) -> bool:
        """In the version that the order counts in."""
        instrument = self.instruments.get(new.instrument_id)
        return instrument is not None and instrument.version == new.instrument_version

    def open(self, new: NewOrder, external: External | None = None) -> Placed:
        assert new.cl_ord_id not in self.orders
        order = Placed(new=new, qty=new.qty, px=new.limit_px, reports=[], external=external)
        self.orders[new.cl_ord_id] = order
        return order

    def ack(self, at: Nanos, order: Placed) -> ExecutionReport:
        return self._report(order, ExecType.NEW, at)

    def trigger(self, at: Nanos, order: Placed) -> ExecutionReport:
        order.is_triggered = True
        return self._report(order, ExecType.TRIGGERED, at)

    def replace(self, at: Nanos, order: Placed, replace: ReplaceOrder) -> ExecutionReport:
        change(order, replace)
        return self._report(order, ExecType.REPLACED, at)

    def trade(
        self, at: Nanos, order: Placed, qty: Lots, px: Ticks, liquidity: Liquidity
    ) -> ExecutionReport:
        fill = self._fill(at, order, qty, px, liquidity)
        return self._report(order, ExecType.TRADE, at, fill)

    def take_back(self, at: Nanos, order: Placed, trade: ExecutionReport) -> ExecutionReport:
        """A filled order is open again: what becomes of the quantity is not decided here."""
        self.undo(order, trade)
        return self._report(order, ExecType.TRADE_CANCEL, at, exec_ref_id=trade.exec_id)

    def correct(
        self, at: Nanos, order: Placed, trade: ExecutionReport, qty: Lots, px: Ticks
    ) -> ExecutionReport:
        """What had traded has traded otherwise: no more of it."""
        assert 0 < qty <= trade.last_qty
        self.undo(order, trade)
        fill = self._fill(at, order, qty, px, trade.liquidity)
        return self._report(order, ExecType.TRADE_CORRECT, at, fill, trade.exec_id)

    def end(self, at: Nanos, order: Placed, how: ExecType, text: str = "") -> ExecutionReport:
        order.ended = how
        return self._report(order, how, at, text=text)

    def fund(self, at: Nanos, funding_id: str, account: AccountID, flow: Flow) -> FundingPaid:
        """`funding_id` begins with its instrument."""
        asset, amount = flow
        paid = FundingPaid(
            funding_id=funding_id,
            account=account,
            venue_id=self.venue_id,
            instrument_id=InstrumentID(funding_id.rpartition("@")[0]),
            amount=amount,
            at=self._stamp(at),
        )
        self.deposit(account, asset, amount)
        self.fundings.append(paid)
        return paid

    def answer(self, at: Nanos, query: QueryOrders, *, says_held: bool) -> StatusReport:
        """All that was said since the cursor; of the orders asked about, what they are now."""
        reports = bisect_left(self.log, query.since, key=lambda report: report.transact_at)
        fundings = bisect_left(self.fundings, query.since, key=lambda paid: paid.at)
        found = [self.orders[i] for i in query.cl_ord_ids if i in self.orders]
        return StatusReport(
            venue_id=query.venue_id,
            query=query.query,
            as_of=self._stamp(at),
            reports=tuple(self.log[reports:]),
            orders=tuple([order.state for order in found]),
            not_found=tuple([i for i in query.cl_ord_ids if i not in self.orders]),
            fundings=tuple(self.fundings[fundings:]),
            held=tuple(self._held()) if says_held else None,
        )

    def _held(self) -> Iterable[Held]:
        for account, balances in sorted(self.balances.items()):
            for asset, total in sorted(balances.items()):
                if total:
                    yield Held(account=account, asset=asset, total=total)

    def instrument_of(self, new: NewOrder) -> Instrument:
        return self.versions[new.instrument_id, new.instrument_version]

    def count(self, order: Placed, qty: Lots) -> None:
        order.cum = Lots(order.cum + qty)
        assert order.cum <= order.qty
        if order.cum == order.qty and order.ended is None:
            order.ended = ExecType.TRADE

    def pay(self, order: Placed, trade: ExecutionReport | Fill, *, back: bool = False) -> None:
        """What a trade moves, fee and all: or moved, and comes back."""
        qty, px = (
            (trade.qty, trade.px) if isinstance(trade, Fill) else (trade.last_qty, trade.last_px)
        )
        moved = exchanged(self.instrument_of(order.new), order.new.side, qty, px)
        for asset, amount in (*moved, (trade.fee_asset, -trade.fee)):
            self.deposit(order.new.account, asset, -amount if back else amount)

    def undo(self, order: Placed, trade: ExecutionReport) -> None:
        self.pay(order, trade, back=True)
        order.cum = Lots(order.cum - trade.last_qty)
        if order.ended is ExecType.TRADE:
            order.ended = None

    def _fill(self, at: Nanos, order: Placed, qty: Lots, px: Ticks, liquidity: Liquidity) -> Fill:
        instrument, side = self.instrument_of(order.new), order.new.side
        asset, fee = fee_of(instrument, side, qty, px, liquidity, self._fee_rates)
        fill = Fill(qty, px, fee, asset, liquidity, at)
        self.pay(order, fill)
        self.count(order, qty)
        return fill

    def _report(
        self,
        order: Placed,
        exec_type: ExecType,
        at: Nanos,
        fill: Fill = NO_FILL,
        exec_ref_id: ExecID | None = None,
        text: str = "",
    ) -> ExecutionReport:
        """Numbered by what was said before, which the record holds: no id comes twice."""
        number = f"{self.venue_id}-{len(self.log) + 1}"
        known = order.reports[0].venue_order_id if order.reports else VenueOrderID(number)
        report = ExecutionReport(
            exec_id=ExecID(f"{number}x"),
            cl_ord_id=order.new.cl_ord_id,
            exec_type=exec_type,
            venue_order_id=known,
            last_qty=fill.qty,
            last_px=fill.px,
            fee=fill.fee,
            fee_asset=fill.fee_asset,
            liquidity=fill.liquidity,
            cum_qty=order.cum,
            transact_at=self._stamp(at),
            exec_ref_id=exec_ref_id,
            text=text,
            version=order.version if exec_type is ExecType.REPLACED else 0,
            external=order.external,
        )
        order.reports.append(report)
        self.log.append(report)
        return report

    def _stamp(self, at: Nanos) -> Nanos:
        self.stamped = Nanos(max(self.stamped + 1, at))
        return self.stamped


def change(order: Placed, replace: ReplaceOrder) -> None:
    order.qty, order.px, order.version = replace.qty, replace.limit_px, replace.version
