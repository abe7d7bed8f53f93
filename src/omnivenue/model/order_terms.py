"""How an order may trade: FIX OrdType (40), TimeInForce (59) and the trigger's price (1107)."""

from enum import Enum


class OrdType(Enum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"  # a market order, once the market has come to the stop price
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"  # as a stop, from the other side of the market
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    def __init__(self, value: str) -> None:
        """Kept, because they are asked for with every order."""
        self.is_triggered = value not in ("market", "limit")  # it waits for the market first
        self.is_take_profit = value.startswith("take_profit")


class TimeInForce(Enum):
    GTC = "gtc"
    IOC = "ioc"  # what does not trade at once is cancelled
    FOK = "fok"  # all at once, or nothing
    DAY = "day"  # until 00:00 UTC
    GTD = "gtd"  # until a time that the order names

    def __init__(self, value: str) -> None:
        self.rests = value not in ("ioc", "fok")


class TriggerBy(Enum):
    """Whose price a trigger looks at."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"
    MARK = "mark"
