"""Every rule of the risk check: its code, its name, the sentence that the user reads, and what the
limit and the value of a refusal are. The documentation's table is printed from this one.

A code is never given another meaning.
"""

from enum import Enum

from omnivenue.message import Reason


class Rule(Enum):
    """Code, name, sentence; what `limit` and `value` say ("": nothing); HTTP status."""

    VENUE_STATE = (1, "venue_state", "the venue is not open for business", "", "what it is instead")
    PRICE = (2, "price", "there is no price to go by", "", "why")
    CURRENCY = (3, "currency", "money cannot be compared", "", "why")
    PROTECTION = (
        4,
        "protection_price",
        "a market order takes its protection price from price_collar, which is waived",
        "",
        "",
    )
    ORDER_QTY = (5, "order_qty", "the order is for too much", "the most", "the order's quantity")
    ORDER_NOTIONAL = (
        6,
        "order_notional",
        "the order is worth too much",
        "the most, in the risk currency",
        "what it is worth at its limit, or sold above it at the mark",
    )
    POSITION_QTY = (
        7,
        "position_qty",
        "the position could become too large",
        "the most",
        "the worst case, with all that works and is UNKNOWN",
    )
    POSITION_NOTIONAL = (
        8,
        "position_notional",
        "the position could become worth too much",
        "the most, in the risk currency",
        "the worst case at the mark",
    )
    PRICE_COLLAR = (
        9,
        "price_collar",
        "the price is too far on the aggressive side of the market",
        "the bound",
        "the order's price",
    )
    CASH = (
        10,
        "balance",
        "the free balance is too small",
        "what is free of the asset",
        "what the order can take",
    )
    MAY_TRADE = (11, "may_trade", "the account does not trade at this venue", "", "")
    VENUE_ORDERS = (
        12,
        "venue_orders",
        "too many orders are open at the venue",
        "the most that one question can ask about",
        "how many are open",
    )
    KILLED = (13, "killed", "trading is stopped: KILLED", "", "the scope", 423)
    HALTED = (14, "halted", "trading is stopped: HALTED", "", "the scope", 423)
    STATE_REDUCE_ONLY = (
        15,
        "reduce_only_state",
        "only what reduces a position may trade: REDUCE_ONLY",
        "",
        "the scope",
    )
    QUARANTINE = (
        16,
        "quarantine",
        "what is held differs from what the venue says, and nothing explains it",
        "",
        "the asset or instrument",
    )
    ALLOW_LIST = (
        17,
        "allow_list",
        "neither the instrument nor its venue is on the allow-list",
        "",
        "the instrument",
    )
    MIN_SIZE = (
        18,
        "min_size",
        "the order is smaller than the venue takes",
        "the least quantity, or worth",
        "the order's",
    )
    TOTAL_NOTIONAL = (
        19,
        "total_notional",
        "all positions together could become worth too much",
        "the most, in the risk currency",
        "the worst case of each, added up",
    )
    GROSS_NOTIONAL = (
        20,
        "gross_notional",
        "all positions and orders together are worth too much",
        "the most, in the risk currency",
        "each position and each order, none against another",
    )
    LEVERAGE = (
        21,
        "leverage",
        "the account trades too many times what it has",
        "the most",
        "gross notional by equity",
    )
    NOTIONAL_CHECK = (
        22,
        "notional_check",
        "the order's worth, computed in two ways, differs",
        "the largest share that it may differ by",
        "the share",
    )
    ORDERS_PER_SECOND = (
        23,
        "orders_per_second",
        "too many orders within a second",
        "the most",
        "how many, with this one",
    )
    ORDERS_PER_MINUTE = (
        24,
        "orders_per_minute",
        "too many orders within a minute",
        "the most",
        "how many, with this one",
    )
    OPEN_ORDERS = (
        25,
        "open_orders",
        "too many orders are open",
        "the most",
        "how many, with this one",
    )
    CANCEL_RATIO = (
        26,
        "cancel_ratio",
        "too many cancels for each trade since 00:00 UTC",
        "the most",
        "cancels by trades",
    )
    DUPLICATE_WINDOW = (
        27,
        "duplicate_window",
        "the same order was accepted a moment ago; `allow_duplicate` lets it pass",
        "the window in seconds",
        "how long ago, in seconds",
    )
    REPEATED_EXECUTION = (
        28,
        "repeated_execution",
        "the strategy does the same again and again: it is stopped",
        "the most in 10 seconds",
        "how many, with this one",
    )
    SELF_MATCH_PREVENTION = (
        29,
        "self_match_prevention",
        "the order would trade with one of our own",
        "",
        "that order's id",
    )
    CLOCK_OFFSET = (
        30,
        "clock_offset",
        "the venue's clock and ours differ too much",
        "the most, in seconds",
        "by how much at least, in seconds",
    )
    REDUCE_ONLY = (
        31,
        "reduce_only",
        "a reduce-only order may not be for more than is left to reduce",
        "what is left",
        "the order's quantity",
    )

    @property
    def code(self) -> str:
        return f"RISK-{self.value[0]:03}"

    @property
    def title(self) -> str:
        return self.value[1]

    @property
    def sentence(self) -> str:
        return self.value[2]

    @property
    def limit_is(self) -> str:
        return self.value[3]

    @property
    def value_is(self) -> str:
        return self.value[4]

    @property
    def status(self) -> int:
        """HTTP: 423 where trading is stopped, else 422."""
        return self.value[5] if len(self.value) > 5 else 422

    def because(self, *, limit: str = "", value: str = "", scope: str = "") -> Reason:
        """`scope` is said where the limit is not everybody's."""
        whose = f" ({self.title} of {scope})" if scope and scope != "global" else ""
        return Reason(code=self.code, message=self.sentence + whose, limit=limit, value=value)


LOCKED = frozenset(rule.code for rule in Rule if rule.status == 423)
"""The codes of refusals that are answered with 423."""
