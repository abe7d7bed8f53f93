"""Bad days on which trading is stopped but for what reduces, while a crowd rests on both sides."""

import sys
from collections import Counter
from functools import partial
from random import Random

import pytest
from msgspec.structs import replace

from omnivenue.message import Entry, OrderInstructed
from omnivenue.model import SECOND, TradingState
from scene import MAIN, OTHER, S1, S2
from sim.checkers.curbs import CurbChecker
from sim.listing import BUSY
from sim.loop import CheckedLoop
from sim.orders import drawn
from sim.test_composites import ask
from sim.workload import DAY, MORNING
from sim.world import Day

SEEDS = 25
SCOPES = ("global", f"account:{MAIN}", f"account:{OTHER}", f"strategy:{S1}", f"strategy:{S2}")


class CurbedLoop(CheckedLoop):
    """Looked at after each commit, since what is too much may be gone with the next."""

    def on_open(self) -> None:
        self.curbs = CurbChecker(self)
        super().on_open()

    def on_commit(self, entries: list[Entry]) -> None:
        super().on_commit(entries)
        self.curbs.look()


def crowd(random: Random, n: int) -> list[OrderInstructed]:
    """Orders of one account in one market: some trade, and some rest where it may come to."""
    instrument, account = random.choice(BUSY), random.choice((MAIN, OTHER))
    made: list[OrderInstructed] = []
    for k in range(random.randint(10, 30)):
        px = random.choice(((0, 40), (-4, 1), (-12, -1)))
        more = {"instrument": instrument, "allow_duplicate": True}
        asked = drawn(random, f"crowd{n}/{k}", px, **more)
        strategy_id = S1 if random.randrange(4) else S2
        made.append(replace(asked, account=account, strategy_id=strategy_id))
    return made


def lived(seed: int) -> Counter[str]:
    """How its orders ended."""
    day, random = Day(seed, CurbedLoop), Random(f"curb {seed}")
    for n in range(2):
        ask(day, random, n)
        for asked in crowd(random, n):
            day.work.ask(random.randrange(MORNING, DAY), asked)
    for _ in range(random.randint(1, 2)):
        at, scope = random.randrange(MORNING + 3 * SECOND, DAY), random.choice(SCOPES)
        to = TradingState.REDUCE_ONLY
        day.loop.at(at, partial(day.loop.set_state, scope, to, "a test", "test"))
    loop = day.run()
    loop.check_end()
    found = (*loop.whole.parents.values(), *loop.whole.composites.values())
    return Counter(each.end.value for each in found if each.end)


@pytest.mark.holds("I16", "I15", "I5", "L1", "T33")
def test_days_that_end_under_reduce_only() -> None:
    ends: Counter[str] = Counter()
    for seed in range(SEEDS):
        ends += lived(seed)
    assert ends["reduce_only"] > SEEDS and ends["filled"] > SEEDS, "else these show little"


def nothing(*_: object) -> None:
    pass


def never(*_: object) -> bool:
    return False


@pytest.mark.holds("PLANT")
@pytest.mark.parametrize(
    ("module", "name", "bug"),
    [
        ("kill", "curb_all", nothing),
        ("follow", "curb", nothing),
        ("step", "may_curb", never),
    ],
)
def test_what_is_planted_is_found(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, bug: object
) -> None:
    monkeypatch.setattr(sys.modules[f"omnivenue.engine.{module}"], name, bug)
    with pytest.raises(AssertionError, match="I16"):
        for seed in range(4 * SEEDS):
            lived(seed)
