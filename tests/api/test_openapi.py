"""The document of the interface: what it names is what is read and served, and no more."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api_scene import Client, running
from omnivenue.api.openapi import bodies, document
from omnivenue.api.openapi.calls import CALLS
from omnivenue.api.pages import STYLE
from omnivenue.api.routes import ROUTES
from omnivenue.wire import instruction as wire
from omnivenue.wire.algo import TWAP_FIELDS
from omnivenue.wire.terms import EXIT_FIELDS

READ: list[tuple[type[msgspec.Struct], tuple[str, ...]]] = [
    (bodies.Order, wire.ORDER_FIELDS),
    (bodies.Cancel, wire.CANCEL_FIELDS),
    (bodies.Pause, wire.CANCEL_FIELDS),
    (bodies.Resume, wire.CANCEL_FIELDS),
    (bodies.CancelAll, wire.CANCEL_ALL_FIELDS),
    (bodies.Replace, wire.REPLACE_FIELDS),
    (bodies.Adjustment, wire.ADJUSTMENT_FIELDS),
    (bodies.TakeProfit, EXIT_FIELDS["take_profit"]),
    (bodies.StopLoss, EXIT_FIELDS["stop_loss"]),
    (bodies.Twap, TWAP_FIELDS),
]


@pytest.mark.parametrize(("told", "read"), READ)
def test_a_body_has_the_members_that_are_read(
    told: type[msgspec.Struct], read: tuple[str, ...]
) -> None:
    tag = told.__struct_config__.tag_field
    assert {*told.__struct_fields__, *([tag] if tag else [])} == set(read)


def test_every_kind_that_is_built_is_told() -> None:
    tags = [kind.__struct_config__.tag for kind in bodies.Instruction.__args__]
    assert sorted(map(str, tags)) == sorted(wire.KINDS)


def test_every_route_is_told_and_nothing_else() -> None:
    assert set(CALLS) == {route.name for route in ROUTES if route.name}
    paths: dict[str, Any] = document()["paths"]
    told = {(method.upper(), path) for path, calls in paths.items() for method in calls}
    assert told == {(route.method, route.path) for route in ROUTES}


def test_pages_are_public_and_fetch_nothing_from_elsewhere(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            stranger = Client(world.app)
            assert await stranger.get("/openapi.json") == document()
            for path in ("/", "/docs"):
                reply = await stranger.call("GET", path)
                assert reply.headers["content-type"] == "text/html; charset=utf-8"
                policy = reply.headers["content-security-policy"]
                assert policy.startswith("default-src 'self'; style-src 'sha256-")
                assert STYLE in reply.document
                assert "http" not in reply.document.lower().replace("http-equiv", "")
                assert "<script" not in reply.document
            for route in ROUTES:
                assert f"<td>{route.method} {route.path}</td>" in reply.document

    asyncio.run(scene())
