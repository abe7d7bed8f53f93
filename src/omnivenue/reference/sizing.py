"""How much to send round a cycle: the input, a whole number of units, that earns most.

What a cycle returns is a concave function F of what goes in, less what the contracts round away: at
most `slack` units of its output. So of two inputs a < b, where b earns more than a by more than the
slack, nothing below a can be best; and the other way round. That alone narrows the range, here by
thirds, until so few inputs are left that each is tried. No formula of any curve is used: this is
slow, and it is what the closed forms are held against.

Where two thirds earn the same but for the slack, the range is narrowed all the same. If that throws
the best away, x left of a say, then F rises no more from a on, and falls from a to b by no less
than it fell from x to a, for the way is as long. So F at x is above F at a by at most what a and b
differ by, which is at most the slack; and what was seen at a or b is within twice the slack of it.
From there on nothing is proven any more, so that few are tried at last.
"""

from collections.abc import Callable
from typing import NamedTuple

TRIED_MAX = 4_096
UNPROVEN_TRIED_MAX = 64

type Earned = Callable[[int], int | None]
"""What an input earns, which may be less than nothing. None where some hop refuses that much."""

type Slack = Callable[[int], int]
"""How many units at most are lost to rounding on a whole round by any input up to this one."""


class Size(NamedTuple):
    earned: int
    amount_in: int
    within: int  # nothing earns more than `earned + within`; 0: it is the best


class _Try(NamedTuple):
    """Compares as it should be chosen: what earns more, and of the same the smaller input."""

    earned: int
    less_in: int


def best_size(
    earned: Earned, most: int, slack_up_to: Slack, tried_max: int = TRIED_MAX
) -> Size | None:
    """Of the inputs from 1 to `most` the one that earns most, the least of them that do; None where
    none is accepted.

    What a hop refuses it must refuse of every larger input too.
    """
    last = _last_accepted(earned, most)
    if last == 0:
        return None

    def tried(amount: int) -> _Try:
        found = earned(amount)
        assert found is not None, "what is less than an input that is accepted is accepted"
        return _Try(found, -amount)

    low, high, best, within, slack = 1, last, tried(1), 0, slack_up_to(last)
    while high - low >= (tried_max if within == 0 else min(tried_max, UNPROVEN_TRIED_MAX)):
        third = (high - low) // 3
        left, right = tried(low + third), tried(high - third)
        gain = right.earned - left.earned
        if within == 0 and abs(gain) <= slack:
            slack = slack_up_to(high)  # less is lost where less goes in
            within = 2 * slack if abs(gain) <= slack else 0
        best = max(best, left, right)
        if gain > 0:
            low += third
        else:
            high -= third
    best = max(best, *(tried(amount) for amount in range(low, high + 1)))
    return Size(best.earned, -best.less_in, within)


def _last_accepted(earned: Earned, most: int) -> int:
    """By halves."""
    if most < 1 or earned(most) is not None:
        return max(most, 0)
    low, high = 0, most - 1
    while low < high:
        middle = (low + high + 1) // 2
        if earned(middle) is None:
            high = middle - 1
        else:
            low = middle
    return low
