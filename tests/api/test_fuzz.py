"""Whatever bytes come in, an error document goes out, and the journal holds only what it must."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_scene import PAIR, Reply, order, running

WORDS = st.sampled_from(["k", "order", "cancel", "buy", PAIR, "0.5", "59000", "main", "gtc", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["kind", "id", "account", "instrument", "side", "qty", "type", "price", "tif", "order_id"]
)
BODIES = st.dictionaries(FIELDS | st.text(), VALUES, max_size=6)


def post(path: str, body: object, headers: dict[str, str]) -> tuple[Reply, int]:
    """The answer, and how many entries it cost."""

    async def scene() -> tuple[Reply, int]:
        with TemporaryDirectory() as folder:
            async with running(Path(folder) / "paper") as world:
                before = len(world.lines)
                reply = await world.client().call("POST", path, body, headers)
                return reply, len(world.lines) - before

    return asyncio.run(scene())


@pytest.mark.holds("T54", "T61", "T63")
@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=200) | BODIES.map(msgspec.json.encode))
def test_any_body_gets_an_answer(raw: bytes) -> None:
    reply, _ = post("/v1/instructions", raw, {"idempotency-key": "k"})
    assert reply.status in {400, 404, 413, 422, 501}
    assert reply.document["error"]["code"]


@pytest.mark.holds("I1", "T32")
@settings(max_examples=60, deadline=None)
@given(changes=st.dictionaries(FIELDS, VALUES | WORDS, max_size=3))
def test_what_is_not_taken_leaves_no_trace(changes: dict[str, Any]) -> None:
    reply, entries = post("/v1/instructions", order("k") | changes, {})
    if reply.status == 202:
        assert entries >= 1
    else:
        assert reply.status in {400, 404, 422, 501}
        is_core = reply.code.startswith(("RISK-", "ORD-"))
        assert (entries > 0) == is_core


@settings(max_examples=40, deadline=None)
@given(path=st.text(max_size=30), query=st.text(max_size=30), key=st.text(max_size=10))
def test_any_path_and_query_get_an_answer(path: str, query: str, key: str) -> None:
    async def scene() -> None:
        with TemporaryDirectory() as folder:
            async with running(Path(folder) / "paper", is_open=False) as world:
                sent = {"idempotency-key": key.encode("latin-1", "replace").decode("latin-1")}
                quoted = query.encode("latin-1", "replace").decode("latin-1")
                for found in (f"/{path}", f"/v1/orders/{path}", f"/v1/market/{path}"):
                    reply = await world.client().call("GET", f"{found}?{quoted}", headers=sent)
                    assert reply.status in {200, 404, 405, 422, 501, 503}

    asyncio.run(scene())
