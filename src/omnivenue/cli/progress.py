"""What becomes of an instruction while a person waits for it, drawn on stderr.

The stream says when there is something new, and what it is is then asked for: so nobody is asked in
vain, and where there is no stream, it is looked at once a second.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from omnivenue.cli.out import plain
from omnivenue.client import AsyncClient, OmnivenueError, Unreachable
from omnivenue.client.calls import has_ended

type Row = dict[str, Any]

LOOK_SECONDS = 1.0  # where nobody says that there is anything new
REST_SECONDS = 0.1  # between two looks, however much is new
BAR = 24
PARTS_SHOWN = 8


def watched(key: str, from_seq: int, seconds: float) -> Row:
    """The instruction, when it is done or the time is up. Raises OmnivenueError."""
    with Live(
        console=Console(stderr=True, highlight=False),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as live:

        def draw(instruction: Row) -> None:
            live.update(Text("\n".join(picture(instruction))), refresh=True)

        return asyncio.run(_until_done(key, from_seq, seconds, draw))


def picture(instruction: Row) -> list[str]:
    """The whole, its latest parts, and what happened last."""
    orders: list[Row] = instruction["orders"]
    is_order = instruction["kind"] == "order" and bool(orders)
    head = f"{instruction['kind']} {instruction['id']}: {instruction['status']}"
    lines = [_whole(orders[0]) if is_order else head]
    parts = orders[1:] if is_order else orders
    if len(parts) > PARTS_SHOWN:
        lines.append(f"  {len(parts) - PARTS_SHOWN} before these")
    lines += [_part(order) for order in parts[-PARTS_SHOWN:]]
    if instruction["timeline"]:
        last = instruction["timeline"][-1]
        lines.append(f"  {last['type'].replace('_', ' ')} at entry {last['seq']}")
    return [plain(line) for line in lines]


def _whole(order: Row) -> str:
    qty, done = Decimal(order["qty"]), Decimal(order["cum_qty"])
    full = min(BAR, int(BAR * done / qty)) if qty else 0
    bar = "█" * full + "░" * (BAR - full)
    what = f"{order['side']} {order['instrument']}"
    return f"{bar} {order['cum_qty']}/{order['qty']} {order['status']}  {what}{_average(order)}"


def _part(order: Row) -> str:
    done = f"{order['cum_qty']}/{order['qty']}"
    return f"  {order['venue']} {order['side']} {done} {order['status']}{_average(order)}"


def _average(order: Row) -> str:
    return f" at {order['avg_px']}" if order["avg_px"] else ""


async def _until_done(key: str, from_seq: int, seconds: float, draw: Callable[[Row], None]) -> Row:
    now = asyncio.get_running_loop().time
    deadline, news, ours = now() + seconds, asyncio.Event(), {key}
    async with AsyncClient() as client:
        listening = asyncio.create_task(_listen(client, from_seq, ours, news))
        try:
            while True:
                news.clear()
                left = deadline - now()
                try:
                    found = await client.instruction(key)
                    ours |= {order["id"] for order in found["orders"]}
                    draw(found)
                    if has_ended(found) or left <= 0:
                        return found
                except Unreachable:
                    if left <= 0:
                        raise
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(max(left, 0), LOOK_SECONDS)):
                        await news.wait()
                await asyncio.sleep(min(max(left, 0), REST_SECONDS))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(client: AsyncClient, from_seq: int, ours: set[str], news: asyncio.Event) -> None:
    with suppress(OmnivenueError):  # then it is looked at every now and then, as said
        async for message in client.stream(["orders"], from_seq=from_seq):
            if ours & {message["id"], message["parent_id"], message["instruction_id"]}:
                news.set()
