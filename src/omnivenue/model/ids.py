"""Identifiers. Each is a plain string with a name of its own, so a checker can tell them apart.

Ours are derived, never drawn: a restart computes the same ones again.
"""

from hashlib import blake2b
from typing import NewType

AccountID = NewType("AccountID", str)
AssetID = NewType("AssetID", str)
StrategyID = NewType("StrategyID", str)
VenueID = NewType("VenueID", str)

InstrumentID = NewType("InstrumentID", str)
"""Canonical: `VENUE:TYPE:PAYLOAD[@SETTLEMENT]`, as `canonical.py` prints it."""

InstructionID = NewType("InstructionID", str)
"""The caller's idempotency key: unique in the whole journal of a mode, whoever sends it."""

OrderID = NewType("OrderID", str)
"""A parent order: what a client asked for. Equal to the key of the instruction that made it."""

ClOrdID = NewType("ClOrdID", str)
"""A venue order (FIX 11). Ours, chosen before it leaves us: the idempotency key of what follows."""

VenueOrderID = NewType("VenueOrderID", str)
"""The venue's name for an order (FIX 37)."""

ExecID = NewType("ExecID", str)
"""The venue's, one per execution report (FIX 17). Seen twice means delivered twice."""


def derived_cl_ord_id(*parts: str | int) -> ClOrdID:
    """31 characters that every venue takes.

    `repr` keeps ("a/b", "c") and ("a", "b/c") apart. 112 bits: no two among 10^12 orders.
    """
    return ClOrdID("ov_" + blake2b(repr(parts).encode(), digest_size=14).hexdigest())
