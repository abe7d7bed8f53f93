"""An instruction's numbers against the grid of their listing: lots, ticks, and the venue's minima.

Texts are read into wide numbers, counted in 10^-18 of a whole asset, which compare without knowing
the asset; what fits the grid is then a whole number of atoms.
"""

from collections.abc import Iterable
from functools import lru_cache

from omnivenue.message import Reason
from omnivenue.model import (
    AssetID,
    Atoms,
    Contract,
    Instrument,
    exponent,
    format_decimal,
    parse_decimal,
)
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import DECIMALS_MAX

type Price = tuple[str, str | None]
"""The name of a member, and what it holds."""


def qty_misfits(instrument: Instrument, text: str) -> list[Reason]:
    qty, lot = wide(text), instrument.lot * _fine(instrument.qty_asset)
    wrong = _off_grid(ErrorCode.OFF_LOT, "qty", "lot", qty, lot)
    if qty < instrument.min_qty * lot:
        least = _shown(instrument.min_qty * lot)
        words = f"qty {_shown(qty)} is below the venue's minimum {least}"
        wrong.append(ErrorCode.BELOW_MIN_QTY.because(words, limit=least, value=_shown(qty)))
    return wrong


def px_misfits(instrument: Instrument, prices: Iterable[Price]) -> list[Reason]:
    tick = instrument.tick * _fine(instrument.quote)
    wrong: list[Reason] = []
    for name, text in prices:
        if text is not None:
            wrong += _off_grid(ErrorCode.OFF_TICK, name, "tick", wide(text), tick)
    return wrong


def too_little(instrument: Instrument, qty: str, prices: Iterable[Price]) -> list[Reason]:
    """What a limit order is worth at its own price. A market order's is known when it is done."""
    least = instrument.min_notional * _fine(instrument.quote)
    code, wrong = ErrorCode.BELOW_MIN_NOTIONAL, list[Reason]()
    for name, text in prices:
        worth = least if text is None else _worth(instrument, wide(qty), wide(text))
        if worth < least:
            value, limit = _shown(worth), _shown(least)
            words = f"qty x {name} is {value} {instrument.quote}, the venue's minimum {limit}"
            wrong.append(code.because(words, limit=limit, value=value))
    return wrong


def digits_misfit(name: str, text: str, asset: AssetID) -> list[Reason]:
    """Finer than the asset is counted: there is no lot to hold an adjustment against."""
    plain, step = text.removeprefix("-"), _fine(asset)
    return _off_grid(ErrorCode.OFF_LOT, name, f"atom of {asset}", wide(plain), step)


@lru_cache(maxsize=256)
def wide(text: str) -> int:
    """Remembered: each number of an order is asked for some four times."""
    return parse_decimal(text, DECIMALS_MAX)


def to_atoms(text: str, asset: AssetID) -> Atoms:
    value, fine = wide(text), _fine(asset)
    assert value % fine == 0, "a multiple of the lot or tick is one of atoms"
    return Atoms(value // fine)


def _worth(instrument: Instrument, qty: int, px: int) -> int:
    count = qty * instrument.multiplier // instrument.multiplier_unit
    if instrument.contract is Contract.INVERSE:
        return count  # it is counted in the quote asset
    return count * px // 10**DECIMALS_MAX


def _off_grid(code: ErrorCode, name: str, step_name: str, value: int, step: int) -> list[Reason]:
    """Names both neighbours, so that the caller can choose: rounding for it would be a guess."""
    if value % step == 0:
        return []
    below, step_text = value - value % step, _shown(step)
    around = f"{_shown(below)} or {_shown(below + step)}" if below else _shown(step)
    text = (
        f"{name} {_shown(value)} is no multiple of the {step_name} {step_text}: {around} would be"
    )
    return [code.because(text, limit=step_text, value=_shown(value))]


@lru_cache(maxsize=256)
def _fine(asset: AssetID) -> int:
    """How many 10^-18 one atom of `asset` is."""
    return 10 ** (DECIMALS_MAX - exponent(asset))


def _shown(value: int) -> str:
    return format_decimal(value, DECIMALS_MAX)
