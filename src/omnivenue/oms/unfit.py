"""What no market makes right about an instruction: the orders' own refusals, as one table.

A code is never given another meaning. The documentation's table is printed from this one.
"""

from enum import Enum

from omnivenue.message import Reason


class Unfit(Enum):
    """Code, sentence, and what `limit` and `value` say ("": nothing)."""

    ENDED = ("ORD-001", "the order has ended", "", "how")
    UNKNOWN = ("ORD-001", "no such order", "", "")
    ENDING = ("ORD-001", "the order is being cancelled", "", "")
    NOTHING_LEFT = ("ORD-001", "nothing of the order is left to replace", "", "")
    NOT_AT_VENUE = ("ORD-002", "the venue has no such orders", "", "what it has not")
    PAST = ("ORD-003", "expire_at has passed", "", "it, in nanoseconds")
    NO_PRICE = ("ORD-004", "a market order has no price to replace", "", "")
    FOLLOWS_ENTRY = ("ORD-005", "the quantity of a bracket's exit follows its entry", "", "")
    FILLED_MORE = (
        "ORD-006",
        "the quantity must be more than what has been filled",
        "what has been filled",
        "the quantity",
    )
    NOT_SPLIT = (
        "ORD-007",
        "an order over venues or over time has no such terms",
        "",
        "what it has not",
    )
    NOWHERE = ("ORD-008", "no venue takes any of it", "", "each of them, and why")
    FOLLOWS_WHOLE = ("ORD-010", "a part of an order is as the order wants it", "", "the order")
    NO_ALGORITHM = ("ORD-009", "only an algorithm is paused", "", "")

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def sentence(self) -> str:
        return self.value[1]

    @property
    def limit_is(self) -> str:
        return self.value[2]

    @property
    def value_is(self) -> str:
        return self.value[3]

    def because(self, *, limit: str = "", value: str = "") -> Reason:
        return Reason(code=self.code, message=self.sentence, limit=limit, value=value)
