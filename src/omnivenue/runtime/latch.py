"""Where a stop is remembered besides the journal: for the case that the journal is what fails."""

from typing import Protocol

from omnivenue.model import TradingState


class Latch(Protocol):
    def set(self, scope: str, state: TradingState, reason: str) -> None:
        """Before the stop is journaled. Must not raise: the gate is shut, and stays so."""
        ...

    def lift(self, scope: str) -> None:
        """Trading in this scope goes on, and that is durable."""
        ...
