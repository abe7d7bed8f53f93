"""What we were told about each order, as the journal has it (I11).

An order has to hold exactly these facts, whatever came in which order and how often. Kept apart
from the order model, in the plainest way, so that the two can be compared.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from omnivenue.message import (
    Entry,
    ExecType,
    ExecutionReport,
    NewOrder,
    StatusReport,
    decode_entry,
)
from omnivenue.model import ClOrdID, ExecID
from omnivenue.oms import Order
from sim.gates import Gates


class Facts(msgspec.Struct):
    trades: set[ExecID] = msgspec.field(default_factory=set[ExecID])
    busts: set[ExecID] = msgspec.field(default_factory=set[ExecID])
    ends: set[ExecType] = msgspec.field(default_factory=set[ExecType])
    last_word: tuple[int, int] = (0, 0)
    is_acked: bool = False


class Told:
    """Follows the journal, entry by entry."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._facts: dict[ClOrdID, Facts] = defaultdict(Facts)
        self._made: set[ClOrdID] = set()
        self._gates = Gates()
        for line in lines:
            self.follow(decode_entry(line))

    def follow(self, entry: Entry) -> None:
        self._gates.follow(entry)
        match entry.event:
            case ExecutionReport() as report:
                self._report(report)
            case StatusReport(reports=reports, orders=orders, as_of=as_of):
                for report in reports:
                    self._report(report)
                for said in orders:
                    facts = self._facts[said.cl_ord_id]
                    facts.last_word = max(facts.last_word, (as_of, said.cum_qty))
                    if said.ended is None or said.ended is ExecType.TRADE:
                        facts.is_acked = True
                    else:
                        facts.ends.add(said.ended)
            case _:
                pass
        self._made |= {c.cl_ord_id for c in entry.commands if isinstance(c, NewOrder)}

    def check(self, order: Order) -> None:
        facts = self._facts[order.new.cl_ord_id]
        assert set(order.fills) == facts.trades, "I11: other trades than we were told of"
        assert order.busts == facts.busts, "I11: other busts than we were told of"
        assert order.last_word == facts.last_word, "I11: not the venue's last word"
        assert order.acked == facts.is_acked, "I11: acknowledged or not"
        closings = {end.value for end in facts.ends - {ExecType.REJECTED}}
        assert order.closings == closings, "I11: ended otherwise"
        assert bool(order.rejections) == (ExecType.REJECTED in facts.ends), "I11: rejected or not"
        assert not order.contradicted, "I11: no venue here contradicts itself"

    def cum_qty(self, order: Order) -> int:
        """What the venue counts, as far as it has said."""
        at, cum_qty = self._facts[order.new.cl_ord_id].last_word
        return cum_qty if at else order.cum_qty

    def _report(self, report: ExecutionReport) -> None:
        if report.cl_ord_id not in self._made:
            return
        facts = self._facts[report.cl_ord_id]
        facts.last_word = max(facts.last_word, (report.transact_at, report.cum_qty))
        match report.exec_type:
            case ExecType.TRADE:
                facts.trades.add(report.exec_id)
            case ExecType.TRADE_CANCEL:
                assert report.exec_ref_id is not None
                facts.busts.add(report.exec_ref_id)
            case ExecType.NEW:
                facts.is_acked = True
            case _:
                facts.ends.add(report.exec_type)
