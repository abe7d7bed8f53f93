"""`python -m omnivenue.venue.exchanges --home DIR --config FILE`: a home's simulated exchanges.

The process itself is `sim/process.py`. Here it is given what it may not know, the recordings that
other venues' streams make.
"""

import sys

from omnivenue.venue.recorded import open_recording
from omnivenue.venue.sim.process import main

if __name__ == "__main__":
    sys.exit(main(open_recording))
