"""From the file as written to the configuration as used. Everything that names something is held
against what it names, and every mistake is told at once."""

import re

import msgspec

from omnivenue.config.chains import settle_chain
from omnivenue.config.limits import Known, settle_limits
from omnivenue.config.read import Mistake
from omnivenue.config.settled import AccountConfig, Balance, Config, SecretRef, VenueConfig
from omnivenue.config.shape import AccountSection, File, InstrumentLine, RiskSection, VenueSection
from omnivenue.model import (
    SECOND,
    SMART,
    VENUES,
    AccountID,
    AssetID,
    Atoms,
    Instrument,
    InstrumentID,
    InstrumentType,
    Lots,
    Nanos,
    NotCanonical,
    NotDecimal,
    VenueID,
    exponent,
    nearest_hint,
    parse_canonical_id,
    parse_decimal,
)

SPEED_DECIMALS, SPEED_MAX = 3, 1000 * 10**3
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

DEAD_MAN_MIN = 3
"""Seconds: a switch that a hiccup of the line throws cancels what should have rested."""


def settle(
    file: File, source: str, defaults: File | None, mistakes: list[Mistake]
) -> Config | None:
    """`defaults` for paper; without them the file must say everything itself."""
    venues = tuple(_venue(name, v, mistakes) for name, v in sorted(file.venues.items()))
    accounts = tuple(
        _account(name, account, file, defaults, mistakes)
        for name, account in sorted(file.accounts.items())
    )
    chains = [settle_chain(name, c, mistakes) for name, c in sorted(file.chain.items())]
    said = {mistake.path.partition(".")[0] for mistake in mistakes}
    for name, found in (("venues", venues), ("accounts", accounts)):
        if not found and said.isdisjoint({"venues", name}):
            mistakes.append(Mistake(name, "there must be at least one"))
    risk: RiskSection | None = defaults.risk if defaults else None
    limits, waived = settle_limits(file.risk, risk, Known(accounts, venues), mistakes)
    if mistakes:
        return None
    return Config(
        source=source,
        mode=file.mode,
        server=file.server,
        limits=limits,
        self_match_prevention=file.risk.self_match_prevention,
        waived_checks=waived,
        accounts=accounts,
        venues=venues,
        chains=tuple(chain for chain in chains if chain is not None),
        logging=file.logging,
    )


def _account(
    name: str, section: AccountSection, file: File, defaults: File | None, mistakes: list[Mistake]
) -> AccountConfig:
    path = f"accounts.{name}"
    if not NAME.fullmatch(name):
        mistakes.append(Mistake(path, "must be 1 to 64 characters of A-Z a-z 0-9 . _ -"))
    before = {mistake.path for mistake in mistakes}
    if not section.venues and f"{path}.venues" not in before:
        mistakes.append(Mistake(f"{path}.venues", "must name at least one venue"))
    for i, venue in enumerate(section.venues):
        if venue not in file.venues:
            text = f"unknown venue {venue!r}{nearest_hint(venue, file.venues)}"
            mistakes.append(Mistake(f"{path}.venues[{i}]", text))
        elif venue in section.venues[:i]:
            mistakes.append(Mistake(f"{path}.venues[{i}]", f"{venue} is named twice"))
    if defaults is None and section.balances is not None:
        text = f"are given by simulated exchanges: not in mode {file.mode}"
        mistakes.append(Mistake(f"{path}.balances", text))
    balances = section.balances
    if balances is None and defaults is not None:
        balances = next(iter(defaults.accounts.values())).balances
    return AccountConfig(
        account=AccountID(name),
        venue_ids=tuple(VenueID(venue) for venue in section.venues),
        balances=tuple(
            Balance(
                asset=AssetID(asset),
                amount=_atoms(text, asset, f"{path}.balances.{asset}", mistakes),
            )
            for asset, text in sorted((balances or {}).items())
        ),
    )


def _venue(name: str, section: VenueSection, mistakes: list[Mistake]) -> VenueConfig:
    path = f"venues.{name}"
    if name not in VENUES - {SMART}:
        text = f"unknown venue{nearest_hint(name, VENUES - {SMART})}"
        mistakes.append(Mistake(path, text))
    if section.kind != "sim":
        text = f'the adapter {section.kind!r} is not built yet: it can only be "sim"'
        mistakes.append(Mistake(f"{path}.kind", text))
    if 0 < section.dead_man_secs < DEAD_MAN_MIN:
        text = f"must be {DEAD_MAN_MIN} seconds at least, or 0: it is refreshed three times in it"
        mistakes.append(Mistake(f"{path}.dead_man_secs", text))
    _, _, recording = section.market.partition(":")
    return VenueConfig(
        venue_id=VenueID(name),
        kind=section.kind,
        recording=recording or None,
        keeps_going=section.keeps_going,
        speed=_speed(section, path, mistakes),
        cancel_on_stop=section.cancel_on_stop,
        dead_man=Nanos(section.dead_man_secs * SECOND),
        seed=section.seed,
        latency_us=section.latency_us,
        faults=section.faults,
        instruments=_instruments(VenueID(name), section, mistakes),
        api_key=_secret(section.api_key),
        api_secret=_secret(section.api_secret),
        api_passphrase=_secret(section.api_passphrase),
    )


def _speed(section: VenueSection, path: str, mistakes: list[Mistake]) -> int:
    """In thousandths of the recorded one."""
    if section.market == "generated" and section.speed != "1":
        text = "is of a recording: a generated market has no other speed than its own"
        mistakes.append(Mistake(f"{path}.speed", text))
    try:
        speed = parse_decimal(section.speed, SPEED_DECIMALS)
    except NotDecimal:  # which has been said
        return 1
    if not 0 < speed <= SPEED_MAX:
        mistakes.append(Mistake(f"{path}.speed", "must be 0.001 to 1000"))
    return speed


def _instruments(
    venue_id: VenueID, section: VenueSection, mistakes: list[Mistake]
) -> tuple[Instrument, ...]:
    # Not at the top: the package of the simulated exchanges brings asyncio, `--help` needs neither.
    from omnivenue.venue.sim import rules  # noqa: PLC0415

    generated = sorted({i.base for i in rules.INSTRUMENTS})  # what has a price to begin at
    found = {i.instrument_id: i for i in rules.instruments_of(venue_id)}
    for n, line in enumerate(section.instruments):
        path = f"venues.{venue_id}.instruments[{n}]"
        before = len(mistakes)
        instrument_id = _instrument_id(venue_id, line, path, mistakes)
        if instrument_id and len(mistakes) == before:
            instrument = found.get(instrument_id) or _new(instrument_id, line, path, mistakes)
            found[instrument_id] = _changed(instrument, line, path, mistakes)
            if section.market == "generated" and instrument.base not in generated:
                text = (
                    f"no market is generated for {instrument.base}: only for {', '.join(generated)}"
                )
                mistakes.append(Mistake(f"{path}.instrument", text))
    where = f"venues.{venue_id}"
    is_told = any(m.path == where or m.path.startswith(f"{where}.instruments") for m in mistakes)
    if not found and not is_told:
        text = "lists no instrument by itself: name at least one under instruments"
        mistakes.append(Mistake(where, text))
    return tuple(found[instrument_id] for instrument_id in sorted(found))


def _instrument_id(
    venue_id: VenueID, line: InstrumentLine, path: str, mistakes: list[Mistake]
) -> InstrumentID:
    if not line.instrument:
        return InstrumentID("")  # which has been said
    try:
        instrument = parse_canonical_id(line.instrument)
    except NotCanonical as error:
        mistakes.append(Mistake(f"{path}.instrument", str(error)))
        return InstrumentID("")
    if instrument.venue != venue_id:
        text = f"{line.instrument} is not of the venue {venue_id}"
        mistakes.append(Mistake(f"{path}.instrument", text))
    if instrument.type not in {InstrumentType.SPOT_PAIR, InstrumentType.PERPETUAL}:
        text = f"{instrument.type.value} is not built yet: only SPOT_PAIR and PERPETUAL"
        mistakes.append(Mistake(f"{path}.instrument", text))
    if instrument.is_inverse:
        text = f"{line.instrument} is inverse, and those are not built yet: only linear ones (@LIN)"
        mistakes.append(Mistake(f"{path}.instrument", text))
    return instrument.instrument_id


def _new(
    instrument_id: InstrumentID, line: InstrumentLine, path: str, mistakes: list[Mistake]
) -> Instrument:
    """One that the venue does not list by itself: its grid has no default."""
    for name in ("tick", "lot"):
        if getattr(line, name) is None:
            text = f"is required: the venue lists no {instrument_id} by itself"
            mistakes.append(Mistake(f"{path}.{name}", text))
    instrument = parse_canonical_id(instrument_id)
    base, quote = (AssetID(asset) for asset in instrument.payload)
    return Instrument(
        instrument_id=instrument_id,
        version=1,
        venue_id=instrument.venue,
        type=instrument.type,
        base=base,
        quote=quote,
        settle=quote,  # an inverse one has been refused
        lot=Atoms(1),
        tick=Atoms(1),
        min_qty=Lots(1),
        min_notional=Atoms(0),
    )


def _changed(
    instrument: Instrument, line: InstrumentLine, path: str, mistakes: list[Mistake]
) -> Instrument:
    """With what the line says in place of what was."""

    def given(name: str, asset: AssetID) -> Atoms | None:
        text = getattr(line, name)
        return None if text is None else _atoms(text, asset, f"{path}.{name}", mistakes)

    least = instrument.min_qty * instrument.lot
    lot = given("lot", instrument.base) or instrument.lot
    min_qty = given("min_qty", instrument.base)
    return msgspec.structs.replace(
        instrument,
        lot=lot,
        tick=given("tick", instrument.quote) or instrument.tick,
        min_qty=Lots(-(-(least if min_qty is None else min_qty) // lot)),
        min_notional=_or(given("min_notional", instrument.quote), instrument.min_notional),
        maker_bps=_or(line.maker_bps, instrument.maker_bps),
        taker_bps=_or(line.taker_bps, instrument.taker_bps),
    )


def _or[T](value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value


def _atoms(text: str, asset: str, path: str, mistakes: list[Mistake]) -> Atoms:
    try:
        atoms = parse_decimal(text, exponent(AssetID(asset)))
    except NotDecimal as error:
        mistakes.append(Mistake(path, f"{text[:60]!r} {error}"))
        return Atoms(1)
    if atoms == 0 and path.rpartition(".")[2] in {"tick", "lot"}:
        mistakes.append(Mistake(path, "must be more than 0"))
        return Atoms(1)
    return Atoms(atoms)


def _secret(text: str | None) -> SecretRef | None:
    if text is None:
        return None
    scheme, _, name = text.partition(":")
    return SecretRef(scheme=scheme, name=name)
