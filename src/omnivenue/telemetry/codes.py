"""A code for every kind of trouble that is logged, by the family of what it concerns.

Refusals have codes of their own, which clients read (docs/refusals.md); these are for whoever runs
the system. A code is never given another meaning.
"""

from enum import Enum

FAMILIES = (
    *("CONFIG", "DATA", "ENGINE", "EXEC", "EXP", "LOG"),
    *("PNL", "POS", "RISK", "STRAT", "UTIL", "VEN"),
)


class Code(Enum):
    """Number, the component whose log tells it, and what it says."""

    REFUSED_TO_START = ("CONFIG-001", "server", "the server did not start, and says why")
    TOKENS_UNTRUSTED = (
        "CONFIG-002",
        "api",
        "the file of tokens may be others', and nobody comes in",
    )
    NO_SNAPSHOT = ("DATA-001", "journal", "no snapshot was made: the next start takes longer")
    TABLES_BEHIND = ("DATA-002", "views", "the read tables are not written, and lag")
    FAILED = ("ENGINE-001", "engine", "the core has stopped, and the process ends")
    ALERT = ("ENGINE-002", "engine", "the core calls a person")
    OUTCOME_UNKNOWN = ("EXEC-001", "engine", "nobody knows what has become of an order")
    FLAGGED = ("EXEC-002", "engine", "facts of an order that cannot be")
    UNWRITTEN = ("LOG-001", "server", "a log file cannot be written")
    QUARANTINED = ("POS-001", "engine", "a venue holds other than we believe")
    TRADING_STOPPED = ("RISK-901", "risk", "trading is stopped in a scope")
    LATCH_FAILED = ("RISK-902", "risk", "the KILL file cannot be written")
    ANSWER_FAILED = ("UTIL-001", "api", "a call was answered with 500: our fault")
    CHORE_FAILED = (
        "UTIL-002",
        "server",
        "what is done beside trading failed: our fault, and it is tried again",
    )
    VENUE_DOWN = ("VEN-001", "venue", "a venue is not connected")
    SEND_FAILED = ("VEN-002", "venue", "sending to a venue failed")
    TIME_LEAPT = ("VEN-003", "venue", "a feed's message came with a time that cannot be")

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def component(self) -> str:
        return self.value[1]

    @property
    def family(self) -> str:
        return self.code.partition("-")[0]
