"""Where a simulated exchange's market comes from: a seed, or a recording. To the exchange both are
the same: level changes and prints, each at its time."""

from enum import StrEnum
from typing import Protocol

import msgspec

from omnivenue.market import Level
from omnivenue.model import Lots, Nanos, Side, Ticks


class BookReset(msgspec.Struct, frozen=True, gc=False):
    """The whole book, best first, in place of whatever was there."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class LevelChanged(msgspec.Struct, frozen=True, gc=False):
    """What rests at `px` is `qty` from now on; 0 takes the level away."""

    side: Side  # BUY: a bid
    px: Ticks
    qty: Lots


class Printed(msgspec.Struct, frozen=True, gc=False):
    """Others traded with each other."""

    px: Ticks
    qty: Lots
    aggressor: Side


class Doubt(StrEnum):
    """Why a book is not to be believed."""

    GAP = "updates are missing"
    CROSSED = "the book is crossed"
    UNREADABLE = "a message could not be read"


class BookLost(msgspec.Struct, frozen=True, gc=False):
    """What is shown is not known any more, until the next BookReset. Prints go on."""

    doubt: Doubt


class TimeJumped(msgspec.Struct, frozen=True, gc=False):
    """So many messages had come with a time that cannot be. The book is as good as before: when
    they came was told by others."""

    count: int


type MarketEvent = BookReset | LevelChanged | Printed | BookLost | TimeJumped


class MarketSource(Protocol):
    """Events of one instrument in time order, as of the exchange's clock."""

    def next_at(self) -> Nanos | None:
        """When the next events happen. None: the market has ended, and its feed goes stale."""
        ...

    def pop(self) -> tuple[Nanos, tuple[MarketEvent, ...]]:
        """The next events, all of one instant."""
        ...
