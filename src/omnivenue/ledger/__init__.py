"""What we hold and what we have promised. Every posting has its opposite."""

from omnivenue.ledger.exposure import (
    NET,
    Commitment,
    Exposure,
    cash_needed,
    margin_after,
    needed_margin,
)
from omnivenue.ledger.ledger import (
    Ledger,
    contracts,
    fees,
    free,
    held,
    margin,
    move,
    post_fill,
    realize,
    world,
)
from omnivenue.ledger.position import LONG, SHORT, Leg, Position, leg_of

__all__ = [
    "LONG",
    "NET",
    "SHORT",
    "Commitment",
    "Exposure",
    "Ledger",
    "Leg",
    "Position",
    "cash_needed",
    "contracts",
    "fees",
    "free",
    "held",
    "leg_of",
    "margin",
    "margin_after",
    "move",
    "needed_margin",
    "post_fill",
    "realize",
    "world",
]
