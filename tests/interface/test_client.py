"""The Python client of docs/interface.md: each method of it, awaited and not, with the arguments
that stand there."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import omnivenue.client
from interface import page
from interface.desk import Desk, key
from interface.shape import misfits
from interface.test_calls import ACCEPTED, MARKET, ORDER, RISK, ROWS, STATE_ROW, member
from omnivenue.client import AsyncClient, Client, OmnivenueError
from servers import BYBIT, resting

METHODS = page.methods()
TERMS = {"instrument": BYBIT, "side": "buy", "qty": "0.01", "price": "50000"}

type Use = Callable[[Any, Desk], Any]

CALLED: dict[str, tuple[Use, Callable[[Any], bool]]] = {
    "submit": (lambda c, _: c.submit(resting(key())), lambda d: fits(ACCEPTED, d)),
    "submit_many": (
        lambda c, _: c.submit_many([resting(key()), resting(key())]),
        lambda d: [each["status"] for each in d] == [202, 202],
    ),
    "order": (lambda c, _: c.order(**TERMS), lambda d: fits(ACCEPTED, d)),
    "instruction": (lambda c, _: c.instruction(id="traded"), lambda d: d["status"] == "FILLED"),
    "orders": (lambda c, _: c.orders(venue="BYBIT"), lambda d: all(fits(ORDER, r) for r in d)),
    "fills": (lambda c, _: c.fills(), lambda d: d[0]["order_id"] == "traded"),
    "positions": (lambda c, _: c.positions(), lambda d: fits(ROWS["position"], d[0])),
    "balances": (lambda c, _: c.balances(), lambda d: fits(ROWS["balance"], d[0])),
    "pnl": (lambda c, _: c.pnl(), lambda d: fits(ROWS["pnl"], d)),
    "risk": (lambda c, _: c.risk(), lambda d: fits(member(RISK, "risk"), d)),
    "venues": (lambda c, _: c.venues(), lambda d: len(d) == 4),
    "cancel": (lambda c, d: c.cancel(order_id=d.order()), lambda d: fits(ACCEPTED, d)),
    "replace": (
        lambda c, d: c.replace(d.order(), qty=None, price="50100"),
        lambda d: fits(ACCEPTED, d),
    ),
    "kill": (
        lambda c, _: c.kill(scope="strategy:client", reason="an example"),
        lambda d: fits(STATE_ROW, d) and d["state"] == "KILLED",
    ),
    "rearm": (
        lambda c, _: c.rearm(scope="strategy:client", reason="an example"),
        lambda d: fits(STATE_ROW, d),
    ),
    "wait": (lambda c, _: c.wait(id="traded", timeout=30), lambda d: d["status"] == "FILLED"),
    "cancel_all": (lambda c, _: c.cancel_all(strategy_id="x"), lambda d: fits(ACCEPTED, d)),
    "find_order": (lambda c, _: c.find_order(order_id="traded"), lambda d: fits(ORDER, d)),
    "instruments": (lambda c, _: c.instruments(venue="OKX"), lambda d: len(d) == 2),
    "market": (lambda c, _: c.market(instrument=BYBIT), lambda d: fits(MARKET, d)),
    "health": (lambda c, _: c.health(), lambda d: d["mode"] == "PAPER"),
    "set_limits": (
        lambda c, _: c.set_limits(
            [{"scope": "strategy:client", "name": "order_qty", "limit": None}], reason="x"
        ),
        lambda d: fits(member(RISK, "risk"), d),
    ),
    "reconcile": (lambda c, _: c.reconcile(venue="OKX"), lambda d: fits(ROWS["venue"], d[0])),
    "adjust": (
        lambda c, _: c.adjust(venue="OKX", asset="USDT", amount="1", reason="x"),
        lambda d: fits(ACCEPTED, d),
    ),
    "call": (
        lambda c, _: c.call("GET", "/stats", document=None),
        lambda d: d["mode"] == "PAPER",
    ),
}


def fits(shape: Any, found: Any) -> bool:
    return misfits(shape, found) == []


def test_the_page_tells_every_method_and_no_other() -> None:
    assert set(CALLED) == set(METHODS) - {"stream"}
    own = {name for name, _ in inspect.getmembers(Client, inspect.isfunction)}
    assert {name for name in own if not name.startswith("_")} == set(METHODS) | {"close", "listing"}


@pytest.mark.parametrize("name", sorted(METHODS))
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_its_arguments_are_those_of_the_page(kind: Any, name: str) -> None:
    has = inspect.signature(getattr(kind, name)).parameters
    own = [each for each in has.values() if each.kind is not inspect.Parameter.KEYWORD_ONLY]
    told = [arg.partition("=")[::2] for arg in METHODS[name]]
    for (arg, default), got in zip(told, own[1:], strict=False):
        if arg.startswith("**"):
            assert got.kind is inspect.Parameter.VAR_KEYWORD
        elif name not in {"submit", "submit_many"}:  # there the page tells what they are
            assert got.name == arg
        assert default == "" or str(got.default) == default


@pytest.mark.parametrize("name", sorted(CALLED))
def test_a_method_does_what_the_page_says(desk: Desk, name: str) -> None:
    use, is_right = CALLED[name]
    with desk.client() as client:
        found = use(client, desk)
    assert is_right(found), found


def test_the_same_methods_are_awaited(desk: Desk) -> None:
    async def scene() -> None:
        async with AsyncClient(desk.server.url, desk.home.token) as client:
            for name, (use, is_right) in CALLED.items():
                found = await use(client, desk)
                assert is_right(found), (name, found)
            async for message in client.stream(topics=["orders"], from_seq=0):
                assert message["type"] == "order"
                return

    asyncio.run(scene())


def test_a_stream_is_an_iterator(desk: Desk) -> None:
    with desk.client() as client:
        assert next(client.stream(topics=["fills"], from_seq=0))["order_id"] == "traded"


def test_its_errors_are_those_of_the_page() -> None:
    (line,) = [each for each in page.section(4).splitlines() if each.startswith("Python (")]
    told = line.partition("Errors are ")[2].partition(", all of")[0]
    names = [name.strip("`").partition("(")[0] for name in told.replace(", ", " ").split()]
    found = [getattr(omnivenue.client, name) for name in names if name[0].isupper()]
    assert len(found) == 5
    assert all(issubclass(each, OmnivenueError) for each in found)
