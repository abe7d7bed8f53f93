"""The load under which the server is killed: clients that place, cancel and repeat, and remember
what they were told. A client that hears nothing knows nothing, and asks again after the restart."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from omnivenue.client import Client, OmnivenueError, Refused

SYMBOLS = (
    "BYBIT:SPOT_PAIR:BTC-USDT",
    "OKX:SPOT_PAIR:BTC-USDT",
    "BINANCE-SPOT:SPOT_PAIR:ETH-USDT",
    "BINANCE-FUTURES:PERPETUAL:BTC-USDT",  # which keeps stops itself: the others leave them to us
)
NEAR = {"BTC-USDT": 61_800, "ETH-USDT": 2_680}


@dataclass
class Memory:
    """Shared by all clients of one campaign, over all restarts."""

    asked: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    acknowledged: set[str] = field(default_factory=set[str])
    refused: set[str] = field(default_factory=set[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def unanswered(self) -> list[str]:
        return sorted(set(self.asked) - self.acknowledged - self.refused)


def instruction(random: Random, key: str, mine: list[dict[str, Any]]) -> dict[str, Any]:
    """`mine`: orders that the client has placed and may cancel or replace."""
    chance = random.random()
    if mine and chance < 0.15:
        return {"kind": "cancel", "id": key, "order_id": random.choice(mine)["id"]}
    if mine and chance < 0.35:
        return _replace(random, key, random.choice(mine))
    if chance > 0.98:
        return {"kind": "cancel_all", "id": key, "venue": "BYBIT"}
    symbol = random.choice(SYMBOLS)
    side = random.choice(("buy", "sell"))
    order: dict[str, Any] = {
        "kind": "order",
        "id": key,
        "instrument": symbol,
        "side": side,
        "qty": f"0.{random.randint(1, 9)}",
    }
    order |= random.choice((_plain, _plain, _resting, _triggered, _triggered))(random, symbol)
    if random.random() < 0.25 and not order.get("reduce_only"):
        order |= _bracket(random, symbol, order)
    if random.random() < 0.25:  # few names, so that the groups have members
        order["oco"] = f"{key.rpartition('-')[0]}-{random.randint(0, 3)}"
    return order


def _near(random: Random, symbol: str, away: int) -> str:
    px = NEAR[symbol.rpartition(":")[2]]
    return str(px + random.randint(-px // away, px // away))


def _plain(random: Random, symbol: str) -> dict[str, Any]:
    style = random.choice(("market", "gtc", "ioc", "fok"))
    terms: dict[str, Any] = {"reduce_only": True} if random.random() < 0.1 else {}
    if style != "market":
        terms |= {"type": "limit", "price": _near(random, symbol, 500), "tif": style}
    return terms


def _resting(random: Random, symbol: str) -> dict[str, Any]:
    tif = random.choice(("gtc", "day", "gtd"))
    terms: dict[str, Any] = {"type": "limit", "price": _near(random, symbol, 500), "tif": tif}
    if tif == "gtd":
        seconds = time.time() + random.randint(2, 20)
        terms["expire_at"] = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return terms | {"post_only": random.random() < 0.5}


def _triggered(random: Random, symbol: str) -> dict[str, Any]:
    """Close to the market on either side of it, so that many are reached while we look."""
    ord_type = random.choice(("stop", "stop_limit", "take_profit", "take_profit_limit"))
    terms = {"type": ord_type, "stop_price": _near(random, symbol, 2_000)}
    terms["trigger_by"] = random.choice(("last", "bid", "ask", "mark"))
    if ord_type.endswith("_limit"):
        terms["price"] = _near(random, symbol, 1_000)
    return terms


def _bracket(random: Random, symbol: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Its exits stand so near that one of them is reached soon."""
    near = NEAR[symbol.rpartition(":")[2]]
    px = int(entry.get("price", entry.get("stop_price", near)))
    away = max(1, near // random.choice((500, 1_000, 2_000)))
    away *= 1 if entry["side"] == "buy" else -1
    return {
        "take_profit": {"price": str(px + away)},
        "stop_loss": {"stop_price": str(px - away)},
    }


def _replace(random: Random, key: str, order: dict[str, Any]) -> dict[str, Any]:
    """A market order has no price that could be replaced."""
    asked: dict[str, Any] = {"kind": "replace", "id": key, "order_id": order["id"]}
    which = random.choice(("qty", "price", "both")) if "price" in order else "qty"
    if which != "price":
        asked["qty"] = f"0.{random.randint(1, 9)}"
    if which != "qty":
        asked["price"] = _near(random, order["instrument"], 500)
    return asked


def submit(client: Client, memory: Memory, body: dict[str, Any]) -> None:
    """Raises OmnivenueError where no answer came."""
    key = body["id"]
    with memory.lock:
        memory.asked[key] = body
    try:
        client.submit(body)
    except Refused:
        with memory.lock:
            memory.refused.add(key)
        return
    with memory.lock:
        memory.acknowledged.add(key)


class Clients:
    """Threads that submit until they are told to stop or the server is gone."""

    def __init__(self, memory: Memory, url: str, token: str, seed: int, count: int = 4) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(memory, url, token, f"{seed}-{n}"))
            for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, memory: Memory, url: str, token: str, name: str) -> None:
        random = Random(name)
        mine: list[dict[str, Any]] = []
        with Client(url, token) as client:
            for n in range(1_000_000):
                if self._stopping.is_set():
                    return
                body = instruction(random, f"c-{name}-{n}", mine)
                try:
                    submit(client, memory, body)
                except OmnivenueError:
                    return  # killed: asked again after the restart
                if body["kind"] == "order":
                    mine = [*mine[-20:], body]
