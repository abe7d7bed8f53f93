"""From bytes to a JSON value, within limits that hold before anything is decoded.

The depth is counted on the bytes without recursion, so that a million brackets cost a scan and not
a stack; and by no line of Python for each, which would hold up all others. Of members that come
twice the last one counts, as in every other JSON reader.
"""

from itertools import accumulate

import msgspec

from omnivenue.wire.errors import ErrorCode, Invalid, invalid

BODY_MAX = 256 * 1024
DEPTH_MAX = 32

_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_MARKS = bytes(set(range(256)) - {*_STEPS, ord('"')})
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
    return any(map(DEPTH_MAX.__lt__, accumulate(map(_STEPS.__getitem__, _brackets(raw)))))


def _brackets(raw: bytes) -> bytes:
    """Those outside of strings. Where it is no JSON, others too, but all that a decoder meets."""
    raw = raw.replace(rb"\\", b"").replace(rb"\"", b"")  # a quote that is left begins or ends one
    return b"".join(raw.translate(None, _NO_MARKS).split(b'"')[::2])
