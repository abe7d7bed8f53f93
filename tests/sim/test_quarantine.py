"""Bad days on which a venue also has more or less than it should, until it is explained: by a
person, or by the venue, which puts it right or says at last what it was."""

import sys
from collections.abc import Callable

import msgspec
import pytest

from omnivenue.engine import State, apply_held, apply_money, approve, money
from omnivenue.engine.turn import Turn
from omnivenue.ledger import margin
from omnivenue.message import (
    AdjustmentInstructed,
    Alert,
    OrderInstructed,
    ReleaseQuarantine,
    StatusReport,
    decode_entry,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    InstructionID,
    Instrument,
    Nanos,
    VenueID,
)
from scene import AT_F, BTC, MAIN, OTHER, USDT, A, F
from sim.checkers.quarantine import Place, QuarantineChecker
from sim.liar import Liar
from sim.loop import CheckedLoop
from sim.workload import DAY
from sim.world import AFTERNOON, Day

P = AssetID(AT_F.instrument_id)
SEEDS = 6

type Explain = Callable[[CheckedLoop, Place, int], None]


def adjusted(loop: CheckedLoop, place: Place, amount: int) -> None:
    account, venue_id, asset = place
    adjustment = AdjustmentInstructed(
        instruction_id=InstructionID("explained"),
        body_hash="",
        account=account,
        venue_id=venue_id,
        asset=asset,
        amount=amount,
        reason="a fill by telephone",
    )
    loop.ask(adjustment)


def put_right(loop: CheckedLoop, place: Place, amount: int) -> None:
    account, venue_id, asset = place
    checker(loop).explained(place)
    loop.venues[venue_id][0].deposit(account, asset, -amount)


def said_late(loop: CheckedLoop, place: Place, amount: int) -> None:
    """It was a payment of funding."""
    account, venue_id, asset = place
    checker(loop).explained(place)
    exchange, _ = loop.venues[venue_id]
    assert isinstance(exchange, Liar)
    exchange.tells_late(loop.now, f"{P}@late", account, (asset, amount))


def checker(loop: CheckedLoop) -> QuarantineChecker:
    return next(c for c in loop.checkers if isinstance(c, QuarantineChecker))


def taken(seed: int, place: Place, amount: int) -> Day:
    """A day in whose morning the venue has more, and its afternoon, without faults in the end."""
    day = Day(seed)
    loop, watches = day.loop, checker(day.loop)
    loop.at(DAY // 4, lambda: watches.moved(place, amount))
    day.work.plan()
    loop.run(until=DAY + AFTERNOON)
    day.weather.end(loop)
    loop.run(until=loop.now + 25 * SECOND)  # two answers at least
    assert watches.now == {place: amount}, f"T35: {watches.now} is in quarantine"
    return day


def ended(day: Day, explain: Explain, place: Place, amount: int) -> set[str]:
    """What a person reads of it."""
    explain(day.loop, place, amount)
    day.heal()
    day.loop.check_end()
    entries = map(decode_entry, day.loop.core.journal.lines())
    return {c.topic for e in entries for c in e.commands if isinstance(c, Alert)}


PLACES: list[tuple[Place, int]] = [
    ((MAIN, A, USDT), -7),
    ((MAIN, A, BTC), 1),
    ((MAIN, F, USDT), 12 * 10**8),
    ((MAIN, F, P), AT_F.lot),
    ((OTHER, F, P), -3 * AT_F.lot),
]


@pytest.mark.holds("T35")
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(
    ("place", "amount", "explain"),
    [
        *[(*each, adjusted) for each in PLACES],
        *[(*each, put_right) for each in PLACES[1:4]],
        (*PLACES[2], said_late),
    ],
)
def test_what_nobody_explains_is_quarantined_until_somebody_does(
    place: Place, amount: int, explain: Explain, seed: int
) -> None:
    topics = ended(taken(seed, place, amount), explain, place, amount)
    assert {"quarantine", "quarantine is over"} <= topics
    assert ("adjustment" in topics) is (explain is adjusted)


def half_of_it(state: State, account: AccountID, venue_id: VenueID) -> dict[AssetID, int]:
    found = TOTAL_AT(state, account, venue_id)
    bound = state.ledger.paths.get(margin(account, venue_id), {})
    return {a: amount - bound.get(a, 0) for a, amount in found.items()}


def at_any_age(state: State, report: StatusReport) -> None:
    venue = state.venues[report.venue_id]
    latest, venue.latest = venue.latest, Nanos(0)
    APPLY_HELD(state, report)
    venue.latest = latest


def lets_all_through(*_: object) -> str:
    return ""


def of_the_instrument_alone(state: State, order: OrderInstructed, instrument: Instrument) -> str:
    return QUARANTINED(state, order, msgspec.structs.replace(instrument, quote=P, settle=P))


def released_at_the_next_answer(turn: Turn, report: StatusReport) -> None:
    for _, q in sorted(turn.state.quarantined.items()):
        if q.venue_id == report.venue_id:
            over = ReleaseQuarantine(account=q.account, venue_id=q.venue_id, asset=q.asset)
            turn.emit(over)
    HELD_REPORTED(turn, report)


def without_a_word(turn: Turn, report: StatusReport) -> None:
    HELD_REPORTED(turn, report)
    turn.commands[:] = [c for c in turn.commands if not isinstance(c, Alert)]


def nothing(*_: object) -> None:
    pass


TOTAL_AT, APPLY_HELD = apply_held.total_at, apply_held.apply_held
QUARANTINED = approve.quarantined
HELD_REPORTED = money.held_reported
STEP = sys.modules["omnivenue.engine.step"]
APPLY = sys.modules["omnivenue.engine.apply_event"]


@pytest.mark.holds("PLANT")
@pytest.mark.parametrize(
    ("where", "name", "bug"),
    [
        (apply_held, "total_at", half_of_it),
        (APPLY, "apply_held", at_any_age),
        (approve, "quarantined", lets_all_through),
        (approve, "quarantined", of_the_instrument_alone),
        (STEP, "held_reported", released_at_the_next_answer),
        (STEP, "held_reported", without_a_word),
        (STEP, "held_reported", nothing),
        (apply_money, "move", nothing),  # what a person adjusts
    ],
)
def test_what_is_planted_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, bug: Callable[..., object]
) -> None:
    monkeypatch.setattr(where, name, bug)
    if bug is at_any_age:
        monkeypatch.setattr(money, "GRACE", 0)
    place, amount = PLACES[0]
    with pytest.raises(AssertionError, match=r"^T35|^I1[23]"):
        for seed in range(60):
            ended(taken(seed, place, amount), adjusted, place, amount)
