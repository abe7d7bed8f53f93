"""Each second while anything is held its worth is journaled, and so the daily loss is known.

The first trade or payment arms the timer, and it goes on until a second in which nothing is held:
that one still counts what closing has realised. Where a breaker looks after the feeds of orders
that work, it goes on for them, too. It survives a restart like any timer.
"""

from omnivenue.engine.apply_risk import is_watched
from omnivenue.engine.state import State, Worth
from omnivenue.engine.turn import Turn
from omnivenue.ledger import free, held, margin, pair
from omnivenue.message import ArmTimer, MarkDue, Missing, SetMarks, StartDay, Timer
from omnivenue.model import SECOND, AccountID, AssetID, InstrumentID, Nanos
from omnivenue.risk import DAY

EVERY = SECOND
TIMER_ID = "mark"


def look_after_marks(turn: Turn) -> None:
    """At the end of every turn: costs a comparison while nothing has moved."""
    if turn.state.marks_due and TIMER_ID not in turn.state.timers:
        _arm(turn)


def mark_due(turn: Turn) -> None:
    before = dict(turn.state.worths)
    turn.emit(SetMarks(marks=_marks(turn)))
    _start_days(turn, before)
    if _held(turn.state) or is_watched(turn.state):
        _arm(turn)


def _arm(turn: Turn) -> None:
    at = Nanos(turn.at + EVERY)
    turn.emit(ArmTimer(timer=Timer(timer_id=TIMER_ID, at=at, due=MarkDue())))


def _start_days(turn: Turn, before: dict[AccountID, Worth]) -> None:
    """What has been earned since the marks before belongs to the day that begins: a second's worth
    of it, or all of the first trade's where nothing was held at midnight."""
    today = turn.at // DAY
    for account, now in sorted(turn.state.worths.items()):
        day, was = turn.state.days.get(account), before.get(account)
        if day is None or day.day < today:
            pnl = 0 if was is None else was.pnl
            equity = now.equity - (now.pnl - pnl)
            turn.emit(StartDay(account=account, day=today, equity=equity, pnl=pnl))


def _held(state: State) -> list[InstrumentID]:
    """By any strategy, also where others hold the opposite."""
    found = {
        instrument_id
        for strategies in state.positions.values()
        for positions in strategies.values()
        for instrument_id, position in positions.items()
        if position.qty
    }
    return sorted(found)


def _marks(turn: Turn) -> dict[InstrumentID, int]:
    """Of what is held, of what it derives from, and of what tells all money in the risk currency.
    What has no price now keeps the mark that it has."""
    instruments = _held(turn.state)
    found = ((i, _px(turn, i)) for i in instruments)
    done = {instrument_id: px for instrument_id, px in found if px}
    for name, inverted in _pairs(turn.state, instruments):
        done |= _pair_marks(turn, name, inverted, done)
    return done


def _pair_marks(
    turn: Turn, name: str, inverted: str, done: dict[InstrumentID, int]
) -> dict[InstrumentID, int]:
    """The first that has a price speaks for the pair. What stands before it has an old mark at
    most, and must no longer be heard."""
    silent: list[InstrumentID] = []
    pairs = turn.state.pairs
    for instrument_id in (*pairs.get(name, ()), *pairs.get(inverted, ())):
        px = done.get(instrument_id) or _px(turn, instrument_id)
        if px:
            return dict.fromkeys((i for i in silent if turn.state.marks.get(i)), 0) | {
                instrument_id: px
            }
        silent.append(instrument_id)
    return {}


def _px(turn: Turn, instrument_id: InstrumentID) -> int:
    found = turn.seen.mark(instrument_id)
    if isinstance(found, Missing):
        return 0
    return turn.state.instruments[instrument_id].px(found.px)


def _pairs(state: State, instruments: list[InstrumentID]) -> list[tuple[str, str]]:
    """Each as it is and the other way round."""
    currency = state.limits.currency
    listed = [state.instruments[i] for i in instruments]
    wanted = {(i.base, i.quote) for i in listed if not i.is_spot}
    wanted |= {(asset, currency) for asset in _assets(state) if asset != currency}
    return [(pair(base, quote), pair(quote, base)) for base, quote in sorted(wanted)]


def _assets(state: State) -> set[AssetID]:
    """Whatever an account has, owes, has earned in, or has paid fees in."""
    found: set[AssetID] = set()
    for account in state.accounts:
        for venue_id in state.venues:
            for path in (free, held, margin):
                balances = state.ledger.paths.get(path(account, venue_id), {})
                found |= {asset for asset, amount in balances.items() if amount}
    for strategies in state.positions.values():
        for positions in strategies.values():
            for instrument_id, position in positions.items():
                found |= position.fees.keys() | {state.instruments[instrument_id].cash}
    return found
