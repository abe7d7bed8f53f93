"""Counts of what happens, for whoever asks: integers in maps, and nothing that waits.

All of it belongs to the loop's thread: it is counted there, after a turn is durable, and read
there. So there is no lock, and an entry costs some hundred nanoseconds more.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from omnivenue.message import (
    Accept,
    AcceptComposite,
    Alert,
    Entry,
    ExecType,
    ExecutionReport,
    FlagOrder,
    MarkUnknown,
    NewOrder,
    OrderInstructed,
    Quarantine,
    QueryOrders,
    Refuse,
    StatusReport,
)
from omnivenue.model import ClOrdID, ExecID, InstrumentID, Nanos, VenueID
from omnivenue.telemetry import told

STAGES = ("accept", "risk", "commit", "send", "ack", "fill")
US, MS, S = 1_000, 1_000_000, 1_000_000_000
BOUNDS = (
    *(10 * US, 20 * US, 50 * US, 100 * US, 200 * US, 500 * US),
    *(MS, 2 * MS, 5 * MS, 10 * MS, 20 * MS, 50 * MS, 100 * MS, 200 * MS, 500 * MS),
    *(S, 2 * S, 5 * S, 10 * S, 60 * S),
)
"""Nanoseconds: from what a decision takes to what an order may rest before it fills."""

WAITING_MAX = 20_000
"""Orders whose fill is waited for. Of more, the oldest are not measured."""

_ENDS = frozenset({ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED, ExecType.DONE_FOR_DAY})


class Histogram:
    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)  # not cumulated; the last is above all bounds
        self.total = 0

    def observe(self, nanos: int) -> None:
        self.counts[bisect_left(BOUNDS, nanos)] += 1
        self.total += nanos


class _Out:
    """An order at a venue."""

    __slots__ = ("is_answered", "leaves", "sent_at", "trades", "venue_id")

    def __init__(self, sent_at: Nanos, new: NewOrder) -> None:
        self.sent_at, self.venue_id, self.leaves = sent_at, new.venue_id, int(new.qty)
        self.is_answered = False
        self.trades: set[ExecID] = set()


class Meter:
    def __init__(self) -> None:
        self.stages = {stage: Histogram() for stage in STAGES}
        self.to_fill: dict[VenueID, Histogram] = {}  # from the submission, by venue
        self.instructions = 0
        self.accepted = 0
        self.selected: Counter[VenueID] = Counter()  # orders sent, by venue
        self.fills: Counter[VenueID] = Counter()
        self.rejections: Counter[str] = Counter()  # by code
        self.venue_rejections: Counter[VenueID] = Counter()
        self.answers: Counter[int] = Counter()  # of HTTP, by status
        self.time_jumps: Counter[VenueID] = Counter()  # of feeds: times that were not believed
        self.round_trips: dict[VenueID, Nanos] = {}  # of the last question, with our own commit
        self._asked: dict[VenueID, tuple[int, Nanos]] = {}
        self._out: dict[ClOrdID, _Out] = {}
        self._accept, self._risk = self.stages["accept"], self.stages["risk"]
        self._commit, self._send = self.stages["commit"], self.stages["send"]
        self._ack, self._fill = self.stages["ack"], self.stages["fill"]
        self._look: dict[type, Callable[[Any, Nanos], None]] = {
            Accept: self._accepted,
            AcceptComposite: self._accepted,
            Alert: lambda alert, _: told.alerted(alert),
            ExecutionReport: self._reported,
            FlagOrder: lambda flag, _: told.flagged(flag),
            MarkUnknown: lambda marked, _: told.unknown(marked),
            NewOrder: self._sent,
            OrderInstructed: self._instructed,
            Quarantine: lambda found, _: told.quarantined(found),
            QueryOrders: self._queried,
            Refuse: self._refused,
            StatusReport: self._answered,
        }

    def turned(self, entries: Sequence[Entry]) -> None:
        """What a turn of the loop decided, once it is durable."""
        look = self._look
        for entry in entries:
            if found := look.get(type(entry.event)):
                found(entry.event, entry.at)
            for command in entry.commands:
                if found := look.get(type(command)):
                    found(command, entry.at)

    def timed(self, events: int, accept: int, risk: int, commit: int, send: int) -> None:
        """What a turn of so many events took, in nanoseconds. `accept` is what waited longest in
        the inbox; what deciding took is shared by all."""
        if events:
            self._accept.observe(accept)
            self._risk.observe(risk // events)
            self._commit.observe(commit)
            self._send.observe(send)

    def leapt(self, venue_id: VenueID, instrument_id: InstrumentID, times: int) -> None:
        """Told when there are twice as many: a feed may go on so."""
        before = self.time_jumps[venue_id]
        self.time_jumps[venue_id] = now = before + times
        if now.bit_length() > before.bit_length():
            told.time_leapt(instrument_id, now)

    def _instructed(self, event: OrderInstructed, at: Nanos) -> None:
        self.instructions += 1

    def _accepted(self, command: Accept | AcceptComposite, at: Nanos) -> None:
        self.accepted += 1

    def _refused(self, command: Refuse, at: Nanos) -> None:
        for reason in command.reasons:
            self.rejections[reason.code] += 1

    def _sent(self, new: NewOrder, at: Nanos) -> None:
        self.selected[new.venue_id] += 1
        if len(self._out) >= WAITING_MAX:
            del self._out[next(iter(self._out))]
        self._out[new.cl_ord_id] = _Out(at, new)

    def _queried(self, query: QueryOrders, at: Nanos) -> None:
        self._asked[query.venue_id] = query.query, at

    def _answered(self, report: StatusReport, at: Nanos) -> None:
        query, asked_at = self._asked.get(report.venue_id, (-1, at))
        if query == report.query:
            del self._asked[report.venue_id]  # told again, it says nothing of the way
            self.round_trips[report.venue_id] = Nanos(at - asked_at)
        for each in report.reports:
            self._reported(each, at)

    def _reported(self, report: ExecutionReport, at: Nanos) -> None:
        out = self._out.get(report.cl_ord_id)
        if out is None:
            return
        if not out.is_answered:
            out.is_answered = True
            self._ack.observe(at - out.sent_at)
        if report.exec_type is ExecType.TRADE:
            self._traded(report, out, at)
        elif report.exec_type in _ENDS:
            if report.exec_type is ExecType.REJECTED:
                self.venue_rejections[out.venue_id] += 1
            del self._out[report.cl_ord_id]

    def _traded(self, report: ExecutionReport, out: _Out, at: Nanos) -> None:
        """Once for each trade, however often it is told."""
        if report.exec_id in out.trades:
            return
        took = at - out.sent_at
        if not out.trades:
            self._fill.observe(took)
            self.to_fill.setdefault(out.venue_id, Histogram()).observe(took)
        out.trades.add(report.exec_id)
        self.fills[out.venue_id] += 1
        out.leaves -= report.last_qty
        if out.leaves <= 0:
            del self._out[report.cl_ord_id]
