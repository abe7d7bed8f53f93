"""Whatever is said over a stream, the server stands; `make fuzz` says more."""

import asyncio
import random

import pytest

from fuzz.frames import Scribe, clients, faults, quiet
from servers import Home, eventually


@pytest.mark.holds("T54", "T57")
def test_no_frame_brings_it_down_and_orders_are_taken_all_the_while(home: Home) -> None:
    server = home.serve().healthy()
    asyncio.run(clients(server, home.token, 600))
    assert eventually(lambda: quiet(server)), "nobody's seat is kept"
    assert faults(server) == []


def test_what_is_said_depends_on_the_seed_alone() -> None:
    one, same, other = ([*Scribe(random.Random(seed), "t").conversation()] for seed in (7, 7, 8))
    assert one == same != other
