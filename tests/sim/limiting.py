"""The limits of a simulated day: so tight that its orders come to them, and changed meanwhile."""

from omnivenue.message import LimitsSet
from omnivenue.model import QTY_UNIT, LimitName, Limits
from scene import AT_A, AT_F, COLLAR, limit
from sim.listing import INVERSE


def tight(percent: int = 100) -> LimitsSet:
    """In percent of what a day begins with."""
    a, f, inverse = (f"instrument:{i.instrument_id}" for i in (AT_A, AT_F, INVERSE))
    limits = (
        limit(LimitName.ORDER_QTY, QTY_UNIT * percent // 300, f),
        limit(LimitName.POSITION_QTY, QTY_UNIT * percent // 2_000, a),
        limit(LimitName.POSITION_QTY, QTY_UNIT * percent // 200, f),
        limit(LimitName.POSITION_QTY, 5_000 * QTY_UNIT * percent // 100, inverse),
    )
    return LimitsSet(limits=Limits(limits=(COLLAR, *limits)), from_file=False)
