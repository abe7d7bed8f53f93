"""Orders that are not ours, on accounts that are: made by hand, by another program, by the venue.

They are adopted as they are told of, under the strategy EXTERNAL, and count in every sum and limit.
Nothing is decided about them: they are never cancelled unless somebody names them.
"""

from omnivenue.engine.apply_exposure import opened, value
from omnivenue.engine.rate import rates
from omnivenue.engine.state import State
from omnivenue.ledger import wide
from omnivenue.message import ExecutionReport, External, NewOrder, OrderInstructed
from omnivenue.model import Atoms, InstructionID, Instrument, Nanos, OrderID, OrdType, StrategyID
from omnivenue.oms import ADOPTED, Order, Parent, Stage
from omnivenue.risk import unit_value

EXTERNAL = StrategyID("EXTERNAL")


def adopt(state: State, at: Nanos, report: ExecutionReport) -> Order | None:
    """The order that `report` is about, made known with it; None where it does not say enough."""
    told = report.external
    listed = None if told is None else state.instruments.get(told.instrument_id)
    if told is None or listed is None or not state.is_listed(told):
        return None
    order_id = OrderID(f"{ADOPTED}{listed.venue_id}~{report.cl_ord_id}")
    new = _as_ours(told, report, order_id, listed)
    instrument = state.listing(new)
    px = instrument.px(told.limit_px)
    parent = Parent(
        order=_as_instructed(told, order_id, instrument),
        told=[state.seq, at, "adopted"],
        updated_at=at,
        stage=Stage.WORKING,
        qty=instrument.atoms(told.qty),
        limit_px=px,
        hold_px=px,
        children=(new.cl_ord_id,),
    )
    state.parents[order_id] = parent
    state.live[order_id] = None
    opened(state, parent.order, 1)
    _value(state, parent.order, instrument, px)
    order = state.orders[new.cl_ord_id] = Order(new=new, asked_at=at, hold_px=px)
    return order


def _value(state: State, order: OrderInstructed, instrument: Instrument, px: int) -> None:
    """At its own price, where nothing better is known yet: sums in money must not miss it."""
    known = state.exposures.get(order.account, {}).get(order.instrument_id)
    money = rates(state).rate(instrument.quote)
    if not isinstance(money, str) and (known is None or known.px == 0):
        value(state, order, money.of(unit_value(instrument, wide(px, instrument.quote))))
    elif known is not None:
        value(state, order, known.px)


def _as_ours(
    told: External, report: ExecutionReport, order_id: OrderID, listed: Instrument
) -> NewOrder:
    return NewOrder(
        cl_ord_id=report.cl_ord_id,
        parent_id=order_id,
        account=told.account,
        venue_id=listed.venue_id,
        instrument_id=told.instrument_id,
        instrument_version=told.instrument_version,
        side=told.side,
        qty=told.qty,
        limit_px=told.limit_px,
        tif=told.tif,
        expires_at=report.transact_at,
        strategy_id=EXTERNAL,
    )


def _as_instructed(told: External, order_id: OrderID, instrument: Instrument) -> OrderInstructed:
    return OrderInstructed(
        instruction_id=InstructionID(order_id),
        body_hash="",
        account=told.account,
        strategy_id=EXTERNAL,
        instrument_id=told.instrument_id,
        side=told.side,
        qty=Atoms(instrument.atoms(told.qty)),
        ord_type=OrdType.LIMIT,
        limit_px=Atoms(instrument.px(told.limit_px)),
        tif=told.tif,
    )
