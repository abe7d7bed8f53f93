"""What the steps share: how an order is written, and waited for."""

import time
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Any

from omnivenue.cli.demo.stage import Failed, Stage
from omnivenue.client import Client

BINANCE = "BINANCE-SPOT:SPOT_PAIR:BTC-USDT"
BYBIT = "BYBIT:SPOT_PAIR:BTC-USDT"
OKX = "OKX:SPOT_PAIR:BTC-USDT"
SMART = "SMART:SPOT_PAIR:BTC-USDT"

type Step = Callable[[Stage, Client], str]
type Row = dict[str, Any]

LOT = Decimal("0.00001")  # BTC, everywhere
TRIES = 20
WAIT_SECONDS = 10.0


def expect(holds: bool, what: object) -> None:
    if not holds:
        raise Failed(str(what))


def order(instrument: str, side: str, qty: str, price: str | None = None, **more: Any) -> Row:
    priced = {} if price is None else {"type": "limit", "price": price}
    return {"kind": "order", "instrument": instrument, "side": side, "qty": qty, **priced, **more}


def until(client: Client, order_id: str, *words: str) -> Row:
    """The order, once its status is one of `words`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        row = client.find_order(order_id)
        if row["status"] in words:
            return row
        if time.monotonic() > deadline:
            raise Failed(f"{order_id} is {row['status']}, not {' or '.join(words)}")
        time.sleep(0.02)


def until_quoted(client: Client, instrument: str) -> Row:
    """Its market, once both sides have a price: a server that has just come up knows none yet, and
    who has bought all that there was waits for more."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        market = client.market(instrument)
        if market["state"] == "fresh" and market["bids"] and market["asks"]:
            return market
        if time.monotonic() > deadline:
            raise Failed(f"{instrument} has no price: {market['why'] or 'one-sided book'}")
        time.sleep(0.02)


def shown(market: Row, side: str) -> Decimal:
    """How much of it there is on one side of the book, as far as it is shown."""
    return sum((Decimal(qty) for _, qty in market[side]), Decimal(0))


def in_lots(qty: Decimal) -> Decimal:
    return qty.quantize(LOT, rounding=ROUND_DOWN)


def moved(price: str, *, percent: str) -> str:
    by = Decimal(price) * (100 + Decimal(percent)) / 100
    return f"{by.quantize(Decimal('0.01')).normalize():f}"
