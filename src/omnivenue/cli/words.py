"""Words that options take."""

from enum import StrEnum


class Mode(StrEnum):
    PAPER = "paper"
    SHADOW = "shadow"
    LIVE = "live"


class Scope(StrEnum):
    READ = "read"
    TRADE = "trade"
    TRANSFER = "transfer"
    ADMIN = "admin"


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"


class Stop(StrEnum):
    """How far trading is stopped."""

    KILLED = "killed"
    HALTED = "halted"
    REDUCE_ONLY = "reduce_only"


class Trigger(StrEnum):
    LAST = "last"
    BID = "bid"
    ASK = "ask"
    MARK = "mark"


class Tif(StrEnum):
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    DAY = "day"
    GTD = "gtd"
