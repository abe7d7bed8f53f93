"""Which event may meet an order in which status: the legal table, and what a run reached of it.

Seeds are worth what they reach. A pair that is not listed can only come from a venue that lies, or
from a bug; it is shown, and not asked for.
"""

from collections import Counter

from omnivenue.oms import OrdStatus

type Reached = Counter[tuple[str, str]]

ANSWERS = ("StatusReport",)
TRADES = ("trade", "trade_cancel")
LEGAL: dict[str, tuple[str, ...]] = {
    "PENDING_NEW": ("new", "rejected", "canceled", "trade", "NotSent", "CancelRejected", *ANSWERS),
    "UNKNOWN": ("new", "rejected", "canceled", "NotSent", "CancelRejected", *TRADES, *ANSWERS),
    "NEW": ("new", "canceled", *TRADES, *ANSWERS, "CancelRejected"),
    "PARTIALLY_FILLED": ("new", "canceled", *TRADES, *ANSWERS, "CancelRejected"),
    "PENDING_CANCEL": ("new", "canceled", *TRADES, *ANSWERS, "CancelRejected"),
    "FILLED": ("new", "canceled", *TRADES, *ANSWERS, "CancelRejected"),
    "CANCELED": ("new", "canceled", *TRADES, *ANSWERS, "CancelRejected"),
    "REJECTED": ("new", "rejected", "trade", *ANSWERS, "CancelRejected"),
    "EXPIRED": ("new", "canceled", *ANSWERS),
}
LATER: dict[str, tuple[str, ...]] = {
    # Not "replaced": nothing is asked to be replaced before its venue has said that it has it, and
    # what was said is never forgotten, so an order that is still PENDING_NEW has no replace.
    "PENDING_NEW": ("triggered", "expired", "suspended"),
    "UNKNOWN": ("replaced", "triggered", "expired", "suspended", "done_for_day"),
    "NEW": ("replaced", "triggered", "expired", "suspended", "done_for_day"),
    "PARTIALLY_FILLED": ("replaced", "expired", "suspended", "done_for_day", "trade_correct"),
    "PENDING_REPLACE": (
        *("new", "replaced", "canceled", "expired", "trade", "trade_cancel", "trade_correct"),
        *("triggered", "done_for_day", "CancelRejected", *ANSWERS),
    ),
    "PENDING_CANCEL": ("replaced", "expired", "triggered", "trade_correct", "done_for_day"),
    "SUSPENDED": ("canceled", "new", "trade", "expired", *ANSWERS),
    "FILLED": ("replaced", "trade_correct"),
    "CANCELED": ("replaced", "trade_correct", "triggered"),
    "EXPIRED": ("trade", "trade_cancel", "trade_correct", "CancelRejected", "expired", "replaced"),
    "DONE_FOR_DAY": ("trade", "trade_cancel", *ANSWERS, "CancelRejected", "done_for_day"),
}
ENOUGH = 5_000
"""Seeds to have met all of them; so many of them, a run that is shorter has to have met."""
SOON = {1_000: 80, 150: 60, 60: 50}  # percent


def legal() -> set[tuple[str, str]]:
    known = OrdStatus.__members__
    tables = (LEGAL, LATER) if "PENDING_REPLACE" in known else (LEGAL,)
    return {(s, e) for table in tables for s, events in table.items() for e in events if s in known}


def unmet(reached: Reached, seeds: int) -> list[tuple[str, str]]:
    """What so many seeds should have met, and have not."""
    wanted = legal()
    missing = sorted(wanted - set(reached))
    if seeds >= ENOUGH:
        return missing
    share = next((share for least, share in SOON.items() if seeds >= least), 0)
    is_enough = 100 * (len(wanted) - len(missing)) >= share * len(wanted)
    return [] if is_enough else missing


def table(reached: Reached) -> str:
    """Counts; `-` where a legal pair was never met, `.` where there is no such pair."""
    wanted = legal()
    kinds = sorted({kind for _, kind in (*reached, *wanted)})
    width = max(map(len, kinds), default=0)
    lines = [" " * 16 + "  ".join(kind.rjust(width) for kind in kinds)]
    for found in sorted({found for found, _ in (*reached, *wanted)}):
        row = [
            str(reached[found, kind] or ("-" if (found, kind) in wanted else ".")).rjust(width)
            for kind in kinds
        ]
        lines.append(found.ljust(16) + "  ".join(row))
    met = len(wanted & set(reached))
    return "\n".join([*lines, f"{met} of {len(wanted)} legal pairs met"])
