"""The door: every verdict, and that a key means one instruction whatever happens around it."""

import asyncio

import msgspec
import pytest

from loops import Running, eventually, running
from omnivenue.journal.journal import FREE_FLOOR
from omnivenue.message import Instruction
from omnivenue.model import SECOND, Atoms, Nanos
from omnivenue.runtime import Outcome, Verdict, known, live
from scene import LOT, A, buy, cancel, cancel_all, replace, sell


async def said(world: Running, event: Instruction) -> Outcome:
    return await world.door.instruct("ann", event)


@pytest.mark.holds("I1")
def test_what_is_accepted_names_its_entry() -> None:
    async def play() -> None:
        async with running() as world:
            outcome = await said(world, buy("k1"))
            assert outcome.verdict is Verdict.ACCEPTED
            assert (outcome.instruction_id, outcome.order_id) == ("k1", "k1")
            assert outcome.seq == world.disk.durable_seq == world.loop.state.seq - 1
            assert outcome.reasons == ()

    asyncio.run(play())


@pytest.mark.holds("I2")
def test_the_same_again_is_the_same_answer_and_no_entry() -> None:
    async def play() -> None:
        async with running() as world:
            for event in (buy("k1"), cancel("k2", "k1"), cancel_all("k3"), buy("k4", 10**9)):
                first = await said(world, event)
                before = world.loop.state.seq
                again = await said(world, event)
                assert world.loop.state.seq == before
                expected = first.verdict
                if first.verdict is Verdict.ACCEPTED:
                    expected = Verdict.REPEATED
                assert again == msgspec.structs.replace(first, verdict=expected)
            assert len(world.venues[A].news) == 1

    asyncio.run(play())


def test_a_cancel_is_about_the_order_that_it_ends() -> None:
    async def play() -> None:
        async with running() as world:
            await said(world, buy("k1"))
            outcome = await said(world, cancel("k2", "k1"))
            assert (outcome.verdict, outcome.order_id) == (Verdict.ACCEPTED, "k1")
            everything = await said(world, cancel_all("k3"))
            assert (everything.verdict, everything.order_id) == (Verdict.ACCEPTED, None)

    asyncio.run(play())


def test_a_refusal_names_every_rule_and_uses_the_key() -> None:
    async def play() -> None:
        async with running() as world:
            refused = await said(world, buy("k1", 10**9))
            assert refused.verdict is Verdict.REFUSED
            assert len({reason.code for reason in refused.reasons}) >= 3
            assert refused.seq == world.loop.state.seq - 1
            assert (await said(world, buy("k1"))).verdict is Verdict.REUSED

    asyncio.run(play())


@pytest.mark.holds("I2")
@pytest.mark.parametrize("other", [sell("k1"), buy("k1", 11), cancel("k1", "k1"), cancel_all("k1")])
def test_a_key_with_another_body_is_refused_and_changes_nothing(other: Instruction) -> None:
    async def play() -> None:
        async with running() as world:
            await said(world, buy("k1"))
            before = world.loop.state.seq
            assert (await said(world, other)).verdict is Verdict.REUSED
            assert world.loop.state.seq == before
            assert not world.venues[A].cancels

    asyncio.run(play())


@pytest.mark.holds("I2")
def test_of_many_at_once_under_one_key_one_is_decided() -> None:
    async def play() -> None:
        async with running() as world:
            outcomes = await asyncio.gather(*(said(world, buy("k1")) for _ in range(64)))
            verdicts = [outcome.verdict for outcome in outcomes]
            assert verdicts.count(Verdict.ACCEPTED) == 1
            assert verdicts.count(Verdict.IN_FLIGHT) == 63
            assert (await said(world, buy("k1"))).verdict is Verdict.REPEATED
            assert len(world.venues[A].news) == 1

    asyncio.run(play())


@pytest.mark.holds("I2")
def test_a_key_and_a_hash_are_enough_to_ask_with() -> None:
    async def play() -> None:
        async with running() as world:
            event = buy("k1")
            key, body_hash = event.instruction_id, event.body_hash
            assert world.door.answered(key, body_hash) is None
            call = asyncio.create_task(said(world, event))
            await asyncio.sleep(0)
            meanwhile = world.door.answered(key, "another body")
            assert meanwhile == Outcome(verdict=Verdict.IN_FLIGHT, instruction_id=key)
            await call
            assert world.door.answered(key, body_hash) == known(world.loop.state, event)
            assert world.door.answered(key, "another body") == Outcome(
                verdict=Verdict.REUSED, instruction_id=key
            )

    asyncio.run(play())


@pytest.mark.holds("I2")
def test_who_goes_away_while_it_is_decided_finds_the_answer_later() -> None:
    async def play() -> None:
        async with running() as world:
            call = asyncio.create_task(said(world, buy("k1")))
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await eventually(lambda: known(world.loop.state, buy("k1")))
            assert (await said(world, buy("k1"))).verdict is Verdict.REPEATED
            assert len(world.venues[A].news) == 1

    asyncio.run(play())


def test_an_order_that_nobody_placed_cannot_be_cancelled_and_the_key_stays_free() -> None:
    async def play() -> None:
        async with running() as world:
            before = world.loop.state.seq
            assert (await said(world, cancel("k1", "none"))).verdict is Verdict.NO_SUCH_ORDER
            assert world.loop.state.seq == before
            assert (await said(world, buy("k1"))).verdict is Verdict.ACCEPTED

    asyncio.run(play())


def test_a_finished_order_is_not_cancelled_and_that_is_written_down() -> None:
    async def play() -> None:
        async with running() as world:
            await said(world, buy("k1", 10**9))
            outcome = await said(world, cancel("k2", "k1"))
            assert outcome.verdict is Verdict.REFUSED
            assert outcome.seq == world.loop.state.seq - 1

    asyncio.run(play())


@pytest.mark.holds("I4")
def test_on_a_full_disk_cancels_go_on_and_orders_do_not() -> None:
    async def play() -> None:
        async with running() as world:
            assert world.loop.has_space()
            await said(world, buy("k1"))
            world.disk.free = FREE_FLOOR - 1
            later = Nanos(
                world.loop.now() + SECOND
            )  # measured once a second, and not for each order
            world.disk.has_space(later)
            assert (await said(world, buy("k2"))).verdict is Verdict.NO_SPACE
            assert (await said(world, buy("k1"))).verdict is Verdict.REPEATED
            dearer = replace("k5", "k1", qty=Atoms(20 * LOT))
            assert (await said(world, dearer)).verdict is Verdict.NO_SPACE
            assert (await said(world, cancel("k3", "k1"))).verdict is Verdict.ACCEPTED
            assert (await said(world, cancel_all("k4"))).verdict is Verdict.ACCEPTED
            assert {c.orig_cl_ord_id for c in world.venues[A].cancels} == {
                new.cl_ord_id for new in world.venues[A].news
            }
            assert "k2" not in world.loop.state.parents

    asyncio.run(play())


def test_more_than_can_be_decided_is_refused_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "INSTRUCTIONS_MAX", 3)

    async def play() -> None:
        async with running() as world:
            outcomes = await asyncio.gather(*(said(world, buy(f"k{n}")) for n in range(5)))
            verdicts = [outcome.verdict for outcome in outcomes]
            assert verdicts == [Verdict.ACCEPTED] * 3 + [Verdict.FULL] * 2
            assert (await said(world, buy("k4"))).verdict is Verdict.ACCEPTED

    asyncio.run(play())


def test_who_stops_takes_nothing_new_and_still_knows_what_it_took() -> None:
    async def play() -> None:
        async with running() as world:
            await said(world, buy("k1"))
            world.door.is_stopping = True
            assert (await said(world, buy("k2"))).verdict is Verdict.STOPPING
            assert (await said(world, cancel("k3", "k1"))).verdict is Verdict.STOPPING
            assert (await said(world, buy("k1"))).verdict is Verdict.REPEATED

    asyncio.run(play())


@pytest.mark.holds("I4")
def test_a_journal_that_fails_leaves_the_outcome_unknown() -> None:
    async def play() -> None:
        async with running() as world:
            await said(world, buy("k1"))
            world.disk.fails = OSError("no")
            for event in (buy("k2"), buy("k2"), buy("k1"), cancel_all("k3")):
                assert await said(world, event) == Outcome(
                    verdict=Verdict.OUTCOME_UNKNOWN, instruction_id=event.instruction_id
                )
            asked = world.door.answered(buy("k1").instruction_id, buy("k1").body_hash)
            assert asked is not None
            assert asked.verdict is Verdict.OUTCOME_UNKNOWN, "State is no answer any more"

    asyncio.run(play())


def test_a_body_is_compared_and_not_its_sender() -> None:
    async def play() -> None:
        async with running() as world:
            await world.door.instruct("ann", buy("k1"))
            again = await world.door.instruct("bob", buy("k1"))
            assert again.verdict is Verdict.REPEATED
            assert world.loop.state.parents[again.order_id or ""].order.qty == 10 * LOT  # type: ignore[index]

    asyncio.run(play())
