"""The recordings as venues of a simulated loop, and somebody who reads the same files for himself.

The judge shares no code with what it judges: its books are two plain tables made from the lines of
a file, with the exact arithmetic of fractions.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from omnivenue.engine import State, state_hash
from omnivenue.journal import MemoryJournal, verify
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Entry,
    InstrumentsListed,
    LimitsSet,
    OrderInstructed,
    Route,
    VenueListed,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    Limits,
    Nanos,
    OrdType,
    Side,
    StrategyID,
    TimeInForce,
    unit,
)
from omnivenue.runtime.simulated import SimLoop
from omnivenue.venue.recorded import open_recording
from omnivenue.venue.sim import SimVenueConfig, build_exchange
from omnivenue.venue.sim.faults import NO_FAULTS, Latency, Link
from omnivenue.venue.sim.record import Placed
from omnivenue.venue.sim.rules import CAPABILITIES
from scene import COLLAR

MAIN, S1 = AccountID("main"), StrategyID("s1")
TRAVEL = Nanos(SECOND // 500)  # each way between us and a venue
SHOWN = 10  # levels of a side
RICH = 10**7  # whole USDT at each venue

type Levels = dict[int, int]

_NO_MORE: tuple[int, dict[str, Any]] = (1 << 62, {})


class Judge:
    """What a file shows at an instant of the loop, in ticks and lots."""

    def __init__(self, path: Path, instrument: Instrument) -> None:
        self._tick = Fraction(instrument.tick, unit(instrument.quote))
        self._lot = Fraction(instrument.lot, unit(instrument.base))
        self.bids: Levels = {}
        self.asks: Levels = {}
        self._updates = self._read(path)
        self._next = next(self._updates)

    def go_to(self, at: int) -> None:
        while self._next[0] <= at:
            for book, name in ((self.bids, "b"), (self.asks, "a")):
                self._set(book, self._next[1].get(name, ()))
            self._next = next(self._updates, _NO_MORE)

    def best(self, side: Side, count: int = SHOWN) -> list[tuple[int, int]]:
        """What an order on `side` would meet."""
        if side is Side.BUY:
            return sorted(self.asks.items())[:count]
        return sorted(self.bids.items(), reverse=True)[:count]

    def _read(self, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
        """From the snapshot on; time counts from there."""
        early, began, has = list[dict[str, Any]](), -1, -1
        with gzip.open(path) as file:
            for line in file:
                if b'"stream"' in line[:40] and b"@depth" not in line[:60]:
                    continue
                at, _, text = line.partition(b" ")
                message = json.loads(text)
                if "lastUpdateId" in message:
                    began, has = int(at), message["lastUpdateId"]
                    yield 0, {"b": message["bids"], "a": message["asks"]}
                    yield from ((0, update) for update in early if update["u"] > has)
                elif began < 0:
                    early.append(message["data"])
                elif message["data"]["u"] > has:
                    yield int(at) - began, message["data"]

    def _set(self, book: Levels, levels: Sequence[Sequence[str]]) -> None:
        for px, qty in levels:
            ticks, lots = Fraction(px) / self._tick, Fraction(qty) // self._lot
            assert ticks.denominator == 1
            if lots:
                book[int(ticks)] = lots
            else:
                book.pop(int(ticks), None)


class Floor(SimLoop):
    """Venues that each have a recording as their market, some way off, and one rich account."""

    def __init__(self, markets: dict[Instrument, Path]) -> None:
        self.entries: list[Entry] = []
        self.instruments = {i.instrument_id: i for i in markets}
        disk = self._disk = list[bytes]()
        venues = {
            i.venue_id: (
                build_exchange(_venue(i, path), Nanos(0), open_recording),
                Link(n, NO_FAULTS, Latency(min=TRAVEL, max=TRAVEL)),
            )
            for n, (i, path) in enumerate(markets.items())
        }
        super().__init__(7, lambda: MemoryJournal("paper", disk), venues)
        self.push("operator", InstrumentsListed(instruments=tuple(markets)))
        for venue_id in venues:
            self.push("operator", VenueListed(venue_id=venue_id, capabilities=CAPABILITIES))
        self.push("operator", AccountOpened(account=MAIN, venue_ids=tuple(venues)))
        self.push("operator", LimitsSet(limits=Limits(limits=(COLLAR,)), from_file=True))
        for instrument in markets:
            self._deposit(instrument, instrument.quote)
            if instrument.is_spot:
                self._deposit(instrument, instrument.base)
        self.run(until=4 * SECOND)  # and it has found all of them

    def on_commit(self, entries: list[Entry]) -> None:
        self.entries += entries

    def tell(self, order: OrderInstructed) -> None:
        self.push("client", order)

    def routes(self, order: OrderInstructed) -> list[tuple[Nanos, Route]]:
        """Where it went, and when that was decided."""
        return [
            (entry.at, command)
            for entry in self.entries
            for command in entry.commands
            if isinstance(command, Route) and command.order_id == order.instruction_id
        ]

    def placed(self, order: OrderInstructed) -> list[Placed]:
        """What the venues have on record of it."""
        mine = f"{order.instruction_id}~"
        exchanges = [exchange for exchange, _ in self.venues.values()]
        found = [each for exchange in exchanges for each in exchange.orders.values()]
        return [each for each in found if each.new.parent_id.startswith(mine)]

    def check_replay(self) -> None:
        """All of it can be decided again, with nothing but the journal to look at."""
        assert state_hash(verify(State(), self._disk)) == state_hash(self.core.state)

    def _deposit(self, instrument: Instrument, asset: AssetID) -> None:
        amount = Atoms(RICH * unit(asset) // (1 if asset == instrument.quote else 10**4))
        self.venues[instrument.venue_id][0].deposit(MAIN, asset, amount)
        event = Deposited(
            deposit_id=f"{instrument.venue_id}/{asset}",
            account=MAIN,
            venue_id=instrument.venue_id,
            asset=asset,
            amount=amount,
        )
        self.push("operator", event)


def order(
    key: str, named: Sequence[Instrument], side: Side, qty: int, **more: Any
) -> OrderInstructed:
    """A market order over all of them."""
    made = OrderInstructed(
        instruction_id=InstructionID(key),
        body_hash=key,
        account=MAIN,
        strategy_id=S1,
        instrument_id=InstrumentID(f"SMART:SPOT_PAIR:{named[0].base}-{named[0].quote}"),
        side=side,
        qty=Atoms(qty),
        ord_type=OrdType.MARKET,
        limit_px=None,
        tif=TimeInForce.IOC,
        candidates=tuple(i.instrument_id for i in named),
    )
    return replace(made, **more)


def least_cost(
    books: Sequence[tuple[Instrument, Sequence[tuple[int, int]]]], side: Side, qty: int
) -> Fraction:
    """Of all ways to divide `qty` atoms over two books, what the best costs in quote atoms, fees
    counted; a seller's cost is negative. What one book costs is straight between its levels, so the
    best division is at an end of one of them, in one book or in the other."""
    (one, ours), (other, theirs) = books
    ends = {0, qty, *_ends(one, ours), *(qty - end for end in _ends(other, theirs))}
    costs = [
        first + rest
        for end in ends
        if (first := _cost(one, ours, side, end)) is not None
        and (rest := _cost(other, theirs, side, qty - end)) is not None
    ]
    return min(costs)


def _ends(instrument: Instrument, levels: Sequence[tuple[int, int]]) -> Iterator[int]:
    return accumulate(lots * instrument.lot for _, lots in levels)


def _cost(
    instrument: Instrument, levels: Sequence[tuple[int, int]], side: Side, atoms: int
) -> Fraction | None:
    if atoms < 0 or atoms > max(_ends(instrument, levels), default=0):
        return None
    total = Fraction(0)
    for (before, end), (px, _) in zip(
        pairwise((0, *_ends(instrument, levels))), levels, strict=True
    ):
        here = max(0, min(atoms, end) - before)
        amount = Fraction(here * px * instrument.tick, unit(instrument.base))
        total += side.sign * amount * (1 + side.sign * Fraction(instrument.taker_bps, 10_000))
    return total


def _venue(instrument: Instrument, path: Path) -> SimVenueConfig:
    return SimVenueConfig(
        venue_id=instrument.venue_id,
        instruments=(instrument,),
        market=f"recording:{path}",
        keeps_going=False,
    )
