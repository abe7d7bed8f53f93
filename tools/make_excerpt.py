"""Makes the recording that comes with the package out of the exchange's recorded streams.

The whole files are too large to commit and in another's format; two minutes of one of them are
enough to run on a real market. The result is a function of the input alone, so that a test can
make it again and find the committed bytes.

    python tools/make_excerpt.py [SOURCE [TARGET]]
"""

import sys
from bisect import bisect_right
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from msgspec.structs import replace

from omnivenue.model import SECOND, InstrumentID, Nanos
from omnivenue.venue.cefi.binance import Reading, Snapshot, Ticker
from omnivenue.venue.recorded import lines, records
from omnivenue.venue.sim.recording import CheckTop, Header, Record, Recording, Updated, encode

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "../shared/data/binance/spot/btcusdt_20240808.gz"
TARGET = ROOT / "src/omnivenue/venue/sim/recordings/btcusdt.ovr"
TICK, LOT = "0.01", "0.00001"
SPAN = Nanos(120 * SECOND)
CREDIT = (
    "Binance spot BTCUSDT streams depth@100ms, bookTicker and trade, 8 August 2024; from the "
    "example data of the MIT-licensed hftbacktest project"
)


def made(path: Path) -> Recording:
    """Two minutes from the snapshot on."""
    reading = Reading(TICK, LOT)
    received = [reading.line(line) for line in lines(path)]
    tops = [r.message for r in received if isinstance(r.message, Ticker)]
    header = Header(
        instrument_id=InstrumentID("BINANCE-SPOT:SPOT_PAIR:BTC-USDT"),
        source=CREDIT,
        tick=TICK,
        lot=LOT,
        start_at=next(r.at for r in received if isinstance(r.message, Snapshot)),
        span=SPAN,
    )
    checks = sorted((CheckTop(t.update_id, t.bid, t.ask) for t in tops), key=lambda t: t.update_id)
    return Recording(header=header, records=tuple(_checked(path, checks)))


def _checked(path: Path, tops: list[CheckTop]) -> Iterator[Record]:
    """The market, and with each update what the exchange had announced by then."""
    market = records(lines(path), Reading(TICK, LOT))
    for record in takewhile(lambda record: record.after < SPAN, market):
        if isinstance(record, Updated):
            yield replace(record, top=_top_at(tops, record.update_id))
        else:
            yield record


def _top_at(tops: list[CheckTop], update_id: int) -> CheckTop | None:
    """The last announcement up to `update_id`. Each change of the top is announced, so it holds
    until the next one."""
    i = bisect_right(tops, update_id, key=lambda top: top.update_id)
    return tops[i - 1] if i else None


def main(argv: list[str]) -> None:
    paths = [Path(arg) for arg in argv]
    source, target = (*paths, *(SOURCE, TARGET)[len(paths) :])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(encode(made(source)))


if __name__ == "__main__":
    main(sys.argv[1:])
