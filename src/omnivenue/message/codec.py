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


def encode_decision(entry: Entry) -> bytes:
    """What must be equal wherever the same decisions are made, in whatever mode and epoch."""
    event = entry.event
    if isinstance(event, Opened):
        event = msgspec.structs.replace(event, mode="", config_hash="")
    return encode((event, entry.seen, entry.commands))
