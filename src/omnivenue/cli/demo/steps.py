"""What the demo shows, one function a step, each with one line of what was seen.

The market moves while we look at it, so no step depends on what it does meanwhile: an order that is
to fill in part is for more than the book has near its price, and of two stops on either side of the
market one is reached wherever it goes.
"""

import threading
import time
from decimal import Decimal

from omnivenue.cli.demo.acting import (
    BINANCE,
    BYBIT,
    OKX,
    TRIES,
    WAIT_SECONDS,
    Row,
    Step,
    expect,
    moved,
    order,
    until,
)
from omnivenue.cli.demo.money import accounts, flat
from omnivenue.cli.demo.routed import recording, smart, twap
from omnivenue.cli.demo.stage import Failed, Stage
from omnivenue.client import Client, Invalid, OmnivenueError, Refused
from omnivenue.venue.sim import Fault, Target

LEVELS_TAKEN = 5
STOP_AWAY = Decimal(2)  # USDT: less than a second of the market's moves
BURST = 30
BURST_CLIENTS = 3


def market_order(_: Stage, client: Client) -> str:
    shown = client.market(BINANCE)
    client.submit(order(BINANCE, "buy", "0.3", id="demo-market"))
    row = until(client, "demo-market", "FILLED")
    return (
        f"0.3 BTC at {row['avg_px']} on the recorded market, which showed {shown['bids'][0][0]} to "
        f"{shown['asks'][0][0]}; fee {row['fees'][0]['amount']} {row['fees'][0]['asset']}"
    )


def limit_order(_: Stage, client: Client) -> str:
    price = moved(client.market(OKX)["bids"][0][0], percent="-1")
    client.submit(order(OKX, "buy", "0.5", price, id="demo-limit"))
    row = until(client, "demo-limit", "ACCEPTED")
    return f"0.5 BTC at {price} rests as {row['venue_order_id']}"


def replace(_: Stage, client: Client) -> str:
    before = client.find_order("demo-limit")
    price = moved(before["price"], percent="-0.5")
    client.replace("demo-limit", qty="0.4", price=price, key="demo-replace")
    asked = client.wait("demo-replace", WAIT_SECONDS)
    row = client.find_order("demo-limit")
    expect((asked["status"], row["qty"], row["price"]) == ("ACCEPTED", "0.4", price), row)
    expect(row["venue_order_id"] == before["venue_order_id"], row)
    return f"now 0.4 BTC at {price}, as {row['venue_order_id']} still"


def partial_fill(_: Stage, client: Client) -> str:
    """Some levels into the book, for more than all of them."""
    for n in range(TRIES):  # the book may have moved away before the order came
        asks = client.market(BYBIT)["asks"][:LEVELS_TAKEN]
        px = asks[-1][0]
        key, qty = f"demo-partial-{n}", str(sum(Decimal(shown) for _, shown in asks) * 3)
        client.submit(order(BYBIT, "buy", qty, px, id=key))
        row = until(client, key, "PARTIALLY_FILLED", "ACCEPTED", "FILLED")
        client.submit({"kind": "cancel", "id": f"{key}-cancel", "order_id": key})
        done = until(client, key, "CANCELLED", "FILLED")
        if row["status"] == "PARTIALLY_FILLED" and done["status"] == "CANCELLED":
            return f"{done['cum_qty']} of {qty} BTC traded at {px}, the rest was cancelled"
    raise Failed("no order was filled in part")


def cancel_race(stage: Stage, client: Client) -> str:
    """The exchange fills the order before it reads our cancel."""
    stage.plan("OKX", Fault.FILL_BEFORE_CANCEL, Target.CANCEL_ORDER)
    client.submit({"kind": "cancel", "id": "demo-race", "order_id": "demo-limit"})
    row = until(client, "demo-limit", "FILLED")
    asked = client.instruction("demo-race")
    expect(asked["status"] == "FILLED", asked)
    return f"cancelled too late: {row['cum_qty']} BTC had traded, and that is what counts"


def refusal(_: Stage, client: Client) -> str:
    try:
        client.submit(order(BYBIT, "buy", "30", "70000", id="demo-refused"))
    except Refused as refused:
        row = client.find_order("demo-refused")
        expect(row["status"] == "REJECTED", row)
        reasons = [
            f"{r['code']} {r['message']}: {r['value']} > {r['limit']}" for r in refused.reasons
        ]
        expect(len(reasons) >= 3, reasons)
        return "; ".join(reasons)
    raise Failed("30 BTC at 70000 were taken")


def repeated_key(_: Stage, client: Client) -> str:
    again = client.submit(order(BINANCE, "buy", "0.3", id="demo-market"))
    expect(again["order_id"] == "demo-market", again)
    try:
        client.submit(order(BINANCE, "buy", "0.4", id="demo-market"))
    except (Invalid, Refused) as refused:
        fills = [f for f in client.fills() if f["order_id"] == "demo-market"]
        expect(sum(Decimal(f["qty"]) for f in fills) == Decimal("0.3"), fills)
        return f"the same key and body: the same answer; another body: {refused.code}"
    raise Failed("one key was taken for two orders")


def stop(_: Stage, client: Client) -> str:
    """One on either side of the market, in a group: the first that is reached trades, and ends the
    other. These venues keep no stops, so it is we who watch."""
    market = client.market(BYBIT)
    above, below = market["asks"][0][0], market["bids"][0][0]
    for side, px, by in (("buy", above, STOP_AWAY), ("sell", below, -STOP_AWAY)):
        waits = order(BYBIT, side, "0.1", id=f"demo-stop-{side}", oco="demo-straddle")
        waits |= {"type": "stop", "stop_price": str(Decimal(px) + by), "trigger_by": "mark"}
        client.submit(waits)
    client.wait("demo-stop-buy", WAIT_SECONDS)
    client.wait("demo-stop-sell", WAIT_SECONDS)
    rows = [client.find_order(f"demo-stop-{side}") for side in ("buy", "sell")]
    done = [row for row in rows if row["status"] == "FILLED"]
    expect(bool(done) and all(row["status"] in ("FILLED", "CANCELLED") for row in rows), rows)
    row = done[0]
    other = ", and the other was cancelled" if len(done) == 1 else ", and so was the other"
    return f"{row['side']} stop at {row['stop_price']} reached: traded at {row['avg_px']}{other}"


def bracket(_: Stage, client: Client) -> str:
    bid = client.market(OKX)["bids"][0][0]
    profit, loss = moved(bid, percent="2"), moved(bid, percent="-2")
    entry = order(OKX, "buy", "0.05", id="demo-bracket")
    entry |= {"take_profit": {"price": profit}, "stop_loss": {"stop_price": loss}}
    client.submit(entry)
    until(client, "demo-bracket", "FILLED")
    until(client, "demo-bracket~tp", "ACCEPTED")
    until(client, "demo-bracket~sl", "PENDING")
    nearer = moved(client.market(OKX)["bids"][0][0], percent="-0.1")
    client.replace("demo-bracket~tp", price=nearer, key="demo-bracket-nearer")
    sold = until(client, "demo-bracket~tp", "FILLED")
    ended = until(client, "demo-bracket~sl", "CANCELLED")
    expect(ended["reason"] == "OCO", ended)
    return (
        f"0.05 BTC bought, exits armed at {profit} and {loss}; the profit's moved to {nearer}, "
        f"which traded at {sold['avg_px']} and ended the other"
    )


def kill_switch(_: Stage, client: Client) -> str:
    price = moved(client.market(OKX)["bids"][0][0], percent="-6")  # no market order goes so far
    client.submit(order(OKX, "buy", "0.1", price, id="demo-before"))
    until(client, "demo-before", "ACCEPTED")
    began = time.monotonic()
    client.kill("global", "to show it")
    row = until(client, "demo-before", "CANCELLED")
    millis = int((time.monotonic() - began) * 1_000)
    expect(row["reason"] == "KILLED", row)
    try:
        client.submit(order(OKX, "buy", "0.1", price, id="demo-killed"))
    except Refused as refused:
        code, status = refused.code, refused.status
    else:
        raise Failed("an order was taken while trading was stopped")
    expect(client.rearm("global", "it was shown")["state"] == "ACTIVE", "it is not armed")
    client.submit(order(OKX, "buy", "0.1", price, id="demo-after"))
    until(client, "demo-after", "ACCEPTED")
    return (
        f"all cancelled in {millis} ms, a new order refused with {code} ({status}); armed again "
        "after every venue was reconciled, the next one rests"
    )


def timeout(stage: Stage, client: Client) -> str:
    """Executed, and not a word of it: the order is UNKNOWN until its venue answers a question. The
    first question is lost too, so that there is something to see."""
    stage.plan("BYBIT", Fault.TIMEOUT_EXECUTED, Target.NEW_ORDER)
    stage.plan("BYBIT", Fault.TIMEOUT_LOST, Target.QUERY_ORDERS)
    client.submit(order(BYBIT, "sell", "0.2", id="demo-timeout"))
    began = time.monotonic()
    until(client, "demo-timeout", "UNKNOWN", "FILLED")
    row = until(client, "demo-timeout", "FILLED")
    seconds = time.monotonic() - began
    moments = [m["type"] for m in client.instruction("demo-timeout")["timeline"]]
    expect("mark_unknown" in moments, moments)
    return f"UNKNOWN, asked about, {row['status']} at {row['avg_px']}: {seconds:.1f} s, sent once"


def kill_nine(stage: Stage, client: Client) -> str:
    """SIGKILL under load; whoever got no answer asks again with the same key. An order that was
    written down and had not left when the process died is proven never placed, and says so."""
    client.close()
    burst = Burst(stage)
    burst.run_until_killed()
    seconds = stage.start_server()
    with stage.client() as again:
        for body in burst.bodies:
            again.submit(body)
        ended = [until(again, body["id"], "FILLED", "REJECTED") for body in burst.bodies]
    filled = [row for row in ended if row["status"] == "FILLED"]
    reasons = {row["reason"] for row in ended if row["status"] == "REJECTED"}
    expect(reasons <= {"LOST_NOT_PLACED"}, reasons)
    return (
        f"killed with {len(burst.acknowledged)} of {BURST} orders acknowledged, reconciled "
        f"{seconds:.1f} s after the restart; {len(filled)} executed once, "
        f"{BURST - len(filled)} proven never placed"
    )


class Burst:
    """Some clients at once, who remember who got an answer."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.bodies = [
            order(
                (BINANCE, BYBIT, OKX)[n % 3], ("buy", "sell")[n % 2], "0.05", id=f"demo-burst-{n}"
            )
            for n in range(BURST)
        ]
        self.acknowledged: list[str] = []
        self._half = threading.Event()

    def run_until_killed(self) -> None:
        threads = [
            threading.Thread(target=self._submit, args=(self.bodies[n::BURST_CLIENTS],))
            for n in range(BURST_CLIENTS)
        ]
        for thread in threads:
            thread.start()
        expect(self._half.wait(WAIT_SECONDS), "the burst does not get on")
        self._stage.kill_server()
        for thread in threads:
            thread.join()

    def _submit(self, bodies: list[Row]) -> None:
        with self._stage.client() as client:
            for body in bodies:
                try:
                    client.submit(body)
                except OmnivenueError:
                    return
                self.acknowledged.append(body["id"])
                if len(self.acknowledged) >= BURST // 2:
                    self._half.set()


def cancel_all(stage: Stage, _: Client) -> str:
    with stage.client() as client:
        client.submit({"kind": "cancel_all", "id": "demo-flat"})
        done = client.wait("demo-flat", WAIT_SECONDS)
        words = {row["status"] for row in client.orders()}
    expect(words <= {"FILLED", "CANCELLED", "REJECTED"}, words)
    return f"{done['status']}: no order works any more"


STEPS: list[tuple[str, Step]] = [
    ("market order", market_order),
    ("limit order", limit_order),
    ("replace", replace),
    ("partial fill", partial_fill),
    ("cancel race", cancel_race),
    ("refusal", refusal),
    ("repeated key", repeated_key),
    ("SMART", smart),
    ("TWAP", twap),
    ("recording", recording),
    ("stop and OCO", stop),
    ("bracket", bracket),
    ("kill switch", kill_switch),
    ("timeout", timeout),
    ("kill -9", kill_nine),
    ("cancel all", cancel_all),
    ("flat", flat),
    ("accounts", accounts),
]
