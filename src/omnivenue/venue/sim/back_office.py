"""The exchange's memory of orders, reports and money, apart from how orders come to trade.

Reports are stamped strictly later than all before them, because the latest by venue time is what
counts: two at one instant would leave open which CumQty came last.
"""

from bisect import bisect_left
from collections.abc import Iterable

from omnivenue.message import (
    ExecType,
    ExecutionReport,
    NewOrder,
    QueryOrders,
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
    Liquidity,
    Lots,
    Nanos,
    Ticks,
    VenueID,
    VenueOrderID,
)
from omnivenue.venue.sim.record import Line, Placed
from omnivenue.venue.sim.settle import flows

NO_FILL = Fill(Lots(0), Ticks(0), Atoms(0), AssetID(""), Liquidity.TAKER, Nanos(0))


class BackOffice:
    def __init__(self, venue_id: VenueID, instruments: Iterable[Instrument]) -> None:
        self.venue_id = venue_id
        self.instruments = {i.instrument_id: i for i in instruments}
        self._versions = {(i.instrument_id, i.version): i for i in self.instruments.values()}
        self.orders: dict[ClOrdID, Placed] = {}
        self.balances: dict[AccountID, dict[AssetID, int]] = {}
        self.log: list[ExecutionReport] = []  # in the order of their stamps
        self._stamped = Nanos(0)

    def deposit(self, account: AccountID, asset: AssetID, amount: int) -> None:
        balances = self.balances.setdefault(account, {})
        balances[asset] = balances.get(asset, 0) + amount

    def is_listed(self, new: NewOrder) -> bool:
        """In the version that the order counts in."""
        instrument = self.instruments.get(new.instrument_id)
        return instrument is not None and instrument.version == new.instrument_version

    def open(self, new: NewOrder) -> Placed:
        assert new.cl_ord_id not in self.orders
        order = self.orders[new.cl_ord_id] = Placed(new=new, reports=[])
        return order

    def ack(self, at: Nanos, order: Placed) -> ExecutionReport:
        return self._report(order, ExecType.NEW, at)

    def trade(
        self, at: Nanos, order: Placed, qty: Lots, px: Ticks, liquidity: Liquidity
    ) -> ExecutionReport:
        instrument = self._instrument(order.new)
        moved, fee = flows(instrument, order.new.side, qty, px, liquidity)
        for asset, amount in moved:
            self.deposit(order.new.account, asset, amount)
        self._count(order, qty)
        fill = Fill(qty, px, fee, instrument.settle, liquidity, at)
        return self._report(order, ExecType.TRADE, at, fill)

    def take_back(self, at: Nanos, order: Placed, trade: ExecutionReport) -> ExecutionReport:
        """A filled order is open again: what becomes of the quantity is not decided here."""
        self._undo(order, trade)
        return self._report(order, ExecType.TRADE_CANCEL, at, exec_ref_id=trade.exec_id)

    def end(self, at: Nanos, order: Placed, how: ExecType, text: str = "") -> ExecutionReport:
        order.ended = how
        return self._report(order, how, at, text=text)

    def answer(self, at: Nanos, query: QueryOrders) -> StatusReport:
        """All reports since the cursor; of the orders asked about, what they are now."""
        first = bisect_left(self.log, query.since, key=lambda report: report.transact_at)
        found = [self.orders[i] for i in query.cl_ord_ids if i in self.orders]
        return StatusReport(
            venue_id=query.venue_id,
            query=query.query,
            as_of=self._stamp(at),
            reports=tuple(self.log[first:]),
            orders=tuple([order.state for order in found]),
            not_found=tuple([i for i in query.cl_ord_ids if i not in self.orders]),
        )

    def restore(self, lines: Iterable[Line]) -> None:
        """What the record says happened, happens again, and nothing else: each trade in the
        version of its instrument that was listed then."""
        for line in lines:
            self._restore(line)
        for i in self.instruments.values():
            self._versions[i.instrument_id, i.version] = i

    def _restore(self, line: Line) -> None:
        for i in line.listed:
            self._versions[i.instrument_id, i.version] = i
        if paid := line.paid_in:
            self.deposit(paid.account, paid.asset, paid.amount)
        new = line.command
        if isinstance(new, NewOrder) and line.said and new.cl_ord_id not in self.orders:
            self.open(new)
        for said in line.said:
            if isinstance(said, ExecutionReport):
                self._restore_report(said)

    def _restore_report(self, report: ExecutionReport) -> None:
        order = self.orders[report.cl_ord_id]
        match report.exec_type:
            case ExecType.NEW:
                pass
            case ExecType.TRADE:
                instrument, new = self._instrument(order.new), order.new
                qty, px = report.last_qty, report.last_px
                for asset, amount in flows(instrument, new.side, qty, px, report.liquidity)[0]:
                    self.deposit(new.account, asset, amount)
                self._count(order, qty)
            case ExecType.TRADE_CANCEL:
                trades = (r for r in order.reports if r.exec_id == report.exec_ref_id)
                self._undo(order, next(trades))
            case _:
                order.ended = report.exec_type
        order.reports.append(report)
        self.log.append(report)
        self._stamped = report.transact_at

    def _instrument(self, new: NewOrder) -> Instrument:
        return self._versions[new.instrument_id, new.instrument_version]

    def _count(self, order: Placed, qty: Lots) -> None:
        order.cum = Lots(order.cum + qty)
        assert order.cum <= order.new.qty
        if order.cum == order.new.qty:
            order.ended = ExecType.TRADE

    def _undo(self, order: Placed, trade: ExecutionReport) -> None:
        instrument, new = self._instrument(order.new), order.new
        moved, _ = flows(instrument, new.side, trade.last_qty, trade.last_px, trade.liquidity)
        for asset, amount in moved:
            self.deposit(new.account, asset, -amount)
        order.cum = Lots(order.cum - trade.last_qty)
        if order.ended is ExecType.TRADE:
            order.ended = None

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
        )
        order.reports.append(report)
        self.log.append(report)
        return report

    def _stamp(self, at: Nanos) -> Nanos:
        self._stamped = Nanos(max(self._stamped + 1, at))
        return self._stamped
