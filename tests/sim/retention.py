"""How long a day keeps in State what is over. In earnest these are minutes, and 100,000 orders; a
day here lasts for seconds, and what it wants to see is orders that have left, and come back."""

from collections.abc import Generator
from contextlib import contextmanager
from unittest.mock import patch

import msgspec

from omnivenue.engine import evict
from omnivenue.model import SECOND


class Retention(msgspec.Struct, frozen=True):
    keep: int = evict.KEEP
    every: int = evict.EVERY
    parents_max: int = evict.PARENTS_MAX

    @contextmanager
    def holds(self) -> Generator[None]:
        """While decisions are made: the first time, and when they are compared with the journal."""
        with patch.multiple(evict, KEEP=self.keep, EVERY=self.every, PARENTS_MAX=self.parents_max):
            yield


LONG = Retention()
SHORT = Retention(keep=4 * SECOND, every=SECOND)
AT_ONCE = Retention(keep=SECOND // 2, every=SECOND // 10)
CROWDED = Retention(parents_max=8)
RETENTIONS = (LONG, LONG, SHORT, AT_ONCE, CROWDED)
