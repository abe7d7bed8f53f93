"""The module under which programs of an older execution server import its client. Nothing of its
own is here."""

from omnivenue.client.execution import ExecutionManager, execute_trade

__all__ = ["ExecutionManager", "execute_trade"]
