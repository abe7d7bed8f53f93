"""From bytes to a JSON value, within limits that hold before anything is decoded.

The depth is counted on the bytes without recursion, so that a million brackets cost a scan and not
a stack. Of members that come twice the last one counts, as in every other JSON reader.
"""

import re

import msgspec

from omnivenue.wire.errors import ErrorCode, Invalid, invalid

BODY_MAX = 256 * 1024
DEPTH_MAX = 32

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_DECODER = msgspec.json.Decoder()


def read_json(raw: bytes, body_max: int = BODY_MAX) -> object | Invalid:
    """The decoded value, or what keeps it from being one (400, 413)."""
    if len(raw) > body_max:
        text = f"the body has {len(raw)} bytes, {body_max} at most are read"
        return _refused(ErrorCode.TOO_LARGE, text, str(body_max), str(len(raw)))
    if _is_too_deep(raw):
        text = f"the body is nested deeper than {DEPTH_MAX} levels"
        return _refused(ErrorCode.TOO_DEEP, text, str(DEPTH_MAX), "")
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, ValueError) as error:
        return _refused(ErrorCode.NOT_JSON, f"the body is not JSON: {error}", "", "")


def _refused(code: ErrorCode, message: str, limit: str, value: str) -> Invalid:
    return invalid([code.because(message, limit=limit, value=value)])


def _is_too_deep(raw: bytes) -> bool:
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return False
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(raw):
        mark = match[0]
        if mark in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                return True
        elif mark in b"]}":
            depth -= 1
    return False
