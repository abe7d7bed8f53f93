"""A conversation with a venue: what we say, and all that it has said so far.

Waits for words, never for time; a deadline ends a conversation that has died.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType

import msgspec

from omnivenue.market import Quote
from omnivenue.message import (
    CancelOrder,
    ExecutionReport,
    NewOrder,
    QueryOrders,
    StatusReport,
    VenueCommand,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import AccountID, ClOrdID, Instrument, Lots, Nanos, OrderID, Side, Ticks
from omnivenue.model import TimeInForce as Tif
from omnivenue.venue import Venue

WITHIN_SECONDS = 10

type Said = VenueEvent | VenueUp | Quote


class Rig(msgspec.Struct):
    """A venue to talk to, and what one can order there without knowing its market."""

    venue: Venue
    instrument: Instrument
    low: Ticks  # a buyer there rests
    high: Ticks  # a buyer there trades at once
    qty: Lots  # is there to be had, many times
    now: Callable[[], Nanos]


class Talk:
    """An async context manager: the venue is up in it, and its run ended after it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.heard: list[Said] = []
        self._news = asyncio.Event()
        self._queries = 0

    async def __aenter__(self) -> "Talk":
        self._task = asyncio.create_task(self.rig.venue.run(self._deliver))
        self._task.add_done_callback(lambda _: self._news.set())
        await self.until(lambda said: isinstance(said, VenueUp))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def say(self, *commands: VenueCommand) -> None:
        for command in commands:
            self.rig.venue.send(command)

    async def until(self, is_last: Callable[[Said], bool]) -> Said:
        """The first thing said, ever, of which this holds."""
        async with asyncio.timeout(WITHIN_SECONDS):
            while True:
                for said in self.heard:
                    if is_last(said):
                        return said
                if self._task.done():
                    self._task.result()
                    raise ConnectionError("the run has ended")
                self._news.clear()
                await self._news.wait()

    async def ask(self, *cl_ord_ids: str) -> StatusReport:
        """Everything since ever, and these orders."""
        self._queries += 1
        number, ids = self._queries, tuple(ClOrdID(i) for i in cl_ord_ids)
        self.say(
            QueryOrders(
                venue_id=self.rig.venue.venue_id, query=number, cl_ord_ids=ids, since=Nanos(0)
            )
        )
        said = await self.until(lambda s: isinstance(s, StatusReport) and s.query == number)
        assert isinstance(said, StatusReport)
        return said

    def reports(self, cl_ord_id: str) -> list[ExecutionReport]:
        """What was pushed about an order."""
        return [
            said
            for said in self.heard
            if isinstance(said, ExecutionReport) and said.cl_ord_id == cl_ord_id
        ]

    def order(self, cl_ord_id: str, px: Ticks, tif: Tif = Tif.GTC, in_ns: int = 10**10) -> NewOrder:
        rig = self.rig
        return NewOrder(
            cl_ord_id=ClOrdID(cl_ord_id),
            parent_id=OrderID("p"),
            account=AccountID("main"),
            venue_id=rig.venue.venue_id,
            instrument_id=rig.instrument.instrument_id,
            instrument_version=rig.instrument.version,
            side=Side.BUY,
            qty=rig.qty,
            limit_px=px,
            tif=tif,
            expires_at=Nanos(rig.now() + in_ns),
        )

    def cancel(self, cl_ord_id: str, orig: str) -> CancelOrder:
        return CancelOrder(
            cl_ord_id=ClOrdID(cl_ord_id),
            orig_cl_ord_id=ClOrdID(orig),
            venue_id=self.rig.venue.venue_id,
        )

    def _deliver(self, said: Said) -> None:
        self.heard.append(said)
        self._news.set()
