"""Recorded messages to books: every message of every recording read, every level in its place.

Beside it stands the floor: the same bytes as JSON and nothing else. From the files, gunzip and all,
where they are; else from the excerpt that comes with the package, written as the exchange sends it.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import thread_time

import msgspec

from omnivenue.cli.bench.result import Peer, Result
from omnivenue.market import Level
from omnivenue.model import format_decimal
from omnivenue.venue.cefi.binance import DepthSync, DepthUpdate, Reading, Snapshot
from omnivenue.venue.recorded import lines
from omnivenue.venue.sim.recording import Record, Snapped, Traded, Updated, excerpt

FOLDER = Path("../shared/data/binance")  # as seen from the project
TICK, LOT = "0.01", "0.00001"
REPLAYS = 3  # the quickest counts: whatever else the machine did is not ours
GOAL = 150_000

type Lines = Callable[[], Iterable[bytes]]


def measure(replays: int = REPLAYS) -> list[Result]:
    """`feed.replay`."""
    files = sorted(FOLDER.glob("*/*.gz"))
    sources: list[Lines] = [lambda path=path: lines(path) for path in files]
    note = f"{len(files)} recordings of Binance, spot and USD-margined, gunzip included"
    if not files:
        made = list(_as_sent())
        sources = [lambda: made]
        note = f"{FOLDER} is not here: the excerpt of the package, as the exchange would send it"
    gc.collect()
    gc.freeze()
    count = sum(1 for source in sources for _ in source())
    ours = count / sum(_quickest(replays, _replay, source) for source in sources)
    floor = count / sum(_quickest(replays, _decode, source) for source in sources)
    alone = Peer(name="the same as JSON, and no more", value=floor, ratio=ours / floor)
    name, note = "feed.replay", f"{count} messages, in processor time; {note}"
    return [Result(name=name, value=ours, unit="messages/s", goal=GOAL, peer=alone, note=note)]


def _quickest(replays: int, run: Callable[[Lines], None], source: Lines) -> float:
    """Of the runs, in seconds of processor time: on a machine with neighbours the clock on the wall
    measures them too."""
    took: list[float] = []
    for _ in range(replays):
        started = thread_time()
        run(source)
        took.append(thread_time() - started)
    return min(took)


def _replay(source: Lines) -> None:
    """As a source of market data does it."""
    reading, sync = Reading(TICK, LOT), DepthSync()
    for line in source():
        message = reading.line(line).message
        if isinstance(message, Snapshot | DepthUpdate):
            sync.take(message)
    assert sync.is_fresh


def _decode(source: Lines) -> None:
    decode = msgspec.json.Decoder[object]().decode
    for line in source():
        decode(line[line.index(b" ") + 1 :])


def _as_sent() -> Iterator[bytes]:
    has = 0  # the last update so far
    for record in excerpt().records:
        for body in _messages(record, has):
            yield b"%d %s" % (record.after, msgspec.json.encode(body))
        has = record.update_id if isinstance(record, Snapped | Updated) else has


def _messages(record: Record, has: int) -> Iterator[dict[str, object]]:
    match record:
        case Snapped(update_id=update_id, book=book):
            bids, asks = _pairs(book.bids), _pairs(book.asks)
            yield {"lastUpdateId": update_id, "bids": bids, "asks": asks}
        case Updated(update_id=update_id, changes=changes, top=top):
            bids = _pairs((c.px, c.qty) for c in changes if c.side.sign > 0)
            asks = _pairs((c.px, c.qty) for c in changes if c.side.sign < 0)
            yield _streamed("depth@100ms", U=has + 1, u=update_id, E=0, b=bids, a=asks)
            if top:
                ((bid, bid_qty), (ask, ask_qty)) = _pairs((top.bid, top.ask))
                yield _streamed("bookTicker", u=top.update_id, b=bid, B=bid_qty, a=ask, A=ask_qty)
        case Traded(printed=printed):
            ((px, qty),) = _pairs(((printed.px, printed.qty),))
            yield _streamed("trade", t=0, p=px, q=qty, T=0, m=printed.aggressor.sign < 0)
        case _:
            pass


def _streamed(stream: str, **data: object) -> dict[str, object]:
    return {"stream": f"btcusdt@{stream}", "data": data}


def _pairs(levels: Iterable[Level]) -> list[tuple[str, str]]:
    return [(format_decimal(px, 2), format_decimal(qty, 5)) for px, qty in levels]
