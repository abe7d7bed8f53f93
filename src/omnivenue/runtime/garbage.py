"""What the collector of cyclic garbage is told. A state has no cycles, and next to nothing else
that lives for long has any."""

import gc

NEW_OBJECTS = 20_000
"""After so many it looks among the young. As it comes it looks after each few hundred orders, and
finds nothing: a fortieth of what an order takes."""


def spare() -> None:
    """What is there by now is no garbage, and need not be walked again and again."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
