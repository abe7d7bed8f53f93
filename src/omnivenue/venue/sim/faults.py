"""What goes wrong between us and a simulated exchange: by seed, or by a script.

A request lost is a timeout without execution; a reply lost, a timeout with execution. From this
side they look the same, which is the point. `Link` draws its faults from a seed, for loops that
search; `Script` holds single faults for a test that wants exactly this one.
"""

from enum import Enum
from random import Random

import msgspec

from omnivenue.message import (
    ArmDeadMan,
    CancelOrder,
    NewOrder,
    QueryOrders,
    ReplaceOrder,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import Nanos


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chances in percent. Every message takes up to `delay_max` longer than its latency, so that
    later ones overtake it."""

    lose_request: int = 0
    lose_reply: int = 0
    duplicate: int = 0
    disconnect: int = 0  # per message
    rate_limit: int = 0  # of an order: it is turned away
    delay_max: int = 500_000_000


NO_FAULTS = Faults(delay_max=0)


class Latency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nanoseconds each way, drawn evenly. Latency alone never reorders."""

    min: int = 0
    max: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max:
            raise ValueError("latency must be 0 <= min <= max")


NO_LATENCY = Latency()


class Link:
    def __init__(
        self, seed: int, faults: Faults = NO_FAULTS, latency: Latency = NO_LATENCY
    ) -> None:
        self.faults = faults
        self.connection = 0  # counts up: what was in flight on an older one never arrives
        self.is_up = False
        self._latency = latency
        self._random = Random(seed)
        self._there = self._back = Nanos(0)  # when the last message arrived, without its delay

    def connect(self) -> None:
        self.connection += 1
        self.is_up = True

    def drop(self) -> None:
        self.is_up = False

    def breaks(self) -> bool:
        return self.is_up and self._happens(self.faults.disconnect)

    def limits(self, command: VenueCommand) -> bool:
        """The exchange turns this order away with RATE_LIMIT."""
        return isinstance(command, NewOrder) and self._happens(self.faults.rate_limit)

    def request(self, at: Nanos, command: VenueCommand) -> list[tuple[Nanos, VenueCommand]]:
        if not self.is_up or self._happens(self.faults.lose_request):
            return []
        self._there = self._travelled(at, self._there)
        return [(self._delayed(self._there), command)]

    def reply[E: VenueEvent](self, at: Nanos, event: E) -> list[tuple[Nanos, E]]:
        if not self.is_up or self._happens(self.faults.lose_reply):
            return []
        self._back = self._travelled(at, self._back)
        copies = 2 if self._happens(self.faults.duplicate) else 1
        return [(self._delayed(self._back), event) for _ in range(copies)]

    def _travelled(self, at: Nanos, last: Nanos) -> Nanos:
        low, high = self._latency.min, self._latency.max
        if not high:
            return max(last, at)
        return max(last, Nanos(at + self._random.randint(low, high)))

    def _delayed(self, at: Nanos) -> Nanos:
        if not self.faults.delay_max:
            return at
        return Nanos(at + self._random.randrange(1 + self.faults.delay_max))

    def _happens(self, percent: int) -> bool:
        return percent > 0 and self._random.randrange(100) < percent


class Fault(Enum):
    TIMEOUT_EXECUTED = "timeout_executed"  # executed, and nothing said of it until asked
    TIMEOUT_LOST = "timeout_lost"  # never arrives
    DUPLICATE = "duplicate"  # each reply twice
    REORDER = "reorder"  # the last reply first
    DROP_REPORTS = "drop_reports"  # its trades are not told until asked
    REJECT = "reject"
    DISCONNECT = "disconnect"  # executed, and the connection ends before the reply
    RATE_LIMIT = "rate_limit"
    FILL_BEFORE_CANCEL = (
        "fill_before_cancel"  # it, or a replace, comes too late: the order has just traded
    )


class Target(Enum):
    """The kind of command that a fault waits for."""

    NEW_ORDER = "new_order"
    CANCEL_ORDER = "cancel_order"
    REPLACE_ORDER = "replace_order"
    QUERY_ORDERS = "query_orders"
    ARM_DEAD_MAN = "arm_dead_man"


TARGETS: dict[type[VenueCommand], Target] = {
    NewOrder: Target.NEW_ORDER,
    CancelOrder: Target.CANCEL_ORDER,
    ReplaceOrder: Target.REPLACE_ORDER,
    QueryOrders: Target.QUERY_ORDERS,
    ArmDeadMan: Target.ARM_DEAD_MAN,
}

_ORDERS_ONLY = frozenset({Fault.RATE_LIMIT, Fault.DROP_REPORTS})
_REJECTABLE = frozenset({Target.NEW_ORDER, Target.REPLACE_ORDER})
_RACED = frozenset({Target.CANCEL_ORDER, Target.REPLACE_ORDER})

SCRIPT_MAX = 10_000


class Planned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault, once: on the `nth` command of its kind from when it was queued. Raises ValueError
    for a fault that its target cannot have."""

    fault: Fault
    target: Target = Target.NEW_ORDER
    nth: int = 1

    def __post_init__(self) -> None:
        if self.nth < 1:
            raise ValueError("nth counts from 1")
        if self.fault in _ORDERS_ONLY and self.target is not Target.NEW_ORDER:
            raise ValueError(f"{self.fault.value} is for new orders")
        if self.fault is Fault.REJECT and self.target not in _REJECTABLE:
            raise ValueError("reject is for new orders and replaces")
        if self.fault is Fault.FILL_BEFORE_CANCEL and self.target not in _RACED:
            raise ValueError("fill_before_cancel is for cancels and replaces")


class Script:
    def __init__(self) -> None:
        self._planned: list[tuple[int, Planned]] = []  # and the count at which it strikes
        self._counts = dict.fromkeys(Target, 0)

    def queue(self, planned: Planned) -> None:
        """Raises ValueError where too many wait."""
        if len(self._planned) >= SCRIPT_MAX:
            raise ValueError(f"more than {SCRIPT_MAX} faults are planned")
        self._planned.append((self._counts[planned.target] + planned.nth, planned))

    @property
    def pending(self) -> int:
        return len(self._planned)

    def strike(self, command: VenueCommand) -> Fault | None:
        """What befalls this command. Of two for the same one, the later is for the next."""
        target = TARGETS[type(command)]
        self._counts[target] += 1
        for i, (count, planned) in enumerate(self._planned):
            if planned.target is target and self._counts[target] >= count:
                del self._planned[i]
                return planned.fault
        return None
