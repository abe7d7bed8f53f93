"""While only reductions may trade (REDUCE_ONLY), what was accepted before is held to that as well.

Every order counts as one that reduces, by the measure that refuses a new one (`approve.py`): what
would open or enlarge a position ends, what would go through zero is made smaller, and the oldest
keep theirs. What is reduce-only by its own terms comes first: no position is to lose its exits to
an order that might do as well. Looked at when trading is stopped so far, and whenever a position
may have moved after that. What is not ours is left alone, and counts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from omnivenue.engine.composite import stop_composite
from omnivenue.engine.reducing import reducible
from omnivenue.engine.routing import instruments_for
from omnivenue.engine.shrink import make_smaller
from omnivenue.engine.state import State
from omnivenue.engine.turn import Cell, Turn
from omnivenue.ledger import Exposure
from omnivenue.message import EndReason, Event, ExecType, ExecutionReport, OrderInstructed
from omnivenue.model import (
    AccountID,
    InstructionID,
    Instrument,
    InstrumentID,
    OrderID,
    Side,
    StrategyID,
    TradingState,
)
from omnivenue.oms import Composite, Parent

_MOVE = (ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT)

type Cells = dict[StrategyID, Exposure]
"""What each strategy of an account that is under REDUCE_ONLY has in one instrument."""


def curb_all(turn: Turn) -> None:
    """Trading has been stopped so far, somewhere."""
    state = turn.state
    for account in sorted(state.accounts):
        _end_composites(turn, account)
    found: dict[tuple[AccountID, InstrumentID], list[OrderID]] = {}
    for order_id in state.live:
        order = state.parents[order_id].order
        found.setdefault((order.account, order.instrument_id), []).append(order_id)
    for (account, instrument_id), order_ids in sorted(found.items()):
        _curb_parents(turn, account, instrument_id, order_ids)


def may_curb(state: State, event: Event) -> bool:
    """Most that a venue tells of an order moves no position: a thousand cancels are not a thousand
    looks at all that is left. What was over, and is told of once more, may have come back."""
    if isinstance(event, ExecutionReport) and event.exec_type not in _MOVE:
        order = state.orders.get(event.cl_ord_id)
        if order is None or not state.parents[order.new.parent_id].is_over:
            return False
    return any(stop.state is TradingState.REDUCE_ONLY for stop in state.stopped.values())


def curb(turn: Turn, cell: Cell) -> None:
    """What an account has there may have moved."""
    account, _, instrument_id = cell
    _end_composites(turn, account)
    _curb_parents(turn, account, instrument_id, turn.state.live)


def _is_curbed(
    state: State, account: AccountID, strategy_id: StrategyID, instrument: Instrument
) -> bool:
    return TradingState.REDUCE_ONLY in state.stops(instrument.venue_id, account, strategy_id)


def _end_composites(turn: Turn, account: AccountID) -> None:
    """Those that have nothing to reduce wherever they may go. The others go on: risk lets no part
    of them through that would open anything."""
    for order_id in sorted(turn.state.working):
        composite = turn.state.composites[order_id]
        is_asked = composite.order.account == account and not composite.is_stopped
        if is_asked and _has_nothing(turn.state, composite):
            stop_composite(turn, order_id, InstructionID(""), EndReason.REDUCE_ONLY)


def _has_nothing(state: State, composite: Composite) -> bool:
    order = composite.order
    return all(
        _is_curbed(state, order.account, order.strategy_id, each)
        and _to_reduce(state, order, each.instrument_id) <= 0
        for each in instruments_for(state, order)
    )


def _to_reduce(state: State, order: OrderInstructed, instrument_id: InstrumentID) -> int:
    """Of the strategy's position and of the account's, the smaller."""
    left = reducible(state, (order.account, order.strategy_id, instrument_id), order.side)
    if order.account in state.hedging:
        return left if order.reduce_only else 0
    exposure = state.exposures.get(order.account, {}).get(instrument_id)
    return 0 if exposure is None else min(left, -order.side.sign * exposure.net)


def _curb_parents(
    turn: Turn, account: AccountID, instrument_id: InstrumentID, order_ids: Iterable[OrderID]
) -> None:
    """`order_ids`: all that are live there, and maybe others."""
    state = turn.state
    instrument, strategies = state.instruments[instrument_id], state.strategy_exposures
    cells = {
        strategy_id: cells[instrument_id]
        for strategy_id, cells in sorted(strategies.get(account, {}).items())
        if instrument_id in cells and _is_curbed(state, account, strategy_id, instrument)
    }
    for side in Side if cells else ():
        _curb_side(turn, account, instrument_id, side, cells, order_ids)


def _curb_side(
    turn: Turn,
    account: AccountID,
    instrument_id: InstrumentID,
    side: Side,
    cells: Cells,
    order_ids: Iterable[OrderID],
) -> None:
    """An account that hedges opens with whatever is not reduce-only."""
    state = turn.state
    works = {s: cell.buys if side is Side.BUY else cell.sells for s, cell in cells.items()}
    left = {s: max(0, -side.sign * cell.net) for s, cell in cells.items()}
    in_all = max(0, -side.sign * state.exposures[account][instrument_id].net)
    if account in state.hedging:
        left, in_all = dict.fromkeys(left, 0), 0
    if sum(works.values()) <= in_all and all(works[s] <= left[s] for s in cells):
        return
    plain = list(_plain(state, account, instrument_id, side, cells, order_ids))
    if all(parent.is_stopped for parent in plain):
        return  # a crowd that is on its way out costs each late fill a look, and no more
    room = Counter(left)
    room.subtract(works)
    in_all -= sum(works.values())
    for strategy_id, atoms in chain(
        ((parent.order.strategy_id, parent.reserved) for parent in plain),
        _no_parts_yet(state, account, instrument_id, side, cells),
    ):
        room.update({strategy_id: atoms})
        in_all += atoms
    _share_out(turn, plain, room, in_all)


def _share_out(turn: Turn, plain: list[Parent], room: Counter[StrategyID], in_all: int) -> None:
    """What there is to reduce, to the oldest first: `room` atoms of each strategy, `in_all` of the
    account."""
    for parent in sorted(plain, key=lambda each: (each.seq, each.order.instruction_id)):
        strategy_id, wanted = parent.order.strategy_id, parent.reserved
        allowed = max(0, min(wanted, room[strategy_id], in_all))
        room.subtract({strategy_id: allowed})
        in_all -= allowed
        if allowed < wanted:
            order_id = OrderID(parent.order.instruction_id)
            make_smaller(turn, order_id, parent, allowed, EndReason.REDUCE_ONLY)


def _plain(
    state: State,
    account: AccountID,
    instrument_id: InstrumentID,
    side: Side,
    cells: Cells,
    order_ids: Iterable[OrderID],
) -> Iterator[Parent]:
    """What is not reduce-only by its own terms. What is being cancelled has its place among them:
    it may fill all the same."""
    for order_id in order_ids:
        parent = state.parents[order_id]
        order = parent.order
        if (
            order.instrument_id == instrument_id
            and order.account == account
            and order.side is side
            and order.strategy_id in cells
            and order_id in state.live
            and parent.is_ours
            and not order.reduce_only
        ):
            yield parent


def _no_parts_yet(
    state: State, account: AccountID, instrument_id: InstrumentID, side: Side, cells: Cells
) -> Iterator[tuple[StrategyID, int]]:
    """What algorithms are still to do, and hold a place for: asked about as it becomes a part."""
    for order_id in state.working:
        composite = state.composites[order_id]
        order = composite.order
        is_there = (order.account, order.instrument_id) == (account, instrument_id)
        if is_there and order.side is side and order.strategy_id in cells:
            yield order.strategy_id, composite.reserved
