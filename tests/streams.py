"""Recorded streams made up line by line, as the exchange writes them, and the real ones where they
are. Prices and quantities are given in units of 0.01 and 0.00001, times in milliseconds."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "../shared/data/binance"
WHOLE = {
    "spot/btcusdt_20240808.gz": "BINANCE-SPOT:SPOT_PAIR:BTC-USDT",
    "spot/ethusdt_20240808.gz": "BINANCE-SPOT:SPOT_PAIR:ETH-USDT",
    "usdm/btcusdt_20240808.gz": "BINANCE-FUTURES:PERPETUAL:BTC-USDT",
    "usdm/ethusdt_20240808.gz": "BINANCE-FUTURES:PERPETUAL:ETH-USDT",
}

type Levels = Iterable[tuple[int, int]]

BIDS, ASKS = [(6_000_000, 500_000), (5_999_900, 700_000)], [(6_000_100, 400_000)]


def whole(name: str) -> Path:
    """Skips the test where the file is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not here: the project commits only an excerpt of it")
    return path


def snapshot(at: int, update_id: int, bids: Levels = BIDS, asks: Levels = ASKS) -> bytes:
    book = {"lastUpdateId": update_id, "bids": _pairs(bids), "asks": _pairs(asks)}
    return b"%d %s" % (at * 1_000_000, json.dumps(book).encode())


def update(
    at: int,
    first: int,
    last: int,
    bids: Levels = (),
    asks: Levels = (),
    prev: int | None = None,
    symbol: str = "btcusdt",
) -> bytes:
    """`prev` makes it a perpetual's."""
    more = {} if prev is None else {"pu": prev}
    changes = {"b": _pairs(bids), "a": _pairs(asks)}
    return _streamed(
        at, f"{symbol}@depth@100ms", {"E": at, "U": first, "u": last, **more, **changes}
    )


def trade(
    at: int, px: int, qty: int, *, is_buyer_maker: bool = False, symbol: str = "btcusdt"
) -> bytes:
    data = {"t": at, "p": _decimal(px, 2), "q": _decimal(qty, 5), "T": at, "m": is_buyer_maker}
    return _streamed(at, f"{symbol}@trade", data)


def written(path: Path, *lines: bytes) -> Path:
    path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    return path


def _streamed(at: int, stream: str, data: Mapping[str, object]) -> bytes:
    body = json.dumps({"stream": stream, "data": data}, separators=(",", ":"))
    return b"%d %s" % (at * 1_000_000, body.encode())


def _pairs(levels: Levels) -> list[list[str]]:
    return [[_decimal(px, 2), _decimal(qty, 5)] for px, qty in levels]


def _decimal(value: int, decimals: int) -> str:
    return f"{value // 10**decimals}.{value % 10**decimals:0{decimals}}"
