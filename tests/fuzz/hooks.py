"""What schemathesis does not know of us: who is told that a call is invalid has changed nothing.

Loaded by its process. After each answer that says so the journal is read on, and nothing of the
caller's may have come into it.
"""

import json
import os
import urllib.request
from typing import Any

import schemathesis

INVALID = frozenset({400, 401, 403, 404, 405, 413, 415, 426, 501})
URL, TOKEN = os.environ.get("FUZZ_URL", ""), os.environ.get("FUZZ_TOKEN", "")
_read_up_to = -1


def _entries() -> list[dict[str, Any]]:
    """Those since the last time."""
    global _read_up_to  # noqa: PLW0603  # this module is all that a hook has
    found: list[dict[str, Any]] = []
    while True:
        path = f"{URL}/v1/journal?from_seq={_read_up_to + 1}&limit=1000"
        asked = urllib.request.Request(path, headers={"authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(asked, timeout=30) as reply:
            page = json.load(reply)["entries"]
        if not page:
            return found
        found += page
        _read_up_to = page[-1]["seq"]


def is_invalid(status: int, document: Any) -> bool:
    """By the status, and of 422 by the code: what the core refuses is journaled."""
    if status != 422:
        return status in INVALID
    return document["error"]["code"].startswith("API-")


if URL:
    _entries()  # of before


@schemathesis.check
def no_trace(ctx: Any, response: Any, case: Any) -> None:
    is_json = response.headers.get("content-type", [""])[0] == "application/json"
    said = is_invalid(response.status_code, response.json() if is_json else None)
    ours = [entry for entry in _entries() if entry["principal"].startswith("token:")]
    assert not (said and ours), f"{response.status_code} left {ours}"
