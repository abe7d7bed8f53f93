"""How an order may trade: FIX OrdType (40) and TimeInForce (59)."""

from enum import Enum


class OrdType(Enum):
    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(Enum):
    GTC = "gtc"
    IOC = "ioc"  # what does not trade at once is cancelled
    FOK = "fok"  # all at once, or nothing
