"""An arbitrage signal by token names, in the shape in which older programs send it.

Members that are not known mean nothing, for its senders send along what they have; but one that
looks like a slip of the pen for a known one is an error: its default would hold in silence.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import msgspec

from omnivenue.model import CHAIN_IDS, VALUE_MAX, nearest
from omnivenue.route import Wanted
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import Fields, cut

HOPS_MAX = 5
TOKEN_MAX = 128
MEMBERS_MAX = 100
"""What each might be a slip for is looked up, and takes its time."""

SLIPPAGE_BPS, MAX_GAS_GWEI = 30, 150
"""What holds where a signal does not say."""

SAID_MAX = 10**100
"""A number of a Python program may be so long that Python itself does not write it out."""

GWEI, MICROS = 10**9, 10**6
USD_MAX = 10**15
KNOWN = ("route", "principal", "slippage_bps", "min_profit_usd", "max_gas_gwei", "chain")
_DIGITS = re.compile(r"[0-9]{1,78}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)


class ArbitrageSignal(msgspec.Struct, frozen=True, kw_only=True):
    wanted: Wanted
    chain: str | None  # as the table of chains has it


def parse_arbitrage(document: object) -> ArbitrageSignal | Invalid:
    """Or all that is wrong with it."""
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("a signal must be a JSON object")])
    members = cast("dict[str, Any]", document)
    fields = _SignalFields(members)
    fields.no_slips(members)
    route = fields.route("route")
    principal = fields.whole("principal", 1, VALUE_MAX, None)
    slippage = fields.whole("slippage_bps", 0, 10_000, SLIPPAGE_BPS)
    profit = fields.scaled("min_profit_usd", MICROS, -USD_MAX, USD_MAX, 0)
    gas = fields.scaled("max_gas_gwei", GWEI, 0, 10**9, MAX_GAS_GWEI)
    chain = fields.chain("chain")
    if fields.wrong or principal is None or slippage is None or profit is None:
        return invalid(fields.wrong)
    wanted = Wanted(
        route=route,
        principal=principal,
        slippage_bps=slippage,
        min_profit=profit,
        max_gas_price=gas,
    )
    return ArbitrageSignal(wanted=wanted, chain=chain)


class _SignalFields(Fields):
    def no_slips(self, members: dict[str, Any]) -> None:
        if len(members) > MEMBERS_MAX:
            text = f"a signal must have no more than {MEMBERS_MAX} members"
            limit, value = str(MEMBERS_MAX), str(len(members))
            self.add(ErrorCode.OUT_OF_RANGE, text, limit=limit, value=value)
            return
        for name in members:
            meant = None if name in KNOWN else nearest(name, KNOWN)
            if meant is not None and meant not in members:
                text = f"unknown field {cut(name)}; nearest known: {meant}"
                self.add(ErrorCode.UNKNOWN_FIELD, text)

    def route(self, name: str) -> tuple[str, ...]:
        """Token names, from the borrowed one back to it."""
        value = self._members.get(name)
        if value is None:
            self.missing(name)
            return ()
        if not isinstance(value, list):
            self._mistyped(name, "a list of token names", value)
            return ()
        tokens = cast("list[object]", value)
        if not 3 <= len(tokens) <= HOPS_MAX + 1:
            text = f"{name} must be 3 to {HOPS_MAX + 1} tokens, so 2 to {HOPS_MAX} hops"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=str(len(tokens)))
        if len(tokens) > HOPS_MAX + 1:  # to look for more that is wrong would take its time
            return ()
        for n, token in enumerate(tokens):
            if not isinstance(token, str):
                self._mistyped(f"{name}[{n}]", "a token's name", token)
            elif not (0 < len(token) <= TOKEN_MAX and token.isprintable()):
                text = f"{name}[{n}] must be 1 to {TOKEN_MAX} printable characters"
                self.add(ErrorCode.OUT_OF_RANGE, text, value=cut(token))
        found = tuple(token for token in tokens if isinstance(token, str))
        if len(found) == len(tokens):
            self._cycle(name, found)
        return found

    def _cycle(self, name: str, tokens: tuple[str, ...]) -> None:
        if tokens and tokens[0] != tokens[-1]:
            text = f"{name} must end with the token that it begins with, {cut(tokens[0])}"
            self.add(ErrorCode.CONTRADICTION, text, value=cut(tokens[-1]))
        inner = tokens[:-1] if tokens and tokens[0] == tokens[-1] else tokens
        for token in dict.fromkeys(t for t in inner if inner.count(t) > 1):
            text = f"{name} comes by {cut(token)} twice"
            self.add(ErrorCode.CONTRADICTION, text, value=cut(token))

    def whole(self, name: str, low: int, high: int, default: int | None) -> int | None:
        """A whole number, or one in decimal digits, or a JSON number that is one: what was
        multiplied by 1e6 is a float in most languages."""
        value = self._members.get(name)
        if value is None:
            if default is None:
                self.missing(name)
            return default
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self._mistyped(name, "a whole number", value)
            return None
        if not low <= value <= high:
            shown = "2^256 - 1" if high == VALUE_MAX else str(high)
            text = f"{name} must be {low} to {shown}"
            said = cut(str(value)) if abs(value) <= SAID_MAX else ""
            self.add(ErrorCode.OUT_OF_RANGE, text, value=said)
            return None
        return value

    def scaled(self, name: str, unit: int, low: int, high: int, default: int) -> int | None:
        """A number in so many parts. What is finer than a part is rounded up: a floor must not
        become lower by it, and a ceiling by less than anybody counts."""
        value = self._members.get(name)
        if value is None:
            return default * unit
        number = _number(value)
        if number is None:
            self._mistyped(name, "a number", value)
            return None
        if not low <= number <= high:
            text = f"{name} must be {low} to {high}"
            self.add(ErrorCode.OUT_OF_RANGE, text, value=cut(str(value)))
            return None
        whole, part = divmod(number * unit, 1)
        return int(whole) + (part > 0)

    def chain(self, name: str) -> str | None:
        """Whatever its case: configurations have it in lower case."""
        value = self.text(name)
        if value is None or value.upper() in CHAIN_IDS:
            return value and value.upper()
        return self.one_of(name, [chain.lower() for chain in CHAIN_IDS])


def _number(value: object) -> Decimal | None:
    """Of a float the shortest decimal that is it, which is what was written."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
