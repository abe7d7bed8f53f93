"""What we believe against what the exchanges did: proof of every end (I9), and agreement to the
last atom once the faults are over (I2, I12, I13)."""

from collections.abc import Mapping, Sequence

from omnivenue.engine import State, VenueStatus
from omnivenue.ledger import contracts, free, held, margin
from omnivenue.message import Entry, ExecType
from omnivenue.model import AccountID, AssetID, ExecID, VenueID
from omnivenue.oms import CLOSED, Order, OrdStatus, is_open, status
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.record import TRADES, Placed
from sim.checkers.checker import Checker, Watched
from sim.checkers.wanted import WantedChecker
from sim.liar import Liar

ENDS = {
    ExecType.TRADE: OrdStatus.FILLED,
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}


class ProofChecker(Checker):
    def __init__(self, loop: Watched, wanted: WantedChecker) -> None:
        super().__init__(loop)
        self._wanted = wanted

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        worlds = self.worlds
        for order in touched:
            check_proof(worlds, order)

    def look(self) -> None:
        worlds = self.worlds
        check_at_most_once(worlds, self.state)
        for order in self.state.orders.values():
            check_proof(worlds, order)

    def ended(self) -> None:
        check_converged(self.worlds, self.state)
        for parent in self.state.parents.values():
            assert parent.filled <= self._wanted.most(parent), "I15"

    @property
    def worlds(self) -> "Worlds":
        return Worlds({i: exchange for i, (exchange, _) in self.loop.venues.items()})


class Worlds:
    """The exchanges' own records."""

    def __init__(self, exchanges: Mapping[VenueID, Exchange]) -> None:
        self.exchanges = exchanges

    def placed(self, order: Order) -> Placed | None:
        return self.exchanges[order.new.venue_id].orders.get(order.new.cl_ord_id)

    def has_lied(self, order: Order) -> bool:
        exchange = self.exchanges[order.new.venue_id]
        return isinstance(exchange, Liar) and order.new.cl_ord_id in exchange.lied_about

    def trades(self, placed: Placed | None) -> set[ExecID]:
        reports = () if placed is None else placed.reports
        return {r.exec_id for r in reports if r.exec_type in TRADES}


def check_proof(worlds: Worlds, order: Order) -> None:
    """I9: an order has ended for us only if it has ended in the world. I11: we have counted only
    what has traded."""
    placed = worlds.placed(order)
    assert {fill.exec_id for fill in order.fills} <= worlds.trades(placed), (
        "I11: a trade that never was"
    )
    if order.lost or order.withheld:
        assert placed is None, "I9: proven absent, and placed"
    match status(order):
        case OrdStatus.REJECTED:
            is_turned_away = placed is not None and placed.ended is ExecType.REJECTED
            is_absent = order.lost or order.withheld
            is_proven = is_turned_away or is_absent or worlds.has_lied(order)
        case OrdStatus.CANCELED:
            is_proven = placed is not None and placed.ended is ExecType.CANCELED
        case OrdStatus.EXPIRED:
            is_expired = placed is not None and placed.ended is ExecType.EXPIRED
            has_lied = worlds.has_lied(order) and placed is not None and not placed.is_working
            is_proven = is_expired or has_lied
        case OrdStatus.DONE_FOR_DAY:
            is_proven = worlds.has_lied(order) and placed is not None and not placed.is_working
        case OrdStatus.FILLED:
            is_proven = placed is not None
        case _:
            is_proven = True
    assert is_proven, f"I9: {status(order).name} without proof"


def check_at_most_once(worlds: Worlds, state: State) -> None:
    """I2, I3: one instruction is one order in the world, and one that we made."""
    for exchange in worlds.exchanges.values():
        for cl_ord_id, placed in exchange.orders.items():
            is_known = cl_ord_id in state.orders or placed.external is not None
            assert is_known, "I3: the world has an order that we never made"
    for parent in state.parents.values():
        before = [state.orders[i] for i in parent.children[:-1]]
        is_exit = parent.entry_id is not None
        assert is_exit or all(o.rare.is_reworked for o in before), "I2: executed twice"
        works = [o for o in before if status(o) not in CLOSED and not o.busts]
        assert not works, "I2: two at once"


def check_converged(worlds: Worlds, state: State) -> None:
    """I12 and L1: we know what the world knows, and nothing is left to happen."""
    for order in state.orders.values():
        placed, now = worlds.placed(order), status(order)
        assert not is_open(order, now), f"I12: {now.name} is not the end"
        if placed is None:
            assert order.lost or order.withheld
            assert order.cum_qty == 0
            continue
        assert now in CLOSED
        assert placed.ended is not None
        is_alike = now is ENDS[placed.ended] or worlds.has_lied(order)
        assert is_alike, f"I12: {now.name}, and in the world {placed.ended}"
        assert order.cum_qty == placed.cum == sum(r.last_qty for r in placed.standing)
        counted = {fill.exec_id for fill in order.standing}
        assert counted == {r.exec_id for r in placed.standing}, "I12: other trades"
        assert order.cum_qty <= placed.qty, "I10: an overfill is never the last word"
    for parent in state.parents.values():
        assert parent.is_over, "L1: an instruction without an end"
        assert parent.reserved == parent.working == 0
    for venue in state.venues.values():
        assert venue.status is VenueStatus.OPEN
        assert not venue.open
    for venue_id, exchange in worlds.exchanges.items():
        for account, balances in exchange.balances.items():
            for asset, amount in balances.items():
                ours = ours_at(state, account, venue_id, asset)
                assert ours == amount, f"I13: {account}@{venue_id} {asset}"
            assert not any(state.ledger.paths.get(held(account, venue_id), {}).values())


def ours_at(state: State, account: AccountID, venue_id: VenueID, asset: AssetID) -> int:
    """All that is ours there. A perpetual's contracts, and what they cost, are on their own path:
    with the cash, they are the sum of all flows, which is how the exchange keeps its account."""
    paths = (free, held, margin, contracts)
    return sum(state.ledger.balance(path(account, venue_id), asset) for path in paths)
