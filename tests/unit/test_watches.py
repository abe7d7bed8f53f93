"""Who waits for the market is told once, when it has come, by a fresh quote, in whatever ticks."""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from omnivenue.engine import State
from omnivenue.engine.apply_config import apply_config
from omnivenue.market import Quote, trigger_px
from omnivenue.message import (
    ArmWatch,
    DisarmWatch,
    InstrumentsListed,
    PxCrosses,
    Watch,
    WatchFired,
)
from omnivenue.model import SECOND, Atoms, Lots, Nanos, Side, Ticks, TriggerBy
from omnivenue.runtime import Books, Watches
from scene import AT_A, AT_B

AT = Nanos(100 * SECOND)


def shown(bid: int | None, ask: int | None, last: int | None = None, at: int = AT) -> Quote:
    return Quote(
        instrument_id=AT_A.instrument_id,
        bids=() if bid is None else ((Ticks(bid), Lots(1)),),
        asks=() if ask is None else ((Ticks(ask), Lots(1)),),
        last=None if last is None else (Ticks(last), Lots(1), Side.BUY),
        at=Nanos(at),
    )


def watch(watch_id: str, px: int, **more: Any) -> Watch:
    given: dict[str, Any] = {
        "instrument_id": AT_A.instrument_id,
        "instrument_version": 1,
        "by": TriggerBy.LAST,
        "is_above": True,
    }
    return Watch(watch_id=watch_id, condition=PxCrosses(px=Ticks(px), **given | more))


class Floor:
    """A market, and those who wait for it."""

    def __init__(self, *armed: Watch) -> None:
        self.state, self.books = State(), Books()
        apply_config(self.state, InstrumentsListed(instruments=(AT_A, AT_B)))
        self.state.watches = {each.watch_id: each for each in armed}
        self.watches = Watches(self.state, self.books)

    def show(self, quote: Quote, at: int | None = None) -> list[str]:
        now = Nanos(quote.at if at is None else at)
        self.books.update(quote, now)
        return [fired.watch_id for fired in self.watches.look(quote.instrument_id, now)]

    def arm(self, each: Watch, at: int = AT) -> list[WatchFired]:
        self.state.watches[each.watch_id] = each
        return self.watches.obey(ArmWatch(watch=each), Nanos(at))

    def disarm(self, watch_id: str) -> None:
        del self.state.watches[watch_id]
        self.watches.obey(DisarmWatch(watch_id=watch_id), AT)


@pytest.mark.parametrize(
    ("by", "px"),
    [(TriggerBy.LAST, 90), (TriggerBy.BID, 100), (TriggerBy.ASK, 103), (TriggerBy.MARK, 101)],
)
def test_each_trigger_looks_at_its_own_price(by: TriggerBy, px: int) -> None:
    assert trigger_px(shown(100, 103, 90), by) == px
    for is_above, reached, missed in ((True, px, px + 1), (False, px, px - 1)):
        floor = Floor(
            watch("reached", reached, by=by, is_above=is_above),
            watch("missed", missed, by=by, is_above=is_above),
        )
        assert floor.show(shown(100, 103, 90)) == ["reached"]


@pytest.mark.parametrize(
    ("by", "quote"),
    [
        (TriggerBy.LAST, shown(100, 103)),
        (TriggerBy.BID, shown(None, 103, 90)),
        (TriggerBy.ASK, shown(100, None, 90)),
        (TriggerBy.MARK, shown(None, 103, 90)),
        (TriggerBy.MARK, shown(100, None, 90)),
    ],
)
def test_what_a_quote_does_not_say_triggers_nothing(by: TriggerBy, quote: Quote) -> None:
    assert trigger_px(quote, by) is None
    floor = Floor(watch("up", 1, by=by), watch("down", 10**6, by=by, is_above=False))
    assert floor.show(quote) == []


def test_it_is_told_once_and_with_the_price_that_was_looked_at() -> None:
    floor = Floor(watch("w", 100))
    assert floor.show(shown(98, 99, 99)) == []
    floor.books.update(shown(101, 103, 102, AT + 1), Nanos(AT + 1))
    told = floor.watches.look(AT_A.instrument_id, Nanos(AT + 1))
    assert told == [WatchFired(watch_id="w", px=Ticks(102))]
    assert floor.show(shown(101, 103, 103, AT + 2)) == []
    again = Watches(floor.state, floor.books)  # a restart before the telling was durable
    assert again.look(AT_A.instrument_id, Nanos(AT + 2)) == [
        WatchFired(watch_id="w", px=Ticks(103))
    ]


@pytest.mark.holds("I17")
def test_a_stale_or_a_crossed_quote_triggers_nothing() -> None:
    floor = Floor(watch("w", 100))
    floor.show(shown(90, 92, 91))
    assert floor.show(shown(101, 102, 101, AT + 1), AT + 3 * SECOND) == []
    assert floor.show(shown(101, 101, 101, AT + 4 * SECOND)) == [], "it cannot be"
    assert floor.show(shown(101, 102, 101, AT + 4 * SECOND)) == ["w"]


def test_what_is_armed_where_the_market_already_is_fires_at_once() -> None:
    floor = Floor()
    floor.show(shown(100, 102, 101))
    assert floor.arm(watch("not yet", 102)) == []
    assert floor.arm(watch("now", 101)) == [WatchFired(watch_id="now", px=Ticks(101))]
    assert floor.arm(watch("stale", 101), AT + 3 * SECOND) == []
    assert floor.show(shown(100, 102, 101, AT + 4 * SECOND)) == ["stale"]


def test_what_is_disarmed_or_armed_otherwise_is_forgotten() -> None:
    floor = Floor(watch("gone", 100), watch("moved", 100))
    floor.disarm("gone")
    floor.arm(watch("moved", 200))
    assert floor.show(shown(149, 151, 150)) == []
    assert floor.show(shown(249, 251, 250, AT + 1)) == ["moved"]


def test_orders_that_are_late_change_nothing() -> None:
    """All commands of a commit are obeyed after all have been applied."""
    floor = Floor()
    floor.show(shown(100, 102, 101))
    armed, again = watch("w", 101), watch("w", 500)
    assert floor.watches.obey(ArmWatch(watch=armed), AT) == [], "disarmed within the same commit"
    floor.state.watches["w"] = again
    assert floor.watches.obey(ArmWatch(watch=armed), AT) == [], "and armed otherwise"
    floor.watches.obey(DisarmWatch(watch_id="w"), AT)
    floor.watches.obey(ArmWatch(watch=again), AT)
    floor.watches.obey(DisarmWatch(watch_id="w"), AT)  # of the one before
    assert floor.show(shown(500, 502, 501, AT + 1)) == ["w"]


def test_a_tick_that_has_changed_since_changes_no_trigger() -> None:
    floor = Floor(watch("w", 100), watch("below", 100, is_above=False))
    finer = replace(AT_A, version=2, tick=Atoms(AT_A.tick // 10))
    apply_config(floor.state, InstrumentsListed(instruments=(finer,)))
    assert floor.show(shown(1008, 1010, 1009)) == ["w"]
    assert floor.show(shown(999, 1001, 1000, AT + 1)) == ["below"]
    assert floor.arm(watch("new", 1000, instrument_version=2)) != []


def test_markets_are_kept_apart() -> None:
    floor = Floor(watch("w", 1, instrument_id=AT_B.instrument_id))
    assert floor.show(shown(100, 102, 101)) == []


def test_many_that_wait_are_told_as_one_by_one() -> None:
    random = Random(7)
    armed = {
        f"w{n:03}": watch(
            f"w{n:03}",
            random.randrange(80, 120),
            by=random.choice(list(TriggerBy)),
            is_above=bool(random.randrange(2)),
        )
        for n in range(300)
    }
    floor = Floor(*armed.values())
    waiting, px = dict(armed), 100
    for n in range(200):
        px += random.randrange(-3, 4)
        quote = shown(px - 1, px + 1, px + random.randrange(-2, 3), AT + n)
        expected: list[str] = []
        for watch_id, each in sorted(waiting.items()):
            condition = each.condition
            found = trigger_px(quote, condition.by)
            assert found is not None
            if found >= condition.px if condition.is_above else found <= condition.px:
                expected.append(watch_id)
        assert floor.show(quote) == expected
        for watch_id in expected:
            del waiting[watch_id]
            del floor.state.watches[watch_id]
        if waiting and n % 5 == 0:
            gone = random.choice(sorted(waiting))
            del waiting[gone]
            floor.disarm(gone)
