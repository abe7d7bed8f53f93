"""How an order may trade: FIX OrdType (40), TimeInForce (59) and the trigger's price (1107)."""

from enum import Enum


class OrdType(Enum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"  # a market order, once the market has come to the stop price
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"  # as a stop, from the other side of the market
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    @property
    def is_triggered(self) -> bool:
        """Waits for the market before it is an order."""
        return self not in (OrdType.MARKET, OrdType.LIMIT)

    @property
    def is_take_profit(self) -> bool:
        return self in (OrdType.TAKE_PROFIT, OrdType.TAKE_PROFIT_LIMIT)


class TimeInForce(Enum):
    GTC = "gtc"
    IOC = "ioc"  # what does not trade at once is cancelled
    FOK = "fok"  # all at once, or nothing
    DAY = "day"  # until 00:00 UTC
    GTD = "gtd"  # until a time that the order names

    @property
    def rests(self) -> bool:
        return self not in (TimeInForce.IOC, TimeInForce.FOK)


class TriggerBy(Enum):
    """Whose price a trigger looks at."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"
    MARK = "mark"
