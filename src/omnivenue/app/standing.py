"""What the journal of a mode says, for whoever only looks: what holds, and where the file says
otherwise.

What was changed while running holds until the file itself changes, so the two may differ for long,
and nobody should have to find that out by a refusal.
"""

from pathlib import Path

import msgspec

from omnivenue.app.configure import changes
from omnivenue.app.paper import capabilities
from omnivenue.config import Config
from omnivenue.engine import State
from omnivenue.journal import Chain, SqliteReader, fold
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Event,
    InstrumentsListed,
    LimitsSet,
    VenueListed,
)
from omnivenue.model import LimitName, Limits, format_limit

_SECTIONS: dict[type[Event], str] = {
    InstrumentsListed: "instruments",
    VenueListed: "venues",
    LimitsSet: "limits",
    AccountOpened: "accounts",
    Deposited: "balances",
}


class Standing(msgspec.Struct, frozen=True):
    """Who the server of a mode is, or would be if it started now."""

    state: State
    chain: Chain


class Otherwise(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of which the file says one thing while another holds; null where there is none."""

    scope: str
    name: str
    file: str | None
    holds: str | None


def standing(folder: Path, mode: str) -> Standing | None:
    """By the latest snapshot and the entries after it, each held against the one before it; None
    before the first start. Raises Broken, NotAJournal, UnknownSchema, WrongMode."""
    path = folder / "journal.db"
    if not path.exists():
        return None
    reader = SqliteReader(path)
    try:
        return Standing(*fold(reader, mode, folder / "snapshots"))
    finally:
        reader.close()


def limits_otherwise(state: State, config: Config) -> list[Otherwise]:
    file, holds = _by_name(config.limits), _by_name(state.limits)
    return [
        Otherwise(
            scope=scope,
            name=name.value,
            file=_text(name, file.get((scope, name))),
            holds=_text(name, holds.get((scope, name))),
        )
        for scope, name in sorted(
            file.keys() | holds.keys(), key=lambda key: (key[0], key[1].value)
        )
        if file.get((scope, name)) != holds.get((scope, name))
    ]


def sections_to_come(state: State, config: Config) -> list[str]:
    """What the next start will take from the file."""
    silences = {venue.venue_id: venue.dead_man for venue in config.venues}
    found = changes(
        state, config.instruments, capabilities(config), config.limits, config.balances, silences
    )
    return list(dict.fromkeys(_SECTIONS[type(event)] for event in found))


def _by_name(limits: Limits) -> dict[tuple[str, LimitName], int | None]:
    return {(limit.scope, limit.name): limit.value for limit in limits.limits}


def _text(name: LimitName, value: int | None) -> str | None:
    return None if value is None else format_limit(name, value)
