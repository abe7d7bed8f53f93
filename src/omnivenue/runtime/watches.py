"""Keeps the core's watches, and tells when the market has come to one. State says what is armed.

A crash loses nothing: the next process arms all that State holds, and tells again what had been
told and was not yet durable. Prices are compared in quote atoms, because a venue may have changed
its tick since a watch was set. Only a fresh quote counts: a stale one may be long past.

Per instrument, price and side the watches stand in a row, the next to be reached first: a quote
costs one look at each row, however many wait.
"""

from bisect import bisect_left, insort

from omnivenue.engine import State
from omnivenue.engine.state import version_key
from omnivenue.market import rung, trigger_px
from omnivenue.message import ArmWatch, DisarmWatch, PxCrosses, Watch, WatchFired
from omnivenue.model import InstrumentID, Nanos, TriggerBy
from omnivenue.runtime.books import Books

type Row = list[tuple[int, str]]  # how far the price must come, and whose watch that is
type RowKey = tuple[TriggerBy, bool]


class Watches:
    def __init__(self, state: State, books: Books) -> None:
        self._state = state
        self._books = books
        self._rows: dict[InstrumentID, dict[RowKey, Row]] = {}  # none without a watch in it
        self._armed: dict[str, PxCrosses] = {}
        for watch in state.watches.values():
            self._arm(watch)

    def obey(self, command: ArmWatch | DisarmWatch, at: Nanos) -> list[WatchFired]:
        """Once it is durable. What is armed where the market has already come to fires at once."""
        match command:
            case ArmWatch(watch=watch):
                if self._state.watches.get(watch.watch_id) != watch:
                    return []  # disarmed since, or about to be armed otherwise
                self._disarm(watch.watch_id)
                self._arm(watch)
                return self.look(watch.condition.instrument_id, at)
            case DisarmWatch(watch_id=watch_id):
                if watch_id not in self._state.watches:  # else it has been armed again since
                    self._disarm(watch_id)
                return []

    def look(self, instrument_id: InstrumentID, at: Nanos) -> list[WatchFired]:
        """After every update of a quote: all that the market has now come to, each told once. `px`
        is in the ticks that the instrument has now."""
        rows = self._rows.get(instrument_id)
        if rows is None or not self._books.is_fresh(instrument_id, at):
            return []
        quote = self._books.latest(instrument_id)
        assert quote is not None
        tick = self._state.instruments[instrument_id].tick
        fired: list[WatchFired] = []
        for (by, is_above), row in rows.items():
            px = trigger_px(quote, by)
            if px is None:
                continue
            reached = rung(px * tick, is_above=is_above)
            for needed, watch_id in row:
                if needed > reached:
                    break
                fired.append(WatchFired(watch_id=watch_id, px=px))
        for each in fired:
            self._disarm(each.watch_id)
        fired.sort(key=lambda each: each.watch_id)
        return fired

    def _arm(self, watch: Watch) -> None:
        condition = watch.condition
        self._armed[watch.watch_id] = condition
        rows = self._rows.setdefault(condition.instrument_id, {})
        row = rows.setdefault((condition.by, condition.is_above), [])
        insort(row, (self._rung(condition), watch.watch_id))

    def _disarm(self, watch_id: str) -> None:
        condition = self._armed.pop(watch_id, None)
        if condition is None:
            return
        rows = self._rows[condition.instrument_id]
        row = rows[condition.by, condition.is_above]
        del row[bisect_left(row, (self._rung(condition), watch_id))]
        if not row:
            del rows[condition.by, condition.is_above]
        if not rows:
            del self._rows[condition.instrument_id]

    def _rung(self, condition: PxCrosses) -> int:
        """In quote atoms, by the listing that its ticks are counted in."""
        listed = self._state.instruments[condition.instrument_id]
        if listed.version != condition.instrument_version:
            key = version_key(condition.instrument_id, condition.instrument_version)
            listed = self._state.retired[key]
        return rung(condition.px * listed.tick, is_above=condition.is_above)
