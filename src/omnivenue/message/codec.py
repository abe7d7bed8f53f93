"""Bytes to messages and back. The only place that knows the journal's encoding.

JSON, because it has integers of any size and can be read with the eyes.
"""

import msgspec

from omnivenue.message.entry import Entry
from omnivenue.message.event import Opened

SCHEMA_VERSION = 1
"""Raised whenever an entry written before could not be read, or would mean something else."""

encode = msgspec.json.Encoder(order="deterministic").encode
"""Equal values give equal bytes: maps and sets are sorted."""

decode_entry = msgspec.json.Decoder(Entry).decode
"""Strict: raises msgspec.ValidationError on anything that no version of ours has written."""


def decision(entry: Entry, line: bytes) -> bytes:
    """What of an entry must be equal wherever the same decisions are made, in whatever mode and
    epoch: from its event to its commands, cut out of its `line` as `encode` has written it. In a
    JSON text quotes stand bare around names and values alone, so no value can look like a name."""
    if type(entry.event) is Opened:
        event = msgspec.structs.replace(entry.event, mode="", config_hash="")
        return encode((event, entry.seen, entry.commands))
    return line[line.index(b',"event":') : line.rindex(b',"prev_hash":')]
