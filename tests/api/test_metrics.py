"""`/metrics`, read by Prometheus's own parser: what happened is counted, by the names that the docs
promise."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api_scene import BYBIT, PAIR, SPOT, World, order, running, until
from omnivenue.api import Scope
from omnivenue.model import InstrumentID
from omnivenue.telemetry import STAGES

DOCS = Path(__file__).parents[2] / "docs" / "observability.md"
P = "omnivenue_"

type Samples = dict[tuple[str, str], float]
type Scene = Callable[[World], Coroutine[None, None, None]]


async def read(world: World) -> Samples:
    """Each sample by its name and its labels' values, which stand in the order of the labels."""
    reply = await world.client(Scope.READ).call("GET", "/metrics")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name.removeprefix(P), "/".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(reply.document)
        for sample in family.samples
    }


def play(scene: Scene, folder: Path) -> None:
    async def played() -> None:
        async with running(folder) as world:
            await scene(world)

    asyncio.run(played())


async def filled(world: World, key: str, **more: str) -> None:
    await world.client().post(order(key, price="61000", **more))
    parents = world.loop.state.parents
    await until(lambda: any(p.is_over for k, p in parents.items() if k == key))


@pytest.mark.covers("V1", "V4")
def test_what_happens_is_counted(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        before = await read(world)
        await filled(world, "k1")
        await filled(world, "k2", instrument="BYBIT:SPOT_PAIR:BTC-USDT")
        await world.client().post(order("k3"))
        for key in ("k4", "k5"):
            await world.client().post(order(key, qty="500"))
        await world.client(None).call("GET", "/v1/orders")
        world.loop.meter.leapt(BYBIT, InstrumentID("BYBIT:SPOT_PAIR:BTC-USDT"), 3)
        after = await read(world)

        def more(name: str, labels: str = "") -> float:
            return after[name, labels] - before.get((name, labels), 0)

        assert more("submissions_total") == 5
        assert more("submissions_accepted_total") == 3
        assert (more("venue_selections_total", SPOT), more("venue_selections_total", BYBIT)) == (
            2,
            1,
        )
        assert (more("fills_total", SPOT), more("fills_total", BYBIT)) == (1, 1)
        assert sum(v for (n, _), v in after.items() if n == "risk_rejections_total") >= 2
        assert more("submission_to_fill_seconds_count", SPOT) == 1
        assert more("stage_seconds_count", "ack") == 3
        assert more("stage_seconds_count", "fill") == 2
        for stage in ("accept", "risk", "commit", "send"):
            assert more("stage_seconds_count", stage) > 0
        assert more("feed_time_jumps_total", BYBIT) == 3
        assert after["open_orders", SPOT] == 1
        assert after["venue_up", BYBIT] == 1
        assert after["position_quantity", f"main/{PAIR}"] == 0.5
        assert more("http_answers_total", "401") == 1
        assert after["journal_seq", ""] == world.loop.state.seq - 1
        assert after["trading_state", "global"] == 0

    play(scene, tmp_path)


@pytest.mark.covers("V1")
def test_a_position_is_exposed_at_its_last_mark(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await filled(world, "k1")
        world.loop.state.marks[InstrumentID(PAIR)] = 60_500 * 10**8  # as the next second does
        found = await read(world)
        assert found["position_exposure", f"main/USDT/{PAIR}"] == 30_250

    play(scene, tmp_path)


def test_buckets_of_a_stage_hold_each_other_and_end_in_all(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await filled(world, "k1")
        reply = await world.client(Scope.READ).call("GET", "/metrics")
        families = {f.name: f for f in text_string_to_metric_families(reply.document)}
        for stage in STAGES:
            samples = [
                s for s in families[f"{P}stage_seconds"].samples if s.labels["stage"] == stage
            ]
            buckets = [s for s in samples if s.name.endswith("_bucket")]
            counts = [s.value for s in buckets]
            assert counts == sorted(counts)
            assert buckets[-1].labels["le"] == "+Inf"
            (count,) = [s.value for s in samples if s.name.endswith("_count")]
            (total,) = [s.value for s in samples if s.name.endswith("_sum")]
            assert counts[-1] == count
            assert 0 < total < 60 * count

    play(scene, tmp_path)


def test_a_label_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        world.loop.meter.rejections['X"} 1\nomnivenue_evil 1'] += 1
        assert ("evil", "") not in await read(world)

    play(scene, tmp_path)


@pytest.mark.covers("V1")
def test_every_name_is_in_the_docs(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await filled(world, "k1")
        reply = await world.client(Scope.READ).call("GET", "/metrics")
        text = DOCS.read_text()
        for family in text_string_to_metric_families(reply.document):
            assert f"`{family.name}" in text, family.name
            assert family.documentation

    play(scene, tmp_path)
