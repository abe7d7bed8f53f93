"""Reading one JSON object member by member, remembering all that is wrong instead of the first.

A null is a member that is absent: clients that fill in every field say the same as those that
leave them out.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from omnivenue.message import Reason
from omnivenue.model import NotDecimal, format_decimal, nearest_hint, parse_decimal
from omnivenue.wire.errors import ErrorCode

DECIMALS_MAX = 18
"""As fine as any asset is counted."""

WHOLE_DIGITS_MAX = 18
"""What the tables of orders hold beside 18 decimals. Far above any order, far below an overflow."""

SHOWN_MAX = 64

UNKNOWN_MAX = 20
"""Unknown fields that are named: finding what was meant takes longer than reading the rest."""

type Charset = tuple[re.Pattern[str], str]

KEY: Charset = (re.compile(r"[A-Za-z0-9._:-]{1,128}"), "1 to 128 characters of A-Z a-z 0-9 . _ : -")
NAME: Charset = (re.compile(r"[A-Za-z0-9._-]{1,64}"), "1 to 64 characters of A-Z a-z 0-9 . _ -")

SYNONYMS = {
    "amount": "qty",
    "client_order_id": "id",
    "expiry": "expire_at",
    "idempotency_key": "id",
    "instrument_id": "instrument",
    "limit_price": "price",
    "operation_id": "id",
    "order_type": "type",
    "pair": "instrument",
    "quantity": "qty",
    "size": "qty",
    "strategy": "strategy_id",
    "symbol": "instrument",
    "time_in_force": "tif",
    "trade_type": "instrument",
}
"""Words of other vocabularies: refused like any unknown field, and answered with ours."""


class Fields:
    """One object being read. `wrong` grows; what could not be read comes back as None."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members
        self.wrong: list[Reason] = []

    def has(self, name: str) -> bool:
        return self._members.get(name) is not None

    def add(self, code: ErrorCode, message: str, *, limit: str = "", value: str = "") -> None:
        self.wrong.append(code.because(message, limit=limit, value=value))

    def only(self, known: Collection[str]) -> None:
        unknown = [name for name in self._members if name not in known]
        for name in unknown[:UNKNOWN_MAX]:
            ours = SYNONYMS.get(name)
            hint = f"; here it is {ours}" if ours in known else nearest_hint(name, known)
            self.add(ErrorCode.UNKNOWN_FIELD, f"unknown field {cut(name)}{hint}")
        if len(unknown) > UNKNOWN_MAX:
            text = f"and {len(unknown) - UNKNOWN_MAX} more unknown fields"
            self.add(ErrorCode.UNKNOWN_FIELD, text)

    def missing(self, name: str) -> None:
        self.add(ErrorCode.MISSING, f"{name} is required")

    def text(self, name: str) -> str | None:
        value = self._members.get(name)
        if value is None or isinstance(value, str):
            return value
        self._mistyped(name, "a string", value)
        return None

    def flag(self, name: str) -> bool:
        value = self._members.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._mistyped(name, "true or false", value)
        return False

    def one_of(self, name: str, words: Collection[str]) -> str | None:
        value = self.text(name)
        if value is None or value in words:
            return value
        allowed = ", ".join(words)
        hint = nearest_hint(value, words)
        self.add(ErrorCode.NOT_ONE_OF, f"{name} must be one of {allowed}{hint}", value=cut(value))
        return None

    def identifier(self, name: str, form: Charset) -> str | None:
        value = self.text(name)
        return None if value is None else self.checked_id(name, value, form)

    def checked_id(self, name: str, value: str, form: Charset) -> str | None:
        pattern, words = form
        if pattern.fullmatch(value):
            return value
        self.add(ErrorCode.BAD_ID, f"{name} must be {words}", value=cut(value))
        return None

    def decimal(self, name: str) -> str | None:
        """A positive decimal in its shortest form, so that equal numbers are equal texts."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._mistyped(name, 'a decimal string such as "0.5"', value)
            return None
        try:
            units = parse_decimal(value, DECIMALS_MAX)
        except NotDecimal as error:
            problem = _why_no_decimal(value) or str(error)
            self.add(ErrorCode.NOT_DECIMAL, f"{name} {problem}", value=cut(value))
            return None
        if not 0 < units < 10 ** (WHOLE_DIGITS_MAX + DECIMALS_MAX):
            low = "more than 0" if units == 0 else f"less than 10^{WHOLE_DIGITS_MAX}"
            self.add(ErrorCode.OUT_OF_RANGE, f"{name} must be {low}", value=cut(value))
            return None
        return format_decimal(units, DECIMALS_MAX)

    def _mistyped(self, name: str, wanted: str, value: object) -> None:
        message = f"{name} must be {wanted}, not {_kind(value)}"
        self.add(ErrorCode.WRONG_TYPE, message, value=cut(str(value)))


def cut(text: str) -> str:
    """What a stranger wrote, short enough for an answer."""
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"


def _why_no_decimal(text: str) -> str | None:
    """The usual slips, by name. None: the reader's own words will do."""
    lower = text.strip().casefold()
    if not lower:
        return "is empty"
    if lower.lstrip("+-") in {"nan", "inf", "infinity"}:
        return "is not a number"
    if lower.startswith("-"):
        return "must not be negative"
    if re.fullmatch(r"\+?[0-9.]+e[+-]?\d+", lower):
        return "is in exponent form: write it out"
    if re.fullmatch(r"\d{61,}(\.\d*)?", lower):
        return "is too large"
    return None
