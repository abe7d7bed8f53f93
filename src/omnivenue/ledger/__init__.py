"""What we hold and what we have promised. Every posting has its opposite."""

from omnivenue.ledger.exposure import Exposure
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
from omnivenue.ledger.position import Position

__all__ = [
    "Exposure",
    "Ledger",
    "Position",
    "contracts",
    "fees",
    "free",
    "held",
    "margin",
    "move",
    "post_fill",
    "realize",
    "world",
]
