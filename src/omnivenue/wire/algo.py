"""An order's algorithm as clients write it: its name, and whole or decimal seconds."""

import msgspec

from omnivenue.message import Algo, Twap
from omnivenue.model import SECOND, Nanos, NotDecimal, format_decimal, parse_decimal
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import Fields, cut

TWAP = "twap"
BUILT = (TWAP,)
UNBUILT = ("vwap", "pov", "iceberg", "adaptive", "peg")
TWAP_FIELDS = ("name", "horizon_secs", "interval_secs")
HORIZON_DEFAULT, INTERVAL_DEFAULT = 10 * SECOND, SECOND
HORIZON_MAX = 7 * 86_400 * SECOND
INTERVAL_MIN = SECOND // 10
SLICES_MAX = 10_000
_SECONDS = 9  # decimals of a second that are counted


class TwapForm(msgspec.Struct, frozen=True, kw_only=True, tag=TWAP, tag_field="name"):
    horizon: int  # nanoseconds
    interval: int


type AlgoForm = TwapForm


def read_algo(fields: Fields) -> AlgoForm | None:
    inner = fields.inner("algo")
    if inner is None:
        return None
    if not inner.has("name"):
        inner.missing("name")
    name = inner.one_of("name", (*BUILT, *UNBUILT))
    if name in UNBUILT:
        inner.add(ErrorCode.NOT_BUILT, f"algo {name} is not built yet")
    if name != TWAP:
        return None
    inner.only(TWAP_FIELDS)
    horizon = _seconds(inner, "horizon_secs", HORIZON_DEFAULT, SECOND // 10, HORIZON_MAX)
    interval = _seconds(inner, "interval_secs", INTERVAL_DEFAULT, INTERVAL_MIN, HORIZON_MAX)
    if horizon is None or interval is None:
        return None
    slices = -(-horizon // interval)
    if slices > SLICES_MAX:
        text = f"horizon_secs by interval_secs is {slices} children: at most {SLICES_MAX}"
        inner.add(ErrorCode.OUT_OF_RANGE, text, limit=str(SLICES_MAX), value=str(slices))
    return TwapForm(horizon=horizon, interval=interval)


def algo_event(form: AlgoForm | None) -> Algo | None:
    if form is None:
        return None
    return Twap(horizon=Nanos(form.horizon), interval=Nanos(form.interval))


def algo_document(algo: Algo | None) -> dict[str, object] | None:
    """As a client would write it: seconds are numbers where they are whole."""
    if algo is None:
        return None
    return {
        "name": TWAP,
        "horizon_secs": _shown(algo.horizon),
        "interval_secs": _shown(algo.interval),
    }


def _shown(nanos: int) -> int | str:
    whole, rest = divmod(nanos, SECOND)
    return format_decimal(nanos, _SECONDS) if rest else whole


def _seconds(fields: Fields, name: str, default: int, least: int, most: int) -> int | None:
    value = fields.number_text(name)
    if value is None:
        return None if fields.has(name) else default
    try:
        nanos = parse_decimal(value, _SECONDS)
    except NotDecimal as error:
        fields.add(ErrorCode.NOT_DECIMAL, f"algo.{name} {error}", value=cut(value))
        return None
    if not least <= nanos <= most:
        low, high = format_decimal(least, _SECONDS), format_decimal(most, _SECONDS)
        text = f"algo.{name} must be from {low} to {high} seconds"
        fields.add(ErrorCode.OUT_OF_RANGE, text, value=cut(value))
        return None
    return nanos
