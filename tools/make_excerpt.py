"""Makes the recording that comes with the package out of the exchange's recorded streams.

The whole files are too large to commit and in another's format; two minutes of one of them are
enough to run on a real market. The result is a function of the input alone, so that a test can
make it again and find the committed bytes.

    python tools/make_excerpt.py [SOURCE [TARGET]]
"""

import gzip
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path

from omnivenue.model import SECOND, InstrumentID, Nanos, Side
from omnivenue.venue.cefi.binance import (
    Applied,
    DepthSync,
    DepthUpdate,
    Reading,
    Received,
    Snapshot,
    Ticker,
    Trade,
)
from omnivenue.venue.sim.recording import (
    CheckTop,
    Header,
    Record,
    Recording,
    Snapped,
    Traded,
    Updated,
    encode,
)
from omnivenue.venue.sim.source import BookReset, LevelChanged, Printed

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "../shared/data/binance/spot/btcusdt_20240808.gz"
TARGET = ROOT / "src/omnivenue/venue/sim/recordings/btcusdt.ovr"
TICK, LOT = "0.01", "0.00001"
SPAN = Nanos(120 * SECOND)
CREDIT = (
    "Binance spot BTCUSDT streams depth@100ms, bookTicker and trade, 8 August 2024; from the "
    "example data of the MIT-licensed hftbacktest project"
)


def read(path: Path) -> list[Received]:
    reading = Reading(TICK, LOT)
    with gzip.open(path) as lines:
        return [reading.line(line) for line in lines]


def made(received: Iterable[Received]) -> Recording:
    """Two minutes from the snapshot on."""
    received = list(received)
    start = next(r.at for r in received if isinstance(r.message, Snapshot))
    header = Header(
        instrument_id=InstrumentID("BINANCE-SPOT:SPOT_PAIR:BTC-USDT"),
        source=CREDIT,
        tick=TICK,
        lot=LOT,
        start_at=start,
        span=SPAN,
    )
    until = [r for r in received if r.at < start + SPAN]
    return Recording(header=header, records=tuple(_records(until, start)))


def _records(received: list[Received], start: Nanos) -> Iterator[Record]:
    sync = DepthSync()
    tops = _tops(received)
    for r in received:
        after = Nanos(r.at - start)
        match r.message:
            case Snapshot() | DepthUpdate():
                outcome = sync.take(r.message)
                if isinstance(outcome, Applied):
                    yield from _applied(outcome, after, tops)
            case Trade(px=px, qty=qty, aggressor=aggressor) if after >= 0:
                yield Traded(after, Printed(px=px, qty=qty, aggressor=aggressor))
            case _:
                pass


def _applied(outcome: Applied, after: Nanos, tops: list[CheckTop]) -> Iterator[Record]:
    if book := outcome.snapshot:
        yield Snapped(after, book.update_id, BookReset(bids=book.bids, asks=book.asks))
    for update in outcome.updates:
        sides = ((Side.BUY, update.bids), (Side.SELL, update.asks))
        changes = [LevelChanged(side, px, qty) for side, levels in sides for px, qty in levels]
        yield Updated(after, update.last_id, tuple(changes), _top_at(tops, update.last_id))


def _tops(received: list[Received]) -> list[CheckTop]:
    tickers = [r.message for r in received if isinstance(r.message, Ticker)]
    tops = [CheckTop(t.update_id, t.bid, t.ask) for t in tickers]
    return sorted(tops, key=lambda top: top.update_id)


def _top_at(tops: list[CheckTop], update_id: int) -> CheckTop | None:
    """The last announcement up to `update_id`. Each change of the top is announced, so it holds
    until the next one."""
    i = bisect_right(tops, update_id, key=lambda top: top.update_id)
    return tops[i - 1] if i else None


def main(argv: list[str]) -> None:
    paths = [Path(arg) for arg in argv]
    source, target = (*paths, *(SOURCE, TARGET)[len(paths) :])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(encode(made(read(source))))


if __name__ == "__main__":
    main(sys.argv[1:])
