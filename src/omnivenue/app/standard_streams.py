"""Descriptors 0 to 2 are the standard streams', also where whoever started us closed them.

Else what is opened next gets their numbers: a loop's socket, on whose end the loop's library ends
the whole process; or a file of ours, into which goes what compiled code says at its end.
"""

import os
import sys

NAMES = ("stdin", "stdout", "stderr")
"""Each in its descriptor's place."""


def hold_standard_streams() -> None:
    """Call before anything is opened for long. Processes that we start have them, too."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < len(NAMES):
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for number, name in enumerate(NAMES):
        if getattr(sys, name) is None:  # as Python has one that was closed
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))
