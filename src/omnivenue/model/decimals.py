"""Decimal strings to integers and back, exactly. The only numbers that users write."""

import re

_PLAIN = re.compile(r"(\d{1,60})(?:\.(\d{1,60}))?", re.ASCII)

VALUE_MAX = 2**256 - 1
"""What a balance on any chain can be."""


class NotDecimal(ValueError):
    """The text is no number that we take; the message says what would be."""


def parse_decimal(text: str, exponent: int) -> int:
    """`text` counted in 10^-exponent. Plain digits with at most one point: no sign, no exponent
    form, no separators, no NaN. Raises NotDecimal; never rounds."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        raise NotDecimal('must be a plain non-negative decimal string such as "0.5"')
    whole, fraction = match.group(1), (match.group(2) or "").rstrip("0")
    if len(fraction) > exponent:
        raise NotDecimal(f"has more than {exponent} decimals")
    value = int(whole + fraction.ljust(exponent, "0"))
    if value > VALUE_MAX:
        raise NotDecimal("is too large")
    return value


def format_decimal(value: int, exponent: int) -> str:
    """The shortest plain decimal: no trailing zeros, no exponent form."""
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(exponent + 1, "0")
    whole, fraction = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
    fraction = fraction.rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole
