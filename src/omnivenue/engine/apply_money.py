"""Money that moves without an order: funding, a person's adjustment; and what a venue says that we
hold, against what we believe."""

from omnivenue.engine.state import State
from omnivenue.message import (
    AdjustmentInstructed,
    FundingPaid,
    Quarantine,
    ReleaseQuarantine,
    StatusReport,
)
from omnivenue.model import Nanos


def apply_money(state: State, at: Nanos, event: FundingPaid | AdjustmentInstructed) -> None:
    raise NotImplementedError(state, at, event)


def apply_held(state: State, at: Nanos, report: StatusReport) -> None:
    """Remember how the venue's account differs from ours; what to make of it is a decision."""


def apply_quarantine(state: State, at: Nanos, command: Quarantine | ReleaseQuarantine) -> None:
    raise NotImplementedError(state, at, command)
