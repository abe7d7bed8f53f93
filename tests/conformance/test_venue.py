"""What every venue adapter must do. One suite; which cases run is decided by the adapter's own
Capabilities, so that a venue is never excused in code."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from conformance.adapters import ADAPTERS, Adapter
from conformance.talk import Rig, Talk
from omnivenue.market import Quote
from omnivenue.message import CancelRejected, ExecType, ExecutionReport, VenueUp
from omnivenue.model import ClOrdID, Ticks
from omnivenue.model import TimeInForce as Tif
from omnivenue.venue.sim.launch import find, stop


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("home")
    yield made
    if endpoint := find(made):
        stop(endpoint)


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.__name__)
def rig(request: pytest.FixtureRequest, home: Path) -> Iterator[Rig]:
    adapter: Adapter = request.param
    with adapter(home) as made:
        yield made


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Of this case's orders: the venue lives longer than the case."""
    return f"{request.function.__name__[5:30]}"


def talk(rig: Rig, case: Callable[[Talk], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Talk(rig) as t:
            await case(t)

    asyncio.run(run())


def test_before_anything_else_it_is_up(rig: Rig) -> None:
    async def case(t: Talk) -> None:
        await t.ask()
        assert t.heard[0] == VenueUp(venue_id=rig.venue.venue_id)

    talk(rig, case)


def test_without_a_connection_nothing_is_sent(rig: Rig, name: str) -> None:
    with pytest.raises(ConnectionError):
        rig.venue.send(Talk(rig).order(name, rig.low))


def test_it_shows_its_market(rig: Rig) -> None:
    async def case(t: Talk) -> None:
        said = await t.until(
            lambda s: isinstance(s, Quote) and s.instrument_id == rig.instrument.instrument_id
        )
        assert isinstance(said, Quote)
        assert rig.low < said.bids[0][0] < said.asks[0][0] < rig.high
        assert said.at > 0

    talk(rig, case)


def test_every_order_is_answered_and_no_execution_twice(rig: Rig, name: str) -> None:
    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.high, Tif.IOC))
        await t.ask(name)
        reports = t.reports(name)
        assert reports[0].exec_type is ExecType.NEW
        assert reports[0].venue_order_id
        assert len({r.exec_id for r in reports}) == len(reports)

    talk(rig, case)


def test_trades_are_within_the_limit_and_add_up(rig: Rig, name: str) -> None:
    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.high, Tif.IOC))
        await t.ask(name)
        trades = [r for r in t.reports(name) if r.exec_type is ExecType.TRADE]
        assert trades
        assert all(0 < r.last_px <= rig.high for r in trades)
        assert sum(r.last_qty for r in trades) == trades[-1].cum_qty <= rig.qty
        assert all(r.fee >= 0 and r.fee_asset for r in trades)

    talk(rig, case)


def test_the_venues_time_moves_on_from_report_to_report(rig: Rig, name: str) -> None:
    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.low), t.cancel(f"{name}-k", name))
        answer = await t.ask(name)
        times = [r.transact_at for r in t.reports(name)]
        assert times == sorted(set(times))
        assert answer.as_of > times[-1]

    talk(rig, case)


def test_the_same_order_sent_twice_is_one_order(rig: Rig, name: str) -> None:
    if not rig.venue.capabilities.is_idempotent_by_cl_ord_id:
        pytest.skip(
            "this venue promises no idempotence, and nothing is sent to it twice: it is asked first"
        )

    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.high), t.order(name, rig.high))
        (state,) = (await t.ask(name)).orders
        assert state.cum_qty <= rig.qty
        assert sum(r.last_qty for r in t.reports(name)) == state.cum_qty

    talk(rig, case)


def test_an_answer_names_its_question_and_says_all(rig: Rig, name: str) -> None:
    if not rig.venue.capabilities.finds_closed_orders:
        pytest.skip("this venue finds no closed orders, and so cannot say that it has none")

    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.high, Tif.IOC), t.order(f"{name}2", rig.low))
        answer = await t.ask(name, f"{name}2", "never-sent")
        assert answer.venue_id == rig.venue.venue_id
        assert answer.not_found == (ClOrdID("never-sent"),)
        assert [(o.cl_ord_id, o.ended is None) for o in answer.orders] == [
            (name, False),
            (f"{name}2", True),
        ]
        for one in (name, f"{name}2"):
            assert [r for r in answer.reports if r.cl_ord_id == one] == t.reports(one)
        t.say(t.cancel(f"{name}-k", f"{name}2"))

    talk(rig, case)


def test_an_order_that_comes_too_late_is_not_taken(rig: Rig, name: str) -> None:
    if not rig.venue.capabilities.honours_expiry:
        pytest.skip("this venue does not promise to refuse an order that comes too late")

    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.high, in_ns=-1))
        answer = await t.ask(name)
        assert answer.not_found == (name,)
        assert t.reports(name) == []

    talk(rig, case)


def test_all_or_nothing(rig: Rig, name: str) -> None:
    if Tif.FOK not in rig.venue.capabilities.tifs:
        pytest.skip("this venue has no FOK")

    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.high, Tif.FOK), t.order(f"{name}2", rig.low, Tif.FOK))
        done, not_done = (await t.ask(name, f"{name}2")).orders
        assert (done.cum_qty, done.ended) == (rig.qty, ExecType.TRADE)
        assert not_done.cum_qty == 0
        assert not_done.ended in (ExecType.CANCELED, ExecType.EXPIRED)

    talk(rig, case)


def test_a_cancel_is_answered_whatever_it_is_about(rig: Rig, name: str) -> None:
    if not rig.venue.capabilities.has_cancel:
        pytest.skip("this venue has no cancel")

    async def case(t: Talk) -> None:
        t.say(t.order(name, rig.low), t.cancel(f"{name}-1", name), t.cancel(f"{name}-2", name))
        t.say(t.cancel(f"{name}-3", "never-sent"))
        (state,) = (await t.ask(name)).orders
        assert state.ended is ExecType.CANCELED
        rejected = [s for s in t.heard if isinstance(s, CancelRejected)]
        assert [(r.cl_ord_id, r.orig_cl_ord_id) for r in rejected] == [
            (f"{name}-2", name),
            (f"{name}-3", "never-sent"),
        ]

    talk(rig, case)


def test_a_rejection_is_proof_and_says_why(rig: Rig, name: str) -> None:
    async def case(t: Talk) -> None:
        t.say(t.order(name, Ticks(0)))
        said = await t.until(lambda s: isinstance(s, ExecutionReport) and s.cl_ord_id == name)
        assert isinstance(said, ExecutionReport)
        assert said.exec_type is ExecType.REJECTED
        assert said.text in rig.venue.capabilities.proven_rejects

    talk(rig, case)


def test_after_a_reconnect_it_is_the_same_venue(rig: Rig, name: str) -> None:
    async def first(t: Talk) -> None:
        t.say(t.order(name, rig.low))
        await t.ask(name)

    async def second(t: Talk) -> None:
        (state,) = (await t.ask(name)).orders
        assert state.ended is None
        t.say(t.cancel(f"{name}-k", name))
        await t.until(lambda s: isinstance(s, ExecutionReport) and s.exec_type is ExecType.CANCELED)

    talk(rig, first)
    talk(rig, second)
