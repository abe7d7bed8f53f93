"""Which instruments an order over venues may be traded in."""

from collections.abc import Mapping, Sequence

from omnivenue.model import SMART, Contract, Instrument, InstrumentID

_SMART = f"{SMART}:"


def is_smart(instrument_id: InstrumentID) -> bool:
    return instrument_id.startswith(_SMART)


def candidates(
    instruments: Mapping[InstrumentID, Instrument],
    instrument_id: InstrumentID,
    named: Sequence[InstrumentID] = (),
) -> list[Instrument]:
    """Those that count the same thing in the same money, by name. Of SMART the ones that are named,
    or all of the type and pair in its id; else the instrument itself."""
    found = meant(instruments, instrument_id, named)
    return [i for i in found if is_alike(i, found[0])] if is_smart(instrument_id) else found


def meant(
    instruments: Mapping[InstrumentID, Instrument],
    instrument_id: InstrumentID,
    named: Sequence[InstrumentID] = (),
) -> list[Instrument]:
    """Also those that by now count otherwise."""
    wanted = named or (instrument_id,)
    if is_smart(instrument_id) and not named:
        rest = instrument_id.removeprefix(_SMART)
        wanted = [i for i in sorted(instruments) if i.partition(":")[2] == rest]
    return [instruments[i] for i in sorted(set(wanted)) if i in instruments]


def is_alike(one: Instrument, other: Instrument) -> bool:
    """A quantity of the one is as much of the other, and so is a price."""
    plain = one.contract is Contract.LINEAR and one.multiplier == one.multiplier_unit
    return plain and (one.base, one.quote) == (other.base, other.quote)
