"""The last look before a command leaves: is it still ours to send, and is it still in time?

The kill flag has its place here too: read at the socket, not only at the risk check.
"""

from omnivenue.journal import Durable
from omnivenue.message import NewOrder, NotSent
from omnivenue.model import Nanos


class Fenced(Exception):
    """A command of another epoch: another process owns the journal now."""


class Gate:
    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    def withholds(self, durable: Durable, at: Nanos) -> NotSent | None:
        """Proof that an order did not leave, if it must not. Cancels and questions always may."""
        if durable.epoch != self._epoch:
            raise Fenced(f"epoch {durable.epoch} is not {self._epoch}")
        new = durable.command
        if isinstance(new, NewOrder) and at >= new.expires_at:
            return self.refuse(new, "expired before it was sent")
        return None

    def refuse(self, new: NewOrder, why: str) -> NotSent:
        """For a wire that took nothing of it."""
        return NotSent(cl_ord_id=new.cl_ord_id, why=why)
