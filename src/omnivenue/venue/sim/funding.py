"""Funding: at each multiple of its interval, who holds a perpetual pays or is paid.

Above zero the long pay. The rate comes from the seed, the mark is the mid of the moment, and each
account's payment is rounded against it.
"""

from omnivenue.model import Instrument, Nanos
from omnivenue.venue.sim.chance import chance
from omnivenue.venue.sim.settle import Fraction, worth

RATE_UNIT = 1_000_000
RATE_MAX = 500  # 5 bps, which is a lot for eight hours


def next_funding(instrument: Instrument, after: Nanos) -> Nanos:
    interval = instrument.funding_interval
    return Nanos((after // interval + 1) * interval)


def rate(instrument: Instrument, at: Nanos, seed: int) -> int:
    """In 1 / RATE_UNIT of what a position is worth."""
    return chance(2 * RATE_MAX + 1, seed, "funding", instrument.instrument_id, at) - RATE_MAX


def payment(instrument: Instrument, position: int, mark: Fraction, of_worth: int) -> int:
    """What comes in, negative where it goes out, in settlement atoms."""
    above, below = worth(instrument, abs(position), mark)
    goes_out = (position > 0) == (of_worth > 0)
    due, unit = above * abs(of_worth), below * RATE_UNIT
    return -due // unit if goes_out else due // unit  # both down: more out, or less in
