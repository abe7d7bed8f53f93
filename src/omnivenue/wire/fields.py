"""Reading one JSON object member by member, remembering all that is wrong instead of the first.

A null is a member that is absent: clients that fill in every field say the same as those that
leave them out.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, cast

from omnivenue.message import Reason
from omnivenue.model import Nanos, NotDecimal, format_decimal, nearest_hint, parse_decimal
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.times import NotATime, parse_time

DECIMALS_MAX = 18
"""As fine as any asset is counted."""

WHOLE_DIGITS_MAX = 18
"""What the tables of orders hold beside 18 decimals. Far above any order, far below an overflow."""

SHOWN_MAX = 64

REASON_MAX = 500

UNKNOWN_MAX = 20
"""Unknown names that are told: finding what was meant takes longer than reading the rest."""

type Charset = tuple[re.Pattern[str], str]

ORDER_ID: Charset = (re.compile(r"[!-~]{1,256}"), "1 to 256 printable ASCII characters")
"""A key, or what was made of one (`key~tp`), or what a venue calls an order of somebody else's."""

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

    def __init__(
        self, members: Mapping[str, Any], within: str = "", wrong: list[Reason] | None = None
    ) -> None:
        """`within`: the member of another object that this one is, whose `wrong` it adds to."""
        self._members = members
        self._within = f"{within}." if within else ""
        self.wrong: list[Reason] = [] if wrong is None else wrong

    def has(self, name: str) -> bool:
        return self._members.get(name) is not None

    def mentions(self, name: str) -> bool:
        """Also by a null."""
        return name in self._members

    def add(self, code: ErrorCode, message: str, *, limit: str = "", value: str = "") -> None:
        self.wrong.append(code.because(message, limit=limit, value=value))

    def only(self, known: Collection[str]) -> None:
        unknown = [name for name in self._members if name not in known]
        for name in unknown[:UNKNOWN_MAX]:
            ours = SYNONYMS.get(name)
            hint = f"; here it is {ours}" if ours in known else nearest_hint(name, known)
            text = f"unknown field {self._within}{cut(name)}{hint}"
            self.add(ErrorCode.UNKNOWN_FIELD, text)
        if len(unknown) > UNKNOWN_MAX:
            text = f"and {len(unknown) - UNKNOWN_MAX} more unknown fields"
            self.add(ErrorCode.UNKNOWN_FIELD, text)

    def missing(self, name: str) -> None:
        self.add(ErrorCode.MISSING, f"{self._within}{name} is required")

    def text(self, name: str) -> str | None:
        value = self._members.get(name)
        if value is None or isinstance(value, str):
            return value
        self._mistyped(name, "a string", value)
        return None

    def inner(self, name: str) -> "Fields | None":
        """A member that is an object itself. What is wrong in it is wrong here."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._mistyped(name, "an object", value)
            return None
        return Fields(cast("dict[str, Any]", value), self._within + name, self.wrong)

    def rows(self, name: str, most: int) -> "list[Fields]":
        """A member that is a list of objects, none of them read where there are too many. What is
        wrong in one of them is wrong here."""
        value = self._members.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._mistyped(name, "a list of objects", value)
            return []
        rows = cast("list[Any]", value)
        if len(rows) > most:
            text = f"{self._within}{name} may name {most} at a time"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=str(len(rows)))
            return []
        found: list[Fields] = []
        for n, each in enumerate(rows):
            if isinstance(each, dict):
                within = f"{self._within}{name}[{n}]"
                found.append(Fields(cast("dict[str, Any]", each), within, self.wrong))
            else:
                self._mistyped(f"{name}[{n}]", "an object", each)
        return found

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
        message = f"{self._within}{name} must be one of {allowed}{hint}"
        self.add(ErrorCode.NOT_ONE_OF, message, value=cut(value))
        return None

    def identifier(self, name: str, form: Charset) -> str | None:
        value = self.text(name)
        return None if value is None else self.checked_id(name, value, form)

    def checked_id(self, name: str, value: str, form: Charset) -> str | None:
        pattern, words = form
        if pattern.fullmatch(value):
            return value
        message = f"{self._within}{name} must be {words}"
        self.add(ErrorCode.BAD_ID, message, value=cut(value))
        return None

    def sentence(self, name: str, longest: int) -> str | None:
        """Words for people: they end up in the journal, and on a terminal."""
        value = self.text(name)
        if value is None:
            return None
        said = value.strip()
        if not said or len(said) > longest or not said.isprintable():
            text = f"{self._within}{name} must be 1 to {longest} printable characters"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=cut(value))
            return None
        return said

    def reason(self) -> str:
        """Of what a person does by hand: whoever looks later must be able to read why."""
        if not self.has("reason"):
            self.missing("reason")
        return self.sentence("reason", REASON_MAX) or ""

    def decimal(self, name: str) -> str | None:
        """A positive decimal in its shortest form, so that equal numbers are equal texts."""
        text = self._decimal_text(name)
        units = None if text is None else self._units(name, text)
        return None if units is None else format_decimal(units, DECIMALS_MAX)

    def signed_decimal(self, name: str) -> str | None:
        """As `decimal`, and a minus may stand before it."""
        text = self._decimal_text(name)
        if text is None:
            return None
        units = self._units(name, text.removeprefix("-"))
        if units is None:
            return None
        return format_decimal(-units if text.startswith("-") else units, DECIMALS_MAX)

    def number_text(self, name: str) -> str | None:
        """A number, or a decimal as text: for what is no amount."""
        value = self._members.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self._mistyped(name, "a number", value)
        return None

    def texts(self, name: str, most: int) -> tuple[str, ...] | None:
        """A list of strings, each once."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self._mistyped(name, "a list of strings", value)
            return None
        found = cast("list[Any]", value)
        if wrong := [each for each in found if not isinstance(each, str)]:
            self._mistyped(name, "a list of strings", wrong[0])
            return None
        if not 0 < len(found) <= most:
            text = f"{self._within}{name} must name 1 to {most}"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=str(len(found)))
            return None
        return tuple(sorted(set(found)))

    def time(self, name: str) -> Nanos | None:
        """ISO 8601, or nanoseconds since 1970 as text or as a number."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            self._mistyped(name, "a time in ISO 8601 or nanoseconds since 1970", value)
            return None
        try:
            return parse_time(str(value))
        except NotATime as error:
            text = f"{self._within}{name} {error}"
            self.add(ErrorCode.NOT_A_TIME, text, value=cut(str(value)))
            return None

    def _decimal_text(self, name: str) -> str | None:
        value = self._members.get(name)
        if value is None or isinstance(value, str):
            return value
        self._mistyped(name, 'a decimal string such as "0.5"', value)
        return None

    def _units(self, name: str, text: str) -> int | None:
        """Counted in 10^-18."""
        try:
            units = parse_decimal(text, DECIMALS_MAX)
        except NotDecimal as error:
            problem = _why_no_decimal(text) or str(error)
            self.add(ErrorCode.NOT_DECIMAL, f"{self._within}{name} {problem}", value=cut(text))
            return None
        if not 0 < units < 10 ** (WHOLE_DIGITS_MAX + DECIMALS_MAX):
            low = "more than 0" if units == 0 else f"less than 10^{WHOLE_DIGITS_MAX}"
            text_of_it = f"{self._within}{name} must be {low}"
            self.add(ErrorCode.OUT_OF_RANGE, text_of_it, value=cut(text))
            return None
        return units

    def _mistyped(self, name: str, wanted: str, value: object) -> None:
        message = f"{self._within}{name} must be {wanted}, not {_kind(value)}"
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
