"""What orders can be, at real exchanges in processes of their own: stops that a venue keeps or that
we watch for, brackets, groups, replaces; and stopping all of it and going on."""

import json
from typing import Any

import pytest

from omnivenue.client import Client, OmnivenueError, Refused
from servers import BYBIT, Home, eventually, resting

FUTURES = "BINANCE-FUTURES:PERPETUAL:BTC-USDT"
CONFIGURATION = """
mode = "paper"
[accounts.main]
venues = ["BYBIT", "BINANCE-FUTURES"]
[venues.BYBIT]
kind = "sim"
[venues.BINANCE-FUTURES]
kind = "sim"
"""


@pytest.fixture
def client(home: Home) -> Any:
    home.config.write_text(CONFIGURATION)
    server = home.serve().healthy()
    with server.client() as found:
        yield found


def order(key: str, **more: Any) -> dict[str, Any]:
    return {"kind": "order", "id": key, "instrument": BYBIT, "side": "buy", "qty": "0.01"} | more


def comes_to(client: Client, key: str, *words: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = client.find_order(key)
        return found if found["status"] in words else None

    return eventually(look)


def px(client: Client, away: int, instrument: str = BYBIT) -> str:
    """So many whole USDT from the middle of the market."""
    market = eventually(lambda: (m := client.market(instrument)) and m["bids"] and m)
    return f"{int(float(market['bids'][0][0])) + away}"


@pytest.mark.parametrize("instrument", [BYBIT, FUTURES])
def test_a_stop_waits_and_is_an_order_when_its_price_has_come(
    client: Client, instrument: str
) -> None:
    """Its venue keeps it where it can, else we watch the market: a user sees no difference."""
    far = order("far", instrument=instrument, type="stop", stop_price=px(client, 20_000))
    client.submit(far)
    waiting = comes_to(client, "far", "PENDING", "ACCEPTED")
    assert (waiting["triggered"], waiting["cum_qty"]) == (False, "0")
    near = px(client, -1_000, instrument)  # a buy stop below the market: its price has come
    client.submit(order("near", instrument=instrument, type="stop", stop_price=near))
    done = comes_to(client, "near", "FILLED")
    assert (done["triggered"], done["type"]) == (True, "stop")
    client.cancel("far")
    assert comes_to(client, "far", "CANCELLED")["cum_qty"] == "0"


def test_a_bracket_arms_its_exits_and_one_of_them_ends_the_other(client: Client) -> None:
    ends = {
        "take_profit": {"price": px(client, 3_000)},
        "stop_loss": {"stop_price": px(client, -3_000)},
    }
    client.submit(order("b1", **ends))
    assert comes_to(client, "b1", "FILLED")["exits"] == ["b1~tp", "b1~sl"]
    resting_one = comes_to(client, "b1~tp", "ACCEPTED")
    assert (resting_one["parent_id"], resting_one["qty"]) == ("b1", "0.01")
    assert comes_to(client, "b1~sl", "PENDING")["stop_price"] == ends["stop_loss"]["stop_price"]
    client.replace("b1~tp", price=px(client, -500))  # it crosses the market, and so it fills
    assert comes_to(client, "b1~tp", "FILLED")["cum_qty"] == "0.01"
    stopped = comes_to(client, "b1~sl", "CANCELLED", "FILLED")
    assert (stopped["cum_qty"], stopped["leaves_qty"]) == ("0", "0")
    (position,) = client.positions(instrument=BYBIT)
    assert position["side"] == "flat"
    found = client.instruction("b1")
    assert [each["id"] for each in found["orders"]] == ["b1", "b1~tp", "b1~sl"]
    assert {fill["order_id"] for fill in found["fills"]} == {"b1", "b1~tp"}


def test_a_replace_changes_price_and_quantity_and_one_of_a_finished_order_is_refused(
    client: Client,
) -> None:
    client.submit(resting("k1"))
    comes_to(client, "k1", "ACCEPTED")
    answer = client.replace("k1", qty="0.02", price="51000")
    assert answer["order_id"] == "k1"
    assert client.wait(answer["id"], 10)["status"] == "ACCEPTED"
    changed = client.find_order("k1")
    assert (changed["qty"], changed["price"], changed["pending"]) == ("0.02", "51000", None)
    client.cancel("k1")
    comes_to(client, "k1", "CANCELLED")
    with pytest.raises(Refused) as told:
        client.replace("k1", price="52000")
    assert (told.value.status, told.value.code) == (422, "ORD-001")


def test_one_of_a_group_ends_the_others(client: Client) -> None:
    client.submit(order("o1", price="50000", oco="pair"))
    comes_to(client, "o1", "ACCEPTED")
    client.submit(order("o2", price=px(client, 500), oco="pair"))
    assert comes_to(client, "o2", "FILLED")
    assert comes_to(client, "o1", "CANCELLED")["reason"] == "OCO"


@pytest.mark.covers("P5", "X4")
@pytest.mark.holds("I16")
def test_kill_cancels_all_and_rearm_goes_on(client: Client, home: Home) -> None:
    client.submit(resting("k1"))
    client.submit(order("s1", type="stop", stop_price=px(client, 20_000)))
    comes_to(client, "k1", "ACCEPTED")
    row = client.kill("global", "enough")
    assert (row["state"], row["reason"]) == ("KILLED", "enough")
    assert comes_to(client, "k1", "CANCELLED")["reason"] == "KILLED"
    assert comes_to(client, "s1", "CANCELLED")["reason"] == "KILLED"
    with pytest.raises(Refused) as told:
        client.submit(resting("k2"))
    assert (told.value.status, told.value.code) == (423, "RISK-013")
    assert client.health()["status"] == "halted"
    assert json.loads((home.paper / "KILL").read_text())["reason"] == "enough"
    row = client.rearm("global", "looked at it")
    assert row["state"] == "ACTIVE"
    assert not (home.paper / "KILL").exists()
    with pytest.raises(OmnivenueError):
        client.submit(resting("k2"))  # its key has its answer for ever
    client.submit(resting("k3"))
    assert comes_to(client, "k3", "ACCEPTED")
