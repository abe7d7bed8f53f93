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

By chance of its rounding a pool may refuse inputs between others that it takes (Solidly's do, of
less than a token every other one). Then the nearest smaller one that is taken stands for it, and
where that leaves a and b closer than x and a may be, by less than half as much, three times the
slack is told. For that, more inputs are left to be tried at last.
"""

from collections.abc import Callable
from typing import NamedTuple

TRIED_MAX = 4_096
UNPROVEN_TRIED_MAX = 64
PASSED_OVER_MAX = 63
PASSING_TRIED_MAX = 9 * (PASSED_OVER_MAX + 1)
NOTHING = -(1 << 512)
"""Of what is refused; no round earns as little."""

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

    @property
    def amount(self) -> int:
        return -self.less_in


def best_size(
    earned: Earned,
    most: int,
    slack_up_to: Slack,
    tried_max: int = TRIED_MAX,
    *,
    refuses_by_chance: bool = False,
) -> Size | None:
    """Of the inputs from 1 to `most` the one that earns most, the least of them that do; None where
    none is accepted.

    What a hop refuses it must refuse of every larger input too, but where it `refuses_by_chance`.
    """
    passed_over = PASSED_OVER_MAX if refuses_by_chance else 0
    unproven_max = PASSING_TRIED_MAX if refuses_by_chance else UNPROVEN_TRIED_MAX

    def tried(amount: int) -> _Try:
        for less in range(amount, max(amount - passed_over, 1) - 1, -1):
            found = earned(less)
            if found is not None:
                return _Try(found, -less)
        return _Try(NOTHING, -amount)

    last = _last_accepted(tried, most)
    if last == 0:
        return None
    low, high, best, within, slack = 1, last, tried(1), 0, slack_up_to(last)
    while high - low >= (tried_max if within == 0 else min(tried_max, unproven_max)):
        third = (high - low) // 3
        left, right = tried(low + third), tried(high - third)
        gain = right.earned - left.earned
        if within == 0 and abs(gain) <= slack:
            slack = slack_up_to(high)  # less is lost where less goes in
            is_as_long = right.amount - left.amount >= left.amount - low
            within = (2 if is_as_long else 3) * slack if abs(gain) <= slack else 0
        best = max(best, left, right)
        if gain > 0:
            low = left.amount
        else:
            high = right.amount
    best = max(best, *(tried(amount) for amount in range(low, high + 1)))
    return Size(best.earned, best.amount, within)


def _last_accepted(tried: Callable[[int], _Try], most: int) -> int:
    """By halves."""
    if most < 1:
        return 0
    low, high = 0, most
    at_most = tried(most)
    if at_most.earned != NOTHING:
        return at_most.amount
    while low < high - 1:
        middle = (low + high) // 2
        found = tried(middle)
        if found.earned == NOTHING:
            high = middle
        else:
            low = middle
    return tried(low).amount if low else 0
