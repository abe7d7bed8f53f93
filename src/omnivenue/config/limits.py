"""The limits of the file in the units of the core, each with a scope that means something."""

import re

from omnivenue.config.defaults import FURTHER_CHECKS, LIMIT_WORDS, WAIVED
from omnivenue.config.read import Mistake
from omnivenue.config.settled import AccountConfig, VenueConfig
from omnivenue.config.shape import LimitLine, RiskSection
from omnivenue.model import (
    SCOPES,
    AssetID,
    Limit,
    LimitInvalid,
    LimitName,
    Limits,
    NotCanonical,
    NotDecimal,
    nearest_hint,
    parse_canonical_id,
    parse_limit,
    scopes_of,
)

_NAMES = frozenset(name.value for name in LimitName)
_STRATEGY = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Known:
    """What a scope may name."""

    def __init__(
        self, accounts: tuple[AccountConfig, ...], venues: tuple[VenueConfig, ...]
    ) -> None:
        self.accounts = frozenset(str(a.account) for a in accounts)
        self.venues = frozenset(str(v.venue_id) for v in venues)
        self.instruments = frozenset(str(i.instrument_id) for v in venues for i in v.instruments)


def settle_limits(
    risk: RiskSection, defaults: RiskSection | None, known: Known, mistakes: list[Mistake]
) -> tuple[Limits, tuple[str, ...]]:
    """The limits, and the checks that are waived by name. Of `defaults` counts what the file says
    nothing about; without them every limit must be set or waived."""
    said: dict[tuple[str, str], int | None] = {}
    for i, line in enumerate(risk.limits):
        path, before = f"risk.limits[{i}]", len(mistakes)
        scope = _scope(line, known, path, mistakes)
        value = _value(line, path, mistakes)
        if len(mistakes) == before and (scope, line.name) in said:
            mistakes.append(Mistake(path, f"{line.name} of {scope} is set twice"))
        if len(mistakes) == before:
            said[scope, line.name] = value
    for line in defaults.limits if defaults else ():
        said.setdefault((line.scope, line.name), _value(line, "", mistakes))
    missing = [word for word in LIMIT_WORDS if all(name != word for _, name in said)]
    if defaults is None and missing:
        text = f'neither set nor "{WAIVED}": {", ".join(missing)}'
        mistakes.append(Mistake("risk.limits", text))
    said.update({("global", word): None for word in missing})
    is_prevented = 1 if risk.self_match_prevention else None
    said["global", LimitName.SELF_MATCH_PREVENTION.value] = is_prevented
    limits = tuple(
        Limit(scope=scope, name=LimitName(name), value=value)
        for (scope, name), value in sorted(said.items(), key=lambda item: item[0])
        if name not in FURTHER_CHECKS
    )
    waived = tuple(sorted({name for _, name in said if name in FURTHER_CHECKS}))
    return Limits(currency=AssetID(risk.currency), limits=limits), waived


def _value(line: LimitLine, path: str, mistakes: list[Mistake]) -> int | None:
    if not line.name or not line.limit:
        return None  # which has been said
    if line.name not in LIMIT_WORDS:
        hint = nearest_hint(line.name, LIMIT_WORDS)
        mistakes.append(Mistake(f"{path}.name", f"unknown limit {line.name!r}{hint}"))
        return None
    if line.limit == WAIVED:
        return None
    if line.name in FURTHER_CHECKS:
        text = f'{line.name} is not built yet: it can only be "{WAIVED}"'
        mistakes.append(Mistake(f"{path}.limit", text))
        return None
    return _number(line, LimitName(line.name), path, mistakes)


def _number(line: LimitLine, name: LimitName, path: str, mistakes: list[Mistake]) -> int | None:
    try:
        return parse_limit(name, line.limit)
    except NotDecimal as error:
        mistakes.append(Mistake(f"{path}.limit", f'{error}, or "{WAIVED}"'))
    except LimitInvalid as error:
        mistakes.append(Mistake(f"{path}.limit", str(error)))
    return None


def _scope(line: LimitLine, known: Known, path: str, mistakes: list[Mistake]) -> str:
    """The scope with its id as the core writes it."""
    kind, _, what = line.scope.partition(":")
    problem = ""
    if not line.scope:
        return ""  # which has been said
    if kind not in SCOPES or (kind == "global") == bool(what):
        forms = "global, venue:V, account:A, strategy:S or instrument:I"
        problem = f"{line.scope!r} must be {forms}{nearest_hint(kind, SCOPES)}"
    elif line.name in _NAMES and kind not in scopes_of(LimitName(line.name)):
        known_scopes = ", ".join(scopes_of(LimitName(line.name)))
        problem = f"{line.name} means nothing for {kind}: its scopes are {known_scopes}"
    elif kind == "strategy" and not _STRATEGY.fullmatch(what):
        problem = f"{what!r} is no strategy: 1 to 64 characters of A-Z a-z 0-9 . _ -"
    elif kind == "instrument":
        what, problem = _instrument(what, known)
    elif kind in {"venue", "account"}:
        there = known.venues if kind == "venue" else known.accounts
        problem = "" if what in there else f"unknown {kind} {what!r}{nearest_hint(what, there)}"
    if problem:
        mistakes.append(Mistake(f"{path}.scope", problem))
    return f"{kind}:{what}" if what else kind


def _instrument(text: str, known: Known) -> tuple[str, str]:
    try:
        instrument_id = parse_canonical_id(text).instrument_id
    except NotCanonical as error:
        return text, str(error)
    if instrument_id in known.instruments:
        return instrument_id, ""
    hint = nearest_hint(instrument_id, known.instruments)
    return text, f"instrument {instrument_id} is not listed by a configured venue{hint}"
