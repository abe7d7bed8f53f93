"""A tick and a lot that change in the file: both sides count the old orders in the old grid."""

from decimal import Decimal

from omnivenue.client import Client
from servers import BYBIT, CONFIGURATION, Home, at_market, eventually, resting

RELISTED = f"""
[[venues.BYBIT.instruments]]
instrument = "{BYBIT}"
lot = "0.001"
tick = "0.1"
"""


def filled(client: Client, key: str) -> dict[str, object]:
    def ended() -> dict[str, object] | None:
        row = client.find_order(key)
        assert row["status"] != "REJECTED", row
        return row if row["status"] == "FILLED" else None

    return eventually(ended)


def test_a_new_grid_changes_no_old_order_and_no_balance(home: Home) -> None:
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(at_market("before"))
        before = filled(client, "before")
        client.submit(resting("rests"))
        eventually(lambda: client.find_order("rests")["status"] == "ACCEPTED")
    server.stop()

    home.config.write_text(CONFIGURATION.replace("[venues.OKX]", f"{RELISTED}[venues.OKX]"))
    server = home.serve().healthy()
    with server.client() as client:
        now = client.find_order("before")
        assert now | {"updated_at": ""} == before | {"updated_at": ""}  # it was heard of again
        assert client.find_order("rests")["status"] == "ACCEPTED"
        client.submit(at_market("after"))
        filled(client, "after")
        client.cancel("rests", key="enough")
        eventually(lambda: client.find_order("rests")["status"] == "CANCELLED")
        fills = client.fills(venue="BYBIT")
        paid = sum(Decimal(f["qty"]) * Decimal(f["px"]) + Decimal(f["fee"]) for f in fills)
        totals = {
            b["asset"]: Decimal(b["total"]) for b in client.balances() if b["venue"] == "BYBIT"
        }
    assert totals["BTC"] == Decimal("20.02")
    assert totals["USDT"] == 1_000_000 - paid
