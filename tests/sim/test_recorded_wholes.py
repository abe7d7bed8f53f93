"""SMART and TWAP on real recordings: one asset as a spot pair at one venue and as a perpetual at
another, decided by the real core in simulated time, and judged by who reads the files himself."""

import gzip
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from omnivenue.message import (
    BeginSlice,
    Depth,
    DepthOf,
    EndReason,
    Entry,
    OrderInstructed,
    Route,
    Twap,
)
from omnivenue.model import SECOND, Instrument, Nanos, OrderID, Side
from omnivenue.oms import Composite
from omnivenue.venue.sim.rules import INSTRUMENTS
from recorded_floor import Floor, Judge, least_cost, order
from streams import WHOLE, whole

type Levels = list[tuple[int, int]]

FEE, DEAR_FEE = 4, {"BTC": {Side.BUY: 10, Side.SELL: 7}, "ETH": {Side.BUY: 12, Side.SELL: 12}}
"""In basis points. The perpetual was some of them cheaper than the pair that day: with the dear fee
at the better market, now the one is better and now the other."""
EACH = 200_000  # lots of a slice
LATE = SECOND // 20  # as the loop may be
MINUTE = Twap(horizon=Nanos(60 * SECOND), interval=Nanos(5 * SECOND))


class Asset(NamedTuple):
    name: str
    files: tuple[str, str]

    def markets(self, side: Side = Side.BUY) -> dict[Instrument, Path]:
        """The pair and the perpetual, each with its recording. Skips where that is absent."""
        fees = (FEE, DEAR_FEE[self.name][side])[:: side.sign]
        found = zip(self.files, fees, strict=True)
        return {replace(_listed(WHOLE[f]), taker_bps=fee): whole(f) for f, fee in found}


BTC = Asset("BTC", ("spot/btcusdt_20240808.gz", "usdm/btcusdt_20240808.gz"))
ETH = Asset("ETH", ("spot/ethusdt_20240808.gz", "usdm/ethusdt_20240808.gz"))
assert {*BTC.files, *ETH.files} == set(WHOLE), "all there are"
ASSETS = pytest.mark.parametrize("asset", [BTC, ETH], ids=lambda asset: asset.name)


def _listed(instrument_id: str) -> Instrument:
    return next(i for i in INSTRUMENTS if i.instrument_id == instrument_id)


def of(floor: Floor, made: OrderInstructed) -> Composite:
    return floor.core.state.composites[OrderID(made.instruction_id)]


@pytest.mark.covers("P1", "P3")
@pytest.mark.parametrize("side", Side)
@ASSETS
def test_smart_takes_the_best_of_a_pair_and_a_perpetual(asset: Asset, side: Side) -> None:
    markets = asset.markets(side)
    floor, judges = Floor(markets), {i: Judge(path, i) for i, path in markets.items()}
    shown = sum(lots * i.lot for i, book in books_at(judges, floor.now, side) for _, lots in book)
    lot = max(i.lot for i in markets)
    qty = shown * 3 // 4 // lot * lot
    made = order("i", list(markets), side, qty)
    floor.tell(made)
    floor.run(until=floor.now + 2 * SECOND)
    (at, route), *_ = floor.routes(made)
    assert_best(route, books_at(judges, at, side), side)
    assert len(route.legs) == 2, "else there was nothing to divide"
    assert (of(floor, made).end, of(floor, made).filled) == (EndReason.FILLED, qty)
    assert_filled_as_recorded(floor, markets)


@pytest.mark.covers("P1")
@ASSETS
def test_a_twap_over_both_takes_a_minute_and_all_of_it(asset: Asset) -> None:
    markets = asset.markets()
    floor = Floor(markets)
    lot = max(i.lot for i in markets)
    qty = (12 * EACH + 7) * lot  # of twelve slices the last has seven lots more
    made = order("i", list(markets), Side.BUY, qty, algo=MINUTE)
    floor.tell(made)
    floor.run(until=floor.now + 70 * SECOND)
    ended = of(floor, made)
    assert (ended.end, ended.filled, ended.number) == (EndReason.FILLED, qty, 11)
    began = slices(floor, made)
    late = [at - began[0][0] - n * MINUTE.interval for n, (at, _) in enumerate(began)]
    assert all(0 <= each < LATE for each in late)
    assert [route.qty for _, route in began] == [EACH * lot] * 11 + [(EACH + 7) * lot]
    assert any(len(route.legs) == 2 for _, route in floor.routes(made))
    for entry, route in decided(floor, made):
        books = [(i, seen_of(entry, i, made.side)) for i in markets]
        assert_best(route, books, made.side)
    assert_filled_as_recorded(floor, markets)


@pytest.mark.holds("I17", "T34")
def test_from_a_gap_on_it_goes_to_the_other_alone(tmp_path: Path) -> None:
    """Of a minute's updates of the perpetual one is missing."""
    markets = BTC.markets()
    pair, perpetual = markets
    whole_of, markets[perpetual] = markets[perpetual], tmp_path / "perpetual.gz"
    missing_at = without_one(whole_of, markets[perpetual], after=30 * SECOND)
    floor = Floor(markets)
    made = order("i", [pair, perpetual], Side.BUY, 600_000 * pair.lot, algo=MINUTE)
    floor.tell(made)
    floor.run(until=floor.now + 70 * SECOND)
    before = [route for at, route in floor.routes(made) if at < missing_at]
    after = [route for at, route in floor.routes(made) if at > missing_at + SECOND]
    assert len(after) > 4
    assert perpetual.instrument_id in {leg.instrument_id for r in before for leg in r.legs}
    for route in after:
        assert {leg.instrument_id for leg in route.legs} == {pair.instrument_id}
        assert dict(route.passed_over)[perpetual.instrument_id].startswith("the feed is stale: ")
    assert of(floor, made).end is EndReason.FILLED
    assert_filled_as_recorded(floor, markets)


def without_one(path: Path, copy: Path, after: int) -> Nanos:
    """A minute and a half of it, and when the update that is left out would have come."""
    began, kept, missing_at = None, list[bytes](), None
    with gzip.open(path) as file:
        for line in file:
            at = int(line.partition(b" ")[0])
            began = at if began is None and b'"stream"' not in line[:40] else began
            if began is not None and at > began + 90 * SECOND:
                break
            if missing_at is None and began and at > began + after and b"@depth" in line[:60]:
                missing_at = Nanos(at - began)
            else:
                kept.append(line)
    copy.write_bytes(gzip.compress(b"".join(kept), 1))
    assert missing_at is not None
    return missing_at


def books_at(
    judges: dict[Instrument, Judge], at: int, side: Side
) -> list[tuple[Instrument, Levels]]:
    for judge in judges.values():
        judge.go_to(at)
    return [(i, judge.best(side)) for i, judge in judges.items()]


def decided(floor: Floor, made: OrderInstructed) -> list[tuple[Entry, Route]]:
    return [
        (entry, command)
        for entry in floor.entries
        for command in entry.commands
        if isinstance(command, Route) and command.order_id == made.instruction_id
    ]


def slices(floor: Floor, made: OrderInstructed) -> list[tuple[Nanos, Route]]:
    """The first route of each slice."""
    found = [(entry, route) for entry, route in decided(floor, made) if begins(entry)]
    return [(entry.at, route) for entry, route in found]


def begins(entry: Entry) -> bool:
    return any(isinstance(command, BeginSlice) for command in entry.commands)


def seen_of(entry: Entry, instrument: Instrument, side: Side) -> Levels:
    """The book that was looked at."""
    for asked in entry.seen:
        question, answer = asked.question, asked.answer
        is_ours = isinstance(question, DepthOf) and question.side is side
        if is_ours and question.instrument_id == instrument.instrument_id:
            assert isinstance(answer, Depth)
            return list(answer.levels)
    raise AssertionError("nobody looked")


def assert_best(route: Route, books: list[tuple[Instrument, Levels]], side: Side) -> None:
    """To the atom that each level's amount and fee are rounded by, against us."""
    qty = sum(leg.qty for leg in route.legs)
    least = least_cost(books, side, qty)
    over = side.sign * sum(leg.cost for leg in route.legs) - least
    assert 0 <= over <= 2 * sum(len(levels) for _, levels in books)


def assert_filled_as_recorded(floor: Floor, markets: dict[Instrument, Path]) -> None:
    """Each trade at a price that the file shows at its instant, and no more than is there; and the
    journal alone tells the same."""
    floor.check_replay()
    trades = 0
    for instrument, path in markets.items():
        judge, exchange = Judge(path, instrument), floor.venues[instrument.venue_id][0]
        found = [(r, o.new.side) for o in exchange.orders.values() for r in o.standing]
        for report, side in sorted(found, key=lambda pair: pair[0].transact_at):
            judge.go_to(report.transact_at)
            there = judge.asks if side is Side.BUY else judge.bids
            assert report.last_qty <= there[report.last_px]
            trades += 1
    assert trades > 10
