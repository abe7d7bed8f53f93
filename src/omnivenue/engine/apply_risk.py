"""Trading states by scope, marks and days: what the breakers and the kill switch have decided."""

from typing import assert_never

from omnivenue.engine.state import Day, State, Stopped
from omnivenue.message import AwaitRearm, SetMarks, SetState, StartDay
from omnivenue.model import Nanos, TradingState


def apply_risk(
    state: State, at: Nanos, command: SetState | AwaitRearm | SetMarks | StartDay
) -> None:
    match command:
        case SetState(scope=scope, state=TradingState.ACTIVE):
            state.stopped.pop(scope, None)
        case SetState(scope=scope):
            state.stopped[scope] = Stopped(
                state=command.state, since=at, reason=command.reason, source=command.source
            )
        case AwaitRearm(scope=scope, queries=queries):
            state.stopped[scope].rearms_with = dict(queries)
        case SetMarks(marks=marks):
            state.marks.update(marks)
        case StartDay(account=account):
            state.days[account] = Day(day=command.day, equity=command.equity, pnl=command.pnl)
        case _:
            assert_never(command)
