"""An order that becomes several: over venues (SMART), over time (an algorithm), or both.

It has no order at a venue itself. Its parts are orders like any other (`Parent`), each of one
instrument, and what it has filled is what they have. Counted in atoms of the base asset.
"""

from collections.abc import Iterator

import msgspec

from omnivenue.message import EndReason, OrderInstructed, Reason, Route
from omnivenue.model import SMART, InstrumentID, Nanos, OrderID
from omnivenue.oms.parent import Moment, Stage

ROUTES_MAX = 32
"""Kept for whoever asks why: the first ones and the latest ones matter, and a day has many."""


class Composite(msgspec.Struct, kw_only=True, gc=False):
    order: OrderInstructed
    seq: int  # of the entry that brought it
    received_at: Nanos
    updated_at: Nanos
    stage: Stage = Stage.RECEIVED
    reasons: tuple[Reason, ...] = ()
    end: EndReason | None = None
    end_reasons: tuple[Reason, ...] = ()
    measured_as: InstrumentID | None = None
    expire_at: Nanos | None = None
    slices: int = 1  # of an algorithm; 1: all of it at once
    number: int = -1  # of the slice that has begun last
    target: int = 0  # atoms that are to be filled or under way while it lasts
    began_at: Nanos = Nanos(0)  # of slice 0, pauses left out
    paused_at: Nanos | None = None  # since when it is paused
    is_stopped: bool = False
    filled: int = 0
    in_parts: int = 0  # what the parts reserve of the exposure limit
    reserved: int = 0  # and what is to become parts yet
    tries: int = 0  # routes since its slice began
    slice_from: int = 0  # the first part of the slice that has begun last
    parts: tuple[OrderID, ...] = ()  # ever made
    live: dict[OrderID, None] = {}
    routes: list[tuple[int, Route]] = []
    timeline: list[Moment] = []

    def tell(self, seq: int, at: Nanos, what: str) -> None:
        self.timeline.append((seq, at, what))

    @property
    def moments(self) -> Iterator[Moment]:
        return iter(self.timeline)

    @property
    def qty(self) -> int:
        return self.order.qty

    @property
    def is_over(self) -> bool:
        return self.stage in (Stage.REFUSED, Stage.CLOSED)

    @property
    def has_begun_all(self) -> bool:
        return self.number >= self.slices - 1

    def remember(self, seq: int, route: Route) -> None:
        """The routes of each slice; of very many the oldest but the first are let go."""
        self.routes.append((seq, route))
        if len(self.routes) > ROUTES_MAX:
            del self.routes[1]


_SMART = f"{SMART}:"


def is_composite(order: OrderInstructed) -> bool:
    return order.algo is not None or order.instrument_id.startswith(_SMART)
