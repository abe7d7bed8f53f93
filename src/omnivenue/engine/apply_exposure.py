"""What may come of all orders and positions, kept by differences: exposures, the sums over many
instruments, how many orders are open, and where our own rest."""

from omnivenue.engine.rate import rates
from omnivenue.engine.state import Stake, State
from omnivenue.ledger import wide
from omnivenue.message import OrderInstructed
from omnivenue.model import AccountID, Instrument, InstrumentID, StrategyID
from omnivenue.oms import Order, pending_replace, terms
from omnivenue.risk import BEARINGS_MAX, SUMMED, Resting, Totals, count, unit_value


def expose(state: State, order: OrderInstructed, *, traded: int = 0, reserved: int = 0) -> None:
    """`traded` signed atoms, and so many more (or fewer) that may still trade."""
    stake = _stake(state, order.account, order.strategy_id, order.instrument_id)
    of_account, of_strategy, _ = stake
    if traded:
        of_account.net += traded
        of_strategy.net += traded
    if reserved:
        of_account.reserve(order.side, reserved)
        of_strategy.reserve(order.side, reserved)
    if state.totals:
        _count(state, stake)


def move_position(
    state: State,
    account: AccountID,
    strategy_id: StrategyID,
    instrument_id: InstrumentID,
    atoms: int,
) -> None:
    """Without an order: what a person adjusted."""
    stake = _stake(state, account, strategy_id, instrument_id)
    of_account, of_strategy, _ = stake
    of_account.net += atoms
    of_strategy.net += atoms
    if state.totals:
        _count(state, stake)


def value(state: State, order: OrderInstructed, px: int) -> None:
    """An order was accepted at this mark: what the account and the strategy have of the instrument
    is counted at it from now on; by `expose`, with what the order reserves."""
    if px > 0:
        of_account, of_strategy, _ = _stake(
            state, order.account, order.strategy_id, order.instrument_id
        )
        of_account.px = of_strategy.px = px


def opened(state: State, order: OrderInstructed, by: int) -> None:
    """One more (or one fewer) that is not over, in each scope; as long as somebody limits them."""
    counts = state.open_orders
    if not counts:
        return
    bearing = state.bearing(order.account, order.strategy_id, order.instrument_id)
    for scope in bearing.counting:
        now = counts.get(scope, 0) + by
        if now or scope == "global":
            counts[scope] = now
        else:
            counts.pop(scope, None)


def rest(state: State, order: Order, instrument: Instrument, is_open: bool) -> None:
    """Where it rests, as far as it may: with a replace on its way, at the more aggressive price."""
    new = order.new
    if not new.tif.rests:
        return
    resting = state.resting.get(new.instrument_id)
    if resting is None:
        if not is_open:
            return
        resting = state.resting[new.instrument_id] = Resting()
    px = None
    if is_open and (new.stop_px is None or order.is_triggered):
        ticks = new.limit_px
        if order.replaces:
            ticks, asked = terms(order)[1], pending_replace(order)
            if asked is not None and (asked.limit_px - ticks) * new.side.sign > 0:
                ticks = asked.limit_px
        px = instrument.px(ticks)
    resting.put(new.side, new.cl_ord_id, px)


def limits_set(state: State) -> None:
    """What is counted only while somebody limits it is begun here, with what there is."""
    state.open_orders = {}
    if any("open_orders" in of_scope for of_scope in state.limit_index.values()):
        state.open_orders = {"global": 0}
        for order_id in state.live:
            opened(state, state.parents[order_id].order, 1)
    _begin_totals(state)


def _begin_totals(state: State) -> None:
    if not any(SUMMED & of_scope.keys() for of_scope in state.limit_index.values()):
        state.totals = {}
        return
    state.totals = {"global": Totals()}
    for account, strategies in sorted(state.strategy_exposures.items()):
        for cells in strategies.values():
            for cell in cells.values():
                cell.total = cell.gross = 0
        for cell in state.exposures.get(account, {}).values():
            cell.total = cell.gross = 0
    _recount(state)


def revalue(state: State, marks: dict[InstrumentID, int]) -> None:
    by = rates(state)
    for instrument_id, px in sorted(marks.items()):
        instrument = state.instruments[instrument_id]
        money = by.rate(instrument.quote)
        if isinstance(money, str):
            continue
        one = money.of(unit_value(instrument, wide(px, instrument.quote)))
        for account, strategies in sorted(state.strategy_exposures.items()):
            for cells in strategies.values():
                if instrument_id in cells:
                    cells[instrument_id].px = one
                    state.exposure(account, instrument_id).px = one
    _recount(state, frozenset(marks))


def _recount(state: State, only: frozenset[InstrumentID] | None = None) -> None:
    for account, strategies in sorted(state.strategy_exposures.items()):
        for strategy_id, cells in sorted(strategies.items()):
            for instrument_id in sorted(cells):
                if only is None or instrument_id in only:
                    _count(state, _stake(state, account, strategy_id, instrument_id))


def _count(state: State, stake: Stake) -> None:
    of_account, of_strategy, bearing = stake
    if bearing.of_account:  # else nobody asks for such a sum
        count(of_account, bearing.one, state.totals, bearing.of_account)
    if bearing.of_strategy:
        count(of_strategy, bearing.one, state.totals, bearing.of_strategy)


def _stake(
    state: State, account: AccountID, strategy_id: StrategyID, instrument_id: InstrumentID
) -> Stake:
    """Both exposures are made where they are not there."""
    cell = account, strategy_id, instrument_id
    found = state.stakes.get(cell)
    if found is None:
        if len(state.stakes) >= BEARINGS_MAX:
            state.stakes.clear()
        of_account = state.exposure(account, instrument_id)
        of_strategy = state.strategy_exposure(account, strategy_id, instrument_id)
        found = state.stakes[cell] = of_account, of_strategy, state.bearing(*cell)
    return found
