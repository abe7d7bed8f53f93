"""What we were told about each order, as the journal has it (I11).

An order has to hold exactly these facts, whatever came in which order and how often. Kept apart
from the order model, in the plainest way, so that the two can be compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from omnivenue.message import (
    CancelRejected,
    Entry,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderState,
    ReplaceOrder,
    StatusReport,
    decode_entry,
)
from omnivenue.model import SECOND, ClOrdID, ExecID, Lots
from omnivenue.oms import CLOSED, Anomaly, Order, status
from sim.checkers.checker import Checker, Watched

ENDS = (ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED, ExecType.DONE_FOR_DAY)


class Facts(msgspec.Struct):
    first_qty: Lots | None = None  # as it was sent, or first heard of; None: nobody's yet
    asked: dict[int, ReplaceOrder] = msgspec.field(default_factory=dict[int, ReplaceOrder])
    trades: dict[ExecID, ExecutionReport] = msgspec.field(
        default_factory=dict[ExecID, ExecutionReport]
    )
    busts: set[ExecID] = msgspec.field(default_factory=set[ExecID])
    ends: set[ExecType] = msgspec.field(default_factory=set[ExecType])
    last_word: tuple[int, int] = (0, 0)
    version: int = 0  # the latest that we heard to be in force
    version_word: tuple[int, int] = (0, 0)  # what the last answer said of it, and when
    turned_down: set[ClOrdID] = msgspec.field(default_factory=set[ClOrdID])
    is_acked: bool = False

    @property
    def standing(self) -> list[ExecutionReport]:
        return [r for i, r in self.trades.items() if i not in self.busts]

    @property
    def qty(self) -> Lots:
        """What it is for, as far as the venue has said."""
        assert self.first_qty is not None
        return self.asked[self.version].qty if self.version else self.first_qty

    @property
    def most(self) -> Lots:
        """What it may be for: a replace counts until it is answered, or proven lost."""
        if not self.asked or self.ends - {ExecType.REJECTED}:
            return self.qty
        last = self.asked[max(self.asked)]
        said_at, said = self.version_word
        is_lost = said < last.version and said_at > last.expires_at + SECOND
        is_answered = self.version >= last.version or last.cl_ord_id in self.turned_down
        return self.qty if is_lost or is_answered else max(self.qty, last.qty)


class FactsChecker(Checker):
    """Follows the journal, entry by entry."""

    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self.facts: dict[ClOrdID, Facts] = {}

    def opened(self) -> None:
        self.facts = defaultdict(Facts)
        self._follow(decode_entry(line) for line in self.loop.core.journal.lines())

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        self._follow(entries)
        for order in touched:
            self.check(order)

    def look(self) -> None:
        for order in self.state.orders.values():
            self.check(order)

    def check(self, order: Order) -> None:
        facts = self.facts[order.new.cl_ord_id]
        assert {fill.exec_id for fill in order.fills} == set(facts.trades), (
            "I11: other trades than we were told of"
        )
        assert order.busts == facts.busts, "I11: other busts than we were told of"
        assert (order.last_at, order.last_qty) == facts.last_word, "I11: not the venue's last word"
        assert order.acked == facts.is_acked, "I11: acknowledged or not"
        closings = {end.value for end in facts.ends - {ExecType.REJECTED}}
        assert order.closings == closings, "I11: ended otherwise"
        assert bool(order.rejections) == (ExecType.REJECTED in facts.ends), "I11: rejected or not"
        assert not order.rare.contradicted, "I11: no venue here contradicts itself"
        self._check_is_asked_about(order, facts)

    def _check_is_asked_about(self, order: Order, facts: Facts) -> None:
        at, cum_qty = facts.last_word
        counted = cum_qty if at else order.cum_qty
        is_settled = status(order) in CLOSED and counted == order.cum_qty
        is_asked_about = order.new.cl_ord_id in self.state.venues[order.new.venue_id].open
        assert is_settled != is_asked_about, "I12: settled and asked about, or neither"
        may_trade = (counted if status(order) in CLOSED else facts.most) - order.cum_qty
        working = self.state.listing(order.new).atoms(Lots(max(0, may_trade)))
        assert order.working == working, "I15: other than what may still trade"
        if order.cum_qty > facts.most:
            assert Anomaly.OVERFILL.value in order.rare.flagged, "I10: too much, and nobody is told"

    def _follow(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            match entry.event:
                case ExecutionReport() as report:
                    self._report(report)
                case StatusReport(reports=reports, orders=orders, as_of=as_of):
                    for report in reports:
                        self._report(report)
                    for said in orders:
                        self._said(said, as_of)
                case CancelRejected(orig_cl_ord_id=orig, cl_ord_id=cl_ord_id):
                    self.facts[orig].turned_down.add(cl_ord_id)
                case _:
                    pass
            for command in entry.commands:
                if isinstance(command, NewOrder):
                    self.facts[command.cl_ord_id].first_qty = command.qty
                elif isinstance(command, ReplaceOrder):
                    self.facts[command.orig_cl_ord_id].asked[command.version] = command

    def _said(self, said: OrderState, as_of: int) -> None:
        facts = self.facts[said.cl_ord_id]
        facts.last_word = max(facts.last_word, (as_of, said.cum_qty))
        facts.version = max(facts.version, said.version)
        if facts.asked:
            facts.version_word = max(facts.version_word, (as_of, said.version))
        if said.ended is None or said.ended is ExecType.TRADE:
            facts.is_acked = True
        else:
            facts.ends.add(said.ended)

    def _report(self, report: ExecutionReport) -> None:
        facts = self.facts[report.cl_ord_id]
        if facts.first_qty is None and report.external is not None:
            facts.first_qty = report.external.qty
        if facts.first_qty is None:
            return
        facts.last_word = max(facts.last_word, (report.transact_at, report.cum_qty))
        match report.exec_type:
            case ExecType.TRADE | ExecType.TRADE_CORRECT:
                facts.trades[report.exec_id] = report
            case ExecType.NEW | ExecType.TRIGGERED | ExecType.SUSPENDED:
                facts.is_acked = True
            case ExecType.REPLACED:
                facts.is_acked = True
                facts.version = max(facts.version, report.version)
            case _:
                pass
        if report.exec_ref_id is not None:
            facts.busts.add(report.exec_ref_id)
        if report.exec_type in ENDS:
            facts.ends.add(report.exec_type)
