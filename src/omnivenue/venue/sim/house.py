"""One exchange with all that surrounds it: its record, and the faults that a script plays.

Has the shape of an Exchange, so whoever drives one can drive this instead.
"""

from collections.abc import Sequence
from pathlib import Path

from omnivenue.market import Quote
from omnivenue.message import (
    ArmDeadMan,
    CancelOrder,
    CancelRejected,
    ExecType,
    ExecutionReport,
    External,
    NewOrder,
    QueryOrders,
    ReplaceOrder,
    StatusReport,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import AccountID, AssetID, ClOrdID, Instrument, Nanos
from omnivenue.venue.sim.exchange import Exchange, cancel_rejected
from omnivenue.venue.sim.faults import Fault, Script
from omnivenue.venue.sim.record import TRADES, Line, PaidIn, Record
from omnivenue.venue.sim.rules import RATE_LIMIT, SIM_REJECT


class Cut(ConnectionError):
    """The command was executed, and the connection ended before the reply."""


class House:
    def __init__(self, exchange: Exchange, path: Path | None = None) -> None:
        self.exchange = exchange
        self.script = Script()
        self.commands = 0  # that arrived here
        self.paid_in: set[tuple[AccountID, AssetID]] = set()  # ever
        self._silent: set[ClOrdID] = set()  # nothing is told of these orders until asked
        self._no_trades: set[ClOrdID] = set()  # nor of the trades of these
        self._record = None if path is None else Record(path)
        if self._record is not None:
            lines = self._record.read()
            self.paid_in = {(p.account, p.asset) for line in lines if (p := line.paid_in)}
            exchange.restore(lines)
            self._list([line.listed for line in lines if line.listed])

    def deposit(self, at: Nanos, account: AccountID, asset: AssetID, amount: int) -> None:
        self.paid_in.add((account, asset))
        self.exchange.deposit(account, asset, amount)
        self._keep(Line(at=at, paid_in=PaidIn(account, asset, amount)))

    def next_at(self) -> Nanos | None:
        return self.exchange.next_at()

    def advance(self, at: Nanos) -> list[VenueEvent | Quote]:
        events = self.exchange.advance(at)
        self._keep_said(at, None, events)
        return [e for e in events if isinstance(e, Quote) or not self._is_hushed(e)]

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]:
        """Raises Cut, and OSError where the record cannot be written: then nothing may be said."""
        self.commands += 1
        fault = self.script.strike(command)
        if fault is Fault.TIMEOUT_LOST:
            return []
        events = self._execute(at, command, fault)
        self._keep_said(at, command, events)
        return self._tell(command, fault, events)

    def limit_rate(self, at: Nanos, new: NewOrder) -> list[VenueEvent]:
        events = self.exchange.reject(at, new, RATE_LIMIT)
        self._keep_said(at, new, events)
        return events

    def place_by_hand(self, at: Nanos, cl_ord_id: ClOrdID, external: External) -> list[VenueEvent]:
        events = self.exchange.place_by_hand(at, cl_ord_id, external)
        self._keep_said(at, None, events)
        return events

    def close(self) -> None:
        if self._record is not None:
            self._record.close()

    def _list(self, before: list[tuple[Instrument, ...]]) -> None:
        """What a trade means depends on its instrument: so the record says when they change."""
        listed = tuple(self.exchange.instruments.values())
        if not before or before[-1] != listed:
            self._keep(Line(at=Nanos(0), listed=listed))

    def _execute(self, at: Nanos, command: VenueCommand, fault: Fault | None) -> list[VenueEvent]:
        match fault, command:
            case Fault.REJECT, NewOrder():
                return self.exchange.reject(at, command, SIM_REJECT)
            case Fault.RATE_LIMIT, NewOrder():
                return self.exchange.reject(at, command, RATE_LIMIT)
            case Fault.REJECT, ReplaceOrder():
                return [cancel_rejected(command, SIM_REJECT)]
            case Fault.FILL_BEFORE_CANCEL, CancelOrder() | ReplaceOrder():
                filled = self.exchange.fill(at, command.orig_cl_ord_id)
                return [*filled, *self.exchange.handle(at, command)]
            case _:
                return self.exchange.handle(at, command)

    def _tell(
        self, command: VenueCommand, fault: Fault | None, events: list[VenueEvent]
    ) -> list[VenueEvent]:
        if isinstance(command, QueryOrders):
            self._silent.clear()
            self._no_trades.clear()
        match fault:
            case Fault.DISCONNECT:
                raise Cut("by the script")
            case Fault.TIMEOUT_EXECUTED:
                if isinstance(command, NewOrder):
                    self._silent.add(command.cl_ord_id)
                elif isinstance(command, CancelOrder | ReplaceOrder):
                    self._silent.add(command.orig_cl_ord_id)
                return []
            case Fault.DROP_REPORTS if isinstance(command, NewOrder):
                self._no_trades.add(command.cl_ord_id)
            case Fault.DUPLICATE:
                events = [copy for event in events for copy in (event, event)]
            case Fault.REORDER:
                events = events[::-1]
            case _:
                pass
        return [event for event in events if not self._is_hushed(event)]

    def _is_hushed(self, event: VenueEvent) -> bool:
        match event:
            case ExecutionReport(cl_ord_id=cl_ord_id, exec_type=exec_type):
                is_trade = exec_type in (*TRADES, ExecType.TRADE_CANCEL)
                return cl_ord_id in self._silent or (is_trade and cl_ord_id in self._no_trades)
            case CancelRejected(orig_cl_ord_id=cl_ord_id):
                return cl_ord_id in self._silent
            case _:
                return False

    def _keep_said(
        self, at: Nanos, command: VenueCommand | None, events: Sequence[VenueEvent | Quote]
    ) -> None:
        """Answers to queries are left out, which say nothing new, and that we live, which is of no
        use later."""
        said = tuple([e for e in events if not isinstance(e, Quote | StatusReport)])
        if said or not (command is None or isinstance(command, ArmDeadMan)):
            self._keep(Line(at=at, command=command, said=said))

    def _keep(self, line: Line) -> None:
        if self._record is not None:
            self._record.append(line)
