"""Bad days on which a venue also has more or less than it should, until a person explains it."""

import sys
from collections.abc import Callable

import pytest

from omnivenue.engine import State, apply_held, approve, money
from omnivenue.ledger import margin
from omnivenue.message import AdjustmentInstructed, Alert, StatusReport, decode_entry
from omnivenue.model import SECOND, AccountID, AssetID, InstructionID, Nanos, VenueID
from scene import AT_F, BTC, MAIN, USDT, A, F
from sim.checkers.quarantine import QuarantineChecker
from sim.workload import DAY
from sim.world import AFTERNOON, Day

P = AssetID(AT_F.instrument_id)
SEEDS = 8


def checker(day: Day) -> QuarantineChecker:
    return next(c for c in day.loop.checkers if isinstance(c, QuarantineChecker))


def taken(seed: int, venue_id: VenueID, asset: AssetID, amount: int) -> Day:
    """A day in whose midst the venue has more, and its afternoon, without faults in the end."""
    day = Day(seed)
    watches = checker(day)
    day.loop.at(DAY // 2, lambda: watches.moved(MAIN, venue_id, asset, amount))
    day.work.plan()
    day.loop.run(until=DAY + AFTERNOON)
    day.weather.end(day.loop)
    day.loop.run(until=day.loop.now + 15 * SECOND)
    return day


@pytest.mark.holds("T35")
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(
    ("venue_id", "asset", "amount"),
    [(A, USDT, -7), (A, BTC, 1), (F, USDT, 12 * 10**8), (F, P, AT_F.lot)],
)
def test_what_nobody_explains_is_quarantined_until_somebody_does(
    venue_id: VenueID, asset: AssetID, amount: int, seed: int
) -> None:
    day = taken(seed, venue_id, asset, amount)
    loop, watches = day.loop, checker(day)
    assert [(q.asset, q.difference) for q in watches.seen[-1:]] == [(asset, amount)]
    assert watches.now == {(MAIN, venue_id, asset): amount}
    adjustment = AdjustmentInstructed(
        instruction_id=InstructionID("explained"),
        body_hash="",
        account=MAIN,
        venue_id=venue_id,
        asset=asset,
        amount=amount,
        reason="a fill by telephone",
    )
    loop.ask(adjustment)
    day.heal()
    loop.check_end()
    entries = map(decode_entry, loop.core.journal.lines())
    topics = [c.topic for e in entries for c in e.commands if isinstance(c, Alert)]
    assert {"quarantine", "adjustment", "quarantine is over"} <= set(topics)


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


TOTAL_AT, APPLY_HELD = apply_held.total_at, apply_held.apply_held


@pytest.mark.holds("PLANT")
@pytest.mark.parametrize(
    ("where", "name", "bug"),
    [
        (apply_held, "total_at", half_of_it),
        (sys.modules["omnivenue.engine.apply_event"], "apply_held", at_any_age),
        (approve, "_quarantine", lets_all_through),
    ],
)
def test_what_is_planted_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, bug: Callable[..., object]
) -> None:
    monkeypatch.setattr(where, name, bug)
    if bug is at_any_age:
        monkeypatch.setattr(money, "GRACE", 0)
    with pytest.raises(AssertionError, match=r"^T35|^I12"):
        for seed in range(60):
            taken(seed, A, USDT, -7)
