"""Side of an order or a fill."""

from enum import Enum


class Side(Enum):
    BUY = "buy"
    SELL = "sell"

    def __init__(self, value: str) -> None:
        self.sign = 1 if value == "buy" else -1  # asked for so often that it is kept

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY
