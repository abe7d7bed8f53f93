"""The load under which the server is killed: clients that place, cancel and repeat, and remember
what they were told. A client that hears nothing knows nothing, and asks again after the restart."""

import threading
from dataclasses import dataclass, field
from random import Random
from typing import Any

from omnivenue.client import Client, OmnivenueError, Refused

SYMBOLS = ("BYBIT:SPOT_PAIR:BTC-USDT", "OKX:SPOT_PAIR:BTC-USDT", "BINANCE-SPOT:SPOT_PAIR:ETH-USDT")
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


def instruction(random: Random, key: str, cancellable: list[str]) -> dict[str, Any]:
    if cancellable and random.random() < 0.25:
        return {"kind": "cancel", "id": key, "order_id": random.choice(cancellable)}
    if random.random() < 0.03:
        return {"kind": "cancel_all", "id": key, "venue": "BYBIT"}
    symbol = random.choice(SYMBOLS)
    px = NEAR[symbol.rpartition(":")[2]]
    order: dict[str, Any] = {
        "kind": "order",
        "id": key,
        "instrument": symbol,
        "side": random.choice(("buy", "sell")),
        "qty": f"0.{random.randint(1, 9)}",
    }
    style = random.choice(("market", "gtc", "gtc", "ioc", "fok"))
    if style != "market":
        away = random.randint(-px // 500, px // 500)
        order |= {"type": "limit", "price": str(px + away), "tif": style}
    return order


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
        mine: list[str] = []
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
                    mine = [*mine[-20:], body["id"]]
