"""`/v1/journal`: what happened, entry by entry, as it was written down."""

import asyncio
import re

import msgspec

from omnivenue.api.answer import Answer, invalid_answer
from omnivenue.api.paging import read_query
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.message import encode
from omnivenue.wire import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import cut

READ_AT_ONCE = 32  # entries; then whatever else the loop has to do comes first

_SEQ = re.compile(r"[0-9]{1,18}")


async def journal(site: Site, call: Call) -> Answer:
    """From an entry on, the first one where none is named. `seq` is the last that there is, so who
    has read that far has read all."""
    query = read_query(call.query, ("from_seq",), ("limit",))
    if isinstance(query, Invalid):
        return invalid_answer(query)
    text = query.filters.get("from_seq", "0")
    if not _SEQ.fullmatch(text):
        wrong = ErrorCode.OUT_OF_RANGE.because(
            "from_seq must be the number of an entry", value=cut(text)
        )
        return invalid_answer(invalid([wrong]))
    return Answer(200, await _entries(site, int(text), query.limit))


async def _entries(site: Site, first: int, limit: int) -> dict[str, object]:
    last = site.last_seq
    found: list[msgspec.Raw] = []
    for n, seq in enumerate(range(first, min(first + limit, last + 1))):
        if n % READ_AT_ONCE == READ_AT_ONCE - 1:
            await asyncio.sleep(0)
        entry = site.loop.entry(seq)
        if entry is None:
            break  # the journal has ended meanwhile
        found.append(msgspec.Raw(encode(entry)))
    return {"entries": found, "seq": last}
