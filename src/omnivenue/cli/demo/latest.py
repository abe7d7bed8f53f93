"""What happens meanwhile, as the stream tells of it: books, orders, fills, and what they earned."""

import threading
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from omnivenue.cli.out import cell
from omnivenue.client import OmnivenueError
from omnivenue.client.place import Place
from omnivenue.client.stream import stream

type Row = dict[str, Any]

TOPICS = ("orders", "fills", "positions", "market")
ROWS = 8

BOOKS = ("instrument", "bid_qty", "bid", "ask", "ask_qty", "state")
ORDERS = ("id", "venue", "side", "qty", "status", "cum_qty", "avg_px")
FILLS = ("at", "venue", "side", "qty", "px", "fee", "order_id")
POSITIONS = ("instrument", "side", "qty", "avg_px", "realized_pnl", "unrealized_pnl", "asset")


class Latest:
    """Two threads use it: one that listens, and one that draws."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._books: dict[str, Row] = {}
        self._orders: dict[str, Row] = {}
        self._fills: deque[Row] = deque(maxlen=ROWS)
        self._positions: dict[tuple[str, ...], Row] = {}

    def follow(self, find: Callable[[], Place]) -> None:
        """Until the process ends: whoever looks is no reason for it to go on. A server that dies
        and comes back is part of the show."""
        threading.Thread(target=self._listen, args=(find,), daemon=True).start()

    def _listen(self, find: Callable[[], Place]) -> None:
        try:
            for message in stream(find, TOPICS, 0):
                self.take(message)
        except OmnivenueError:
            return  # it is over, or nobody has come back: the steps say so

    def take(self, message: Row) -> None:
        with self._lock:
            match message["type"]:
                case "market":
                    self._books[message["instrument"]] = _top(message)
                case "order":
                    self._orders.pop(message["id"], None)  # the latest stand last
                    self._orders[message["id"]] = message
                    if len(self._orders) > ROWS:
                        del self._orders[next(iter(self._orders))]
                case "fill":
                    self._fills.append(message)
                case "position":
                    names = ("account", "strategy_id", "instrument")
                    self._positions[tuple(message[name] for name in names)] = message
                case _:
                    pass

    def tables(self) -> RenderableType:
        with self._lock:
            books = [row for _, row in sorted(self._books.items())]
            orders, fills = list(self._orders.values()), list(self._fills)
            positions = [row for _, row in sorted(self._positions.items())]
        earned = [
            Decimal(row[name] or 0)
            for row in positions
            for name in ("realized_pnl", "unrealized_pnl")
        ]
        shown = (
            ("books", BOOKS, books),
            ("orders", ORDERS, orders),
            ("fills", FILLS, fills),
            (f"positions: {sum(earned):.2f} USDT before fees", POSITIONS, positions),
        )
        return Group(*(_table(*each) for each in shown if each[2]))


def _top(market: Row) -> Row:
    bid, ask = (next(iter(market[side]), ("", "")) for side in ("bids", "asks"))
    row = {"instrument": market["instrument"], "state": market["why"] or market["state"]}
    return {**row, "bid": bid[0], "bid_qty": bid[1], "ask": ask[0], "ask_qty": ask[1]}


def _table(title: str, columns: tuple[str, ...], rows: list[Row]) -> RenderableType:
    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        grid.add_column(column.replace("_", " "), no_wrap=True)
    for row in rows:
        grid.add_row(*(Text(cell(row[column])) for column in columns))
    return Group(Text(f"\n{title}", style="bold"), grid)
