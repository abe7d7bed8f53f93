"""Guessing is slowed down, by where it comes from. A token is 256 bits, so this guards our log and
our time rather than the token; a valid token is never kept waiting, whoever else is guessing."""

import msgspec

from omnivenue.model import SECOND, Nanos

FREE_FAILURES = 1_000
"""A client with an old token and a loop makes some hundreds before a person notices."""

DELAY_MAX = 60  # seconds
FORGOTTEN_AFTER = Nanos(10 * DELAY_MAX * SECOND)  # longer than any delay
PEERS_MAX = 4_096


class _Failures(msgspec.Struct):
    count: int
    last_at: Nanos
    locked_until: Nanos = Nanos(0)


class Lockout:
    def __init__(self) -> None:
        self._by_peer: dict[str, _Failures] = {}

    def failed(self, peer: str, now: Nanos) -> int:
        """One more bad token from `peer`: for how many seconds no other is looked at; 0: none."""
        found = self._by_peer.pop(peer, None)
        if found is None or now - found.last_at > FORGOTTEN_AFTER:
            found = _Failures(0, now)
        self._by_peer[peer] = found  # the latest last
        if len(self._by_peer) > PEERS_MAX:
            del self._by_peer[next(iter(self._by_peer))]
        if now >= found.locked_until:
            found.count, found.last_at = found.count + 1, now
            found.locked_until = Nanos(now + _delay(found.count))
        return -(-(found.locked_until - now) // SECOND)


def _delay(count: int) -> Nanos:
    """Nothing at first, then a second, and twice as long each time."""
    over = count - FREE_FAILURES
    return Nanos(min(DELAY_MAX, 1 << min(over - 1, 6)) * SECOND if over > 0 else 0)
