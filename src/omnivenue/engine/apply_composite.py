"""What a decision makes of an order over venues or over time, and of its parts."""

from typing import assert_never

import msgspec

from omnivenue.engine.apply_archive import retire
from omnivenue.engine.apply_live import go_live
from omnivenue.engine.apply_risk import accepted, messaged
from omnivenue.engine.settle import reserve, reserve_rest
from omnivenue.engine.state import State
from omnivenue.message import (
    AcceptComposite,
    BeginSlice,
    CloseComposite,
    PauseComposite,
    Route,
    StartPart,
    StopComposite,
)
from omnivenue.model import InstructionID, Nanos, OrderID
from omnivenue.oms import Composite, Parent, Stage

type AboutComposite = (
    AcceptComposite | BeginSlice | Route | PauseComposite | StopComposite | CloseComposite
)


def apply_composite(state: State, at: Nanos, command: AboutComposite | StartPart) -> None:
    if isinstance(command, StartPart):
        _start(state, at, command)
    else:
        _change(state, at, state.composites[command.order_id], command)


def tell(state: State, at: Nanos, composite: Composite, what: str) -> None:
    composite.tell(state.seq - 1, at, what)
    composite.updated_at = at


def _change(state: State, at: Nanos, composite: Composite, command: AboutComposite) -> None:
    order_id = command.order_id
    match command:
        case AcceptComposite(measured_as=measured_as):
            composite.stage, composite.slices = Stage.WORKING, command.slices
            composite.measured_as, composite.expire_at = measured_as, command.expire_at
            composite.began_at = at
            state.working[order_id] = None
            order = msgspec.structs.replace(composite.order, instrument_id=measured_as)
            accepted(state, at, order, command.value_px, is_whole=True)
            tell(state, at, composite, "accept")
        case BeginSlice(number=number):
            composite.number, composite.tries = number, 0
            composite.target = command.target
            composite.slice_from = len(composite.parts)
            tell(state, at, composite, "begin_slice")
        case Route():
            composite.tries += 1
            composite.remember(state.seq - 1, command)
            tell(state, at, composite, "route")
        case PauseComposite(is_over=is_over):
            if is_over and composite.paused_at is not None:
                composite.began_at = Nanos(composite.began_at + at - composite.paused_at)
                composite.paused_at = None
            elif not is_over and composite.paused_at is None:
                composite.paused_at = at
            _note(state, command.instruction_id, order_id)
            tell(state, at, composite, "resume" if is_over else "pause")
        case StopComposite(reason=reason):
            composite.stage, composite.end = Stage.STOPPING, reason
            composite.is_stopped = True
            _note(state, command.instruction_id, order_id)
            tell(state, at, composite, "stop")
        case CloseComposite(reason=reason):
            composite.stage, composite.end = Stage.CLOSED, reason
            composite.end_reasons = command.reasons
            state.working.pop(order_id, None)
            retire(state, at, order_id)
            tell(state, at, composite, reason.value)
        case _:
            assert_never(command)
    reserve_rest(state, composite)


def _note(state: State, instruction_id: InstructionID, order_id: OrderID) -> None:
    """The request says what it has stopped or paused."""
    request = state.requests.get(instruction_id)
    if request is not None:
        request.targets += (order_id,)


def _start(state: State, at: Nanos, command: StartPart) -> None:
    order_id = OrderID(command.order.instruction_id)
    composite = state.composites[command.of]
    parent = state.parents[order_id] = Parent(
        order=command.order,
        told=[state.seq - 1, at, "start_part"],
        updated_at=at,
        stage=Stage.WORKING,
        qty=command.order.qty,
        limit_px=command.limit_px,
        hold_px=command.hold_px,
        expire_at=composite.expire_at,
        part_of=command.of,
    )
    composite.parts += (order_id,)
    composite.live[order_id] = None
    composite.updated_at = at
    go_live(state, parent)
    messaged(state, at, command.order)
    reserve(state, parent)


def part_went(state: State, at: Nanos, parent: Parent, order_id: OrderID, *, is_live: bool) -> None:
    """A part has ended, or has come back: then so has what it is a part of."""
    composite = state.composites[OrderID(parent.part_of or "")]
    if not is_live:
        composite.live.pop(order_id, None)
        return
    composite.live[order_id] = None
    if composite.is_over:
        composite.stage = Stage.STOPPING if composite.is_stopped else Stage.WORKING
        composite.end = None
        state.working[OrderID(composite.order.instruction_id)] = None
        tell(state, at, composite, "reopened")
