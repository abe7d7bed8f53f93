"""The end of the day: everything is sold, and what was earned must be what the fills say.

Who holds nothing needs no mark to know what he has: then profit and loss is what was received less
what was paid, and comes out the same from the fills, from the ledger, and from what lies at the
exchanges. To the last unit, or it is our fault.
"""

import time
from collections.abc import Iterable, Mapping
from decimal import Decimal

from omnivenue.cli.demo.acting import WAIT_SECONDS, Row, in_lots, order, shown, until_quoted
from omnivenue.cli.demo.stage import Failed, Stage, Wrong
from omnivenue.client import Client
from omnivenue.model import AccountID, AssetID, VenueID, exponent
from omnivenue.venue.sim.back_office import BackOffice

type Balances = Mapping[AccountID, Mapping[VenueID, Mapping[AssetID, int]]]

MONEY = AssetID("USDT")
SMALLEST = Decimal("0.001")  # BTC: more than any venue asks for


def flat(stage: Stage, _: Client) -> str:
    """Against whoever is there, and no more than half of it at a time: a book that is sold out has
    no price. Others come back to it within some tenths of a second."""
    sent, deadline = 0, time.monotonic() + 2 * WAIT_SECONDS
    with stage.client() as client:
        while held := [row for row in client.positions() if row["side"] != "flat"]:
            if time.monotonic() > deadline:
                raise Failed(f"still held: {held}")
            for row in held:
                side, of_it = ("sell", "bids") if row["side"] == "long" else ("buy", "asks")
                market = until_quoted(client, row["instrument"])
                qty = part_of(Decimal(row["qty"]), shown(market, of_it) / 2)
                if not qty:
                    continue
                sent += 1
                client.submit(order(row["instrument"], side, f"{qty:f}", id=f"demo-flat-{sent}"))
                client.wait(f"demo-flat-{sent}", WAIT_SECONDS)
            time.sleep(0.1)
    return f"{sent} market orders, and no position anywhere"


def part_of(held: Decimal, most: Decimal) -> Decimal:
    """In lots, and so that what is left can be sold, too; 0 where there is nobody to speak of."""
    if held <= most:
        return held
    if most < SMALLEST:
        return Decimal(0)
    return in_lots(most if held - most > SMALLEST else held / 2)


def accounts(stage: Stage, _: Client) -> str:
    with stage.client() as client:
        fills, pnl = client.fills(), client.pnl()
    stage.pnl = Decimal(pnl["total"])
    check_pnl(fills, pnl)
    by_venue = ", ".join(f"{row['venue']} {short(row['total'])}" for row in pnl["by_venue"])
    return (
        f"{len(fills)} fills come to {short(pnl['total'])} USDT, {short(pnl['fees'])} of fees "
        f"paid, and so says the ledger; {by_venue}"
    )


def check_pnl(fills: Iterable[Row], pnl: Row) -> None:
    """Of who holds nothing any more. Raises Wrong."""
    traded = {"buy": Decimal(0), "sell": Decimal(0)}
    fees = Decimal(0)
    for fill in fills:
        traded[fill["side"]] += Decimal(fill["qty"]) * Decimal(fill["px"])
        fees += Decimal(fill["fee"])
    total = traded["sell"] - traded["buy"] - fees + Decimal(pnl["funding"])
    said = (Decimal(pnl["total"]), Decimal(pnl["fees"]), Decimal(pnl["unrealized"]))
    if said != (total, fees, 0):
        raise Wrong(f"the fills come to {total}, {fees} of it fees; the ledger says {pnl}")


def check_balances(start: Balances, offices: Iterable[BackOffice], pnl: Decimal) -> None:
    """What lies at the exchanges, by their own records, is what was put there and was earned; of
    what was traded, as much as there was. Raises Wrong."""
    earned = 0
    for office in offices:
        for account, balances in office.balances.items():
            before = start[account][office.venue_id]
            for asset, amount in balances.items():
                more = amount - before.get(asset, 0)
                if asset == MONEY:
                    earned += more
                elif more:
                    raise Wrong(f"{office.venue_id} holds {more} atoms of {asset} more than before")
    if Decimal(earned).scaleb(-exponent(MONEY)) != pnl:
        raise Wrong(f"{earned} atoms of {MONEY} more at the exchanges, and a profit of {pnl}")


def short(amount: str) -> str:
    return f"{Decimal(amount):.2f}"
