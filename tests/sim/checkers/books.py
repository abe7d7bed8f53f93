"""That everything adds up: in each order, in each parent, in each asset (I10, I13, I15).

All sums are made anew from the fills, in the plainest way; the core keeps them by differences.
"""

from collections import Counter
from collections.abc import Sequence

from omnivenue.engine import State
from omnivenue.ledger import Exposure, contracts, fees, held, margin
from omnivenue.message import AdjustmentInstructed, Entry
from omnivenue.model import AccountID, AssetID, Contract, Fill, InstrumentID, Side
from omnivenue.oms import (
    CLOSED,
    Order,
    Parent,
    Stage,
    at_risk_qty,
    hold_px,
    is_counted_alike,
    leaves_qty,
    most_qty,
    status,
    terms,
)
from sim.checkers.checker import Checker, Watched
from sim.checkers.wanted import WantedChecker

type Leg = tuple[AccountID, InstrumentID, str]


def standing(order: Order) -> list[Fill]:
    return order.standing


class BookChecker(Checker):
    def __init__(self, loop: Watched, wanted: WantedChecker) -> None:
        super().__init__(loop)
        self._wanted = wanted

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        check_conserved(self.state)
        for order in touched:
            check_order(self.state, order)
            parent = self.state.parents[order.new.parent_id]
            check_parent(self.state, parent, self._wanted.most(parent))

    def look(self) -> None:
        self.committed((), list(self.state.orders.values()))
        check_holds(self.state)
        check_exposures(self.state)


def check_conserved(state: State) -> None:
    """I13: whatever leaves one path enters another."""
    sums: Counter[AssetID] = Counter()
    for balances in state.ledger.paths.values():
        sums.update(balances)
    assert not any(sums.values()), f"I13: {dict(sums)}"


def check_order(state: State, order: Order) -> None:
    """I10. Too much is kept and not clamped, but only while the venue's last word is another one:
    then the bust that we have not heard of is still asked for."""
    now, cum_qty = status(order), order.cum_qty
    (qty, _), most = terms(order), most_qty(order)
    fills = standing(order)
    assert cum_qty == sum(f.qty for f in fills), "I10: CumQty is not the sum of the fills"
    assert cum_qty <= most or not is_counted_alike(order), "I10: overfilled, and content with it"
    leaves = leaves_qty(order, now)
    assert leaves == 0 if now in CLOSED else cum_qty + leaves == max(qty, cum_qty), "I10"
    at_risk = at_risk_qty(order, now)
    assert now in CLOSED or at_risk == max(leaves, most - cum_qty), "what is open may trade"
    instrument = state.listing(order.new)
    working, px = instrument.atoms(at_risk), hold_px(order, instrument)
    limit_px = instrument.px(terms(order)[1])
    is_inverse = instrument.contract is Contract.INVERSE
    dear_if_better = Side.BUY if is_inverse else Side.SELL  # of derivatives: what is bound
    may_improve = order.new.side is dear_if_better and not instrument.is_spot
    is_exact = not (may_improve or order.replaces)
    assert px <= limit_px + instrument.tick if is_inverse else px >= limit_px - instrument.tick
    assert not is_exact or abs(px - limit_px) < instrument.tick
    if not instrument.is_spot:
        assert order.committed == instrument.paid_ceil(order.new.side, working, px)
    assert order.working == working, "I15: other than what may still trade"
    assert order.held == instrument.hold_ceil(order.new.side, working, px), "a hold is off"


def check_parent(state: State, parent: Parent, most: int) -> None:
    """I15. `most`: that was ever wanted of it."""
    children = [state.orders[i] for i in parent.children]
    atoms = [state.listing(order.new).atoms for order in children]
    filled = sum(f(o.cum_qty) for f, o in zip(atoms, children, strict=True))
    working = sum(o.working for o in children)
    assert (parent.filled, parent.working) == (filled, working), "I15: not what its children say"
    is_told_otherwise = any(not is_counted_alike(o) for o in children)
    assert filled + working <= most or is_told_otherwise, "I15: more than was wanted"
    assert not (parent.is_over and parent.open), "I9: over, and something of it is open"
    is_live = parent.stage in (Stage.ARMED, Stage.WORKING, Stage.STOPPING)
    if parent.entry_id is not None:
        assert parent.reserved == 0, "exits reserve with their entry"
    elif is_live:
        assert parent.reserved == max(parent.qty - filled, working)
    else:
        assert parent.reserved == working
    exits = [state.parents[i] for i in parent.exits]
    out = sum(e.working for e in exits)
    over = (Stage.CLOSED, Stage.REFUSED)
    left = parent.filled - parent.closed - sum(e.filled for e in exits)
    is_closing = exits and not all(e.stage in over for e in exits)
    assert parent.exits_reserved == max(left if is_closing else 0, out), "I14: exits without room"


def check_holds(state: State) -> None:
    """I13: what is reserved is what the orders and the positions say, path by path."""
    wanted: Counter[tuple[str, AssetID]] = Counter()
    for order in state.orders.values():
        new, instrument = order.new, state.listing(order.new)
        path = held(new.account, new.venue_id)
        wanted[path, instrument.spends(new.side)] += order.held
        for fill in standing(order):
            wanted[fees(new.account, new.venue_id), fill.fee_asset] += fill.fee
    for account, strategies in state.positions.items():
        for positions in strategies.values():
            for instrument_id, found in positions.items():
                instrument = state.instruments[instrument_id]
                if not instrument.is_spot:
                    at = instrument.venue_id
                    wanted[contracts(account, at), AssetID(instrument_id)] += found.qty
                    wanted[contracts(account, at), instrument.settle] -= found.cost
    for (account, instrument_id), worst in worst_cases(state).items():
        instrument = state.instruments[instrument_id]
        path = margin(account, instrument.venue_id)
        wanted[path, instrument.settle] += instrument.initial_ceil(worst)
    for (path, asset), amount in wanted.items():
        assert state.ledger.balance(path, asset) == amount, f"I13: {path} {asset}"
    for path, balances in state.ledger.paths.items():
        if not path.startswith("world@") and not path.endswith("/free"):
            for asset, amount in balances.items():
                assert wanted[path, asset] == amount, f"I13: {path} {asset}"


def worst_cases(state: State) -> Counter[tuple[AccountID, InstrumentID]]:
    """What each derivative may come to cost: as it is, or with all buys, or with all sells. Of an
    account that keeps its legs apart, each of them, since none is backed by the other."""
    costs: Counter[Leg] = Counter()
    works: dict[Side, Counter[Leg]] = {side: Counter() for side in Side}
    for account, strategies in state.positions.items():
        for positions in strategies.values():
            for instrument_id, found in positions.items():
                costs[account, instrument_id, "net"] += found.cost
                for name, leg in found.legs.items():
                    costs[account, instrument_id, name] += leg.cost
                    costs[account, instrument_id, "net"] -= leg.cost
    for order in state.orders.values():
        new, name = order.new, "net"
        if new.account in state.hedging:
            closes = state.parents[new.parent_id].order.reduce_only
            name = "long" if (new.side is Side.BUY) != closes else "short"
        works[new.side][new.account, new.instrument_id, name] += order.committed
    worst: Counter[tuple[AccountID, InstrumentID]] = Counter()
    for key in {*costs, *works[Side.BUY], *works[Side.SELL]}:
        account, instrument_id, _ = key
        if not state.instruments[instrument_id].is_spot:
            cost, buys, sells = (costs[key], *(works[s][key] for s in Side))
            at_most = max(abs(cost), abs(cost + buys), abs(cost + sells))
            worst[account, instrument_id] += at_most
    return worst


def check_exposures(state: State) -> None:
    """What has traded, and what accepted orders may still trade, per account and instrument."""
    net: Counter[tuple[AccountID, InstrumentID]] = Counter()
    reserved: Counter[tuple[AccountID, InstrumentID]] = Counter()
    for parent in state.parents.values():
        key = (parent.order.account, parent.order.instrument_id)
        net[key] += parent.order.side.sign * parent.filled
        reserved[key] += parent.reserved + parent.exits_reserved
    for whole in state.composites.values():
        if whole.order.instrument_id in state.instruments:
            reserved[whole.order.account, whole.order.instrument_id] += whole.reserved
    for told in (request.instruction for request in state.requests.values()):
        if isinstance(told, AdjustmentInstructed) and told.asset in state.instruments:
            net[told.account, InstrumentID(told.asset)] += told.amount
    for account, instrument_id in {*net, *reserved}:
        found = state.exposures.get(account, {}).get(instrument_id, Exposure())
        assert found.net == net[account, instrument_id], "I15: holds other than it has traded"
        assert found.buys + found.sells == reserved[account, instrument_id]
        held_by = [s.get(instrument_id) for s in state.positions.get(account, {}).values()]
        assert found.net == sum(p.qty for p in held_by if p is not None)
