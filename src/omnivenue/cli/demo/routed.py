"""Orders that are more than one: over venues, over time, and over kinds of instruments."""

from decimal import Decimal
from typing import Any

from omnivenue.cli.demo.acting import (
    BINANCE,
    BYBIT,
    OKX,
    SMART,
    TRIES,
    WAIT_SECONDS,
    Row,
    expect,
    in_lots,
    order,
    shown,
    until_quoted,
)
from omnivenue.cli.demo.stage import PERPETUAL, RECORDINGS, Failed, Stage
from omnivenue.client import Client

QTY_MAX = Decimal(14)  # BTC: below the limit on one order
SLICES = 6


def smart(_: Stage, client: Client) -> str:
    """For more than any two of the venues show, so that it takes all three. Now bought, now sold:
    the books may have moved away before the order came."""
    for n in range(TRIES):
        side, of_it = (("buy", "asks"), ("sell", "bids"))[n % 2]
        books = [shown(until_quoted(client, each), of_it) for each in (BINANCE, BYBIT, OKX)]
        qty = in_lots(min(QTY_MAX, sum(books, -min(books) / 2)))
        whole, parts, timeline = done(client, order(SMART, side, str(qty), id=f"demo-smart-{n}"))
        traded = [part for part in parts if Decimal(part["cum_qty"])]
        if whole["status"] == "FILLED" and len({part["venue"] for part in traded}) == len(books):
            route = next(moment for moment in timeline if moment["type"] == "route")
            expect(len(route["legs"]) == len(books), route)
            return f"{side} {whole['qty']} BTC at {average(whole)}: {'; '.join(map(leg, traded))}"
    raise Failed("no order was split over all three venues")


def twap(_: Stage, client: Client) -> str:
    """Slices of one order, each over whichever venue is the best by then."""
    body = order(SMART, "sell", "1.2", id="demo-twap")
    body["algo"] = {"name": "twap", "horizon_secs": SLICES // 2, "interval_secs": "0.5"}
    whole, parts, timeline = done(client, body)
    began = [moment for moment in timeline if moment["type"] == "begin_slice"]
    expect((whole["status"], len(began)) == ("FILLED", SLICES), (whole, timeline))
    return (
        f"sell {whole['qty']} BTC in {SLICES} slices, {len(parts)} orders in all, "
        f"at {average(whole)}"
    )


def recording(stage: Stage, client: Client) -> str:
    """One order over a spot pair and a perpetual, on what both really did in the same minutes."""
    if not stage.has_recordings:
        return (
            f"skipped: there are no whole recordings in {RECORDINGS}; BINANCE-SPOT trades on the "
            "two minutes that come with the program"
        )
    candidates = [BINANCE, PERPETUAL]
    for n in range(TRIES):
        books = [shown(until_quoted(client, each), "asks") for each in candidates]
        qty = in_lots(min(QTY_MAX, sum(books, -min(books) / 2)))
        body = order(SMART, "buy", str(qty), id=f"demo-recorded-{n}", candidates=candidates)
        whole, parts, _ = done(client, body)
        traded = [part for part in parts if Decimal(part["cum_qty"])]
        if len({part["instrument"] for part in traded}) == len(candidates):
            return f"buy {whole['cum_qty']} BTC at {average(whole)}: {'; '.join(map(leg, traded))}"
    raise Failed("no order was split over spot and perpetual")


def done(client: Client, body: Row) -> tuple[Row, list[Row], list[dict[str, Any]]]:
    """What became of it, of its parts, and how. The parts are all of the whole and no more."""
    client.submit(body)
    found = client.wait(body["id"], WAIT_SECONDS)
    whole, *parts = found["orders"]
    traded = sum(Decimal(part["cum_qty"]) for part in parts)
    expect(traded == Decimal(whole["cum_qty"]) <= Decimal(whole["qty"]), found)
    return whole, parts, found["timeline"]


def average(row: Row) -> str:
    return f"{Decimal(row['avg_px']):.2f}"


def leg(part: Row) -> str:
    return f"{part['cum_qty']} {part['venue']} at {average(part)}"
