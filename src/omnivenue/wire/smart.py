"""An order over several venues held against what is listed: which ones, and on whose grid."""

from collections.abc import Callable, Mapping

from omnivenue.message import Reason
from omnivenue.model import Instrument, InstrumentID
from omnivenue.route import candidates, is_alike, is_smart
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import cut
from omnivenue.wire.instruction import OrderForm

type Listed = Mapping[InstrumentID, Instrument]
type Misfits = Callable[[Instrument], list[Reason]]


def candidates_wrong(
    form: OrderForm, listed: Listed, unlisted: Callable[[str], list[Reason]]
) -> list[Reason]:
    """All that is wrong with what it names: each must be listed, and counted as the others are."""
    named = form.candidates or ()
    if not is_smart(InstrumentID(form.instrument)):
        text = "candidates are the venue SMART's: an instrument of another venue is its own"
        return [ErrorCode.CONTRADICTION.because(text)] if named else []
    wrong = [each for name in named if InstrumentID(name) not in listed for each in unlisted(name)]
    found = candidates(listed, InstrumentID(form.instrument), tuple(map(InstrumentID, named)))
    if not found and not wrong:
        text = f"no venue lists what {cut(form.instrument)} stands for"
        return [ErrorCode.UNKNOWN_INSTRUMENT.because(text, value=cut(form.instrument))]
    there = [listed[i] for i in sorted(map(InstrumentID, named)) if i in listed]
    for other in there:
        if not is_alike(other, there[0]):
            text = f"candidates must count the same in the same money: {other.instrument_id} is not"
            wrong.append(ErrorCode.CONTRADICTION.because(f"{text} as {there[0].instrument_id}"))
    return wrong


def grid_of(found: list[Instrument], misfits: Misfits) -> tuple[Instrument, list[Reason]]:
    """Whom its numbers suit; where they suit nobody, what is wrong with them on the finest grid."""
    for each in found:
        if not misfits(each):
            return each, []
    finest = min(found, key=lambda i: (i.lot, i.tick, i.instrument_id))
    return finest, misfits(finest)
