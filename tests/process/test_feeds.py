"""Two venues on two recordings, one of them with a hole in it: each feed stands for itself, and
nothing is decided on the one that is not whole."""

from pathlib import Path
from typing import Any

import pytest

from omnivenue.client import Client, Refused
from servers import BYBIT, OKX, Home, at_market, eventually
from streams import snapshot, update, written

HOLE = "the feed is stale: updates are missing"
EVERY_MS, SECONDS = 200, 120
CONFIGURATION = """
mode = "paper"
[accounts.main]
venues = ["BYBIT", "OKX"]
[venues.BYBIT]
market = "recording:{holed}"
[venues.OKX]
market = "recording:{whole}"
speed = "0.5"
"""


THIRTY_YEARS_MS = 10**12


def stream(*, without: int | None = None, far_ahead: int | None = None) -> list[bytes]:
    """Its touch changes with each update; one of them may be missing, or have come in years."""
    found = [update(0, 90, 95), snapshot(1, 100)]
    for n in range(101, 101 + SECONDS * 1000 // EVERY_MS):
        if n != without:
            at = THIRTY_YEARS_MS if n == far_ahead else (n - 100) * EVERY_MS
            found.append(update(at, n, n, bids=[(6_000_000, n)]))
    return found


def shown(client: Client, instrument: str, why: str | None) -> dict[str, Any] | None:
    market = client.market(instrument)
    return market if market["why"] == why else None


@pytest.mark.covers("T4")
@pytest.mark.holds("I17", "T34")
def test_a_feed_with_a_hole_is_stale_and_its_neighbour_is_not(home: Home, tmp_path: Path) -> None:
    holed = written(tmp_path / "holed.gz", *stream(without=105))
    whole = written(tmp_path / "whole.gz", *stream())
    home.config.write_text(CONFIGURATION.format(holed=holed, whole=whole))
    with home.serve().healthy().client() as client:
        fresh = eventually(lambda: shown(client, OKX, None))
        assert fresh["asks"][0][0] == "60001"
        assert 0 <= fresh["age_us"] <= 2_000_000
        stale = eventually(lambda: shown(client, BYBIT, HOLE))
        assert (fresh["state"], stale["state"]) == ("fresh", "stale")
        with pytest.raises(Refused) as refused:
            client.submit(at_market("k1", BYBIT))
        values = {reason["code"]: reason["value"] for reason in refused.value.reasons}
        assert values["RISK-002"] == HOLE
        client.submit(at_market("k2", OKX))
        eventually(lambda: client.find_order("k2")["status"] == "FILLED")


@pytest.mark.covers("T4")
@pytest.mark.holds("I17", "T34")
def test_a_message_with_a_time_far_ahead_is_counted_and_its_feed_stays_fresh(
    home: Home, tmp_path: Path
) -> None:
    wrong = written(tmp_path / "wrong.gz", *stream(far_ahead=105))
    whole = written(tmp_path / "whole.gz", *stream())
    home.config.write_text(CONFIGURATION.format(holed=wrong, whole=whole))
    with home.serve().healthy().client() as client:
        eventually(lambda: jumps(client) == {"BYBIT": 1, "OKX": 0})
        passed = client.market(BYBIT)["at"]
        eventually(lambda: client.market(BYBIT)["at"] > passed)
        assert client.market(BYBIT)["state"] == "fresh"
        client.submit(at_market("k1", BYBIT))
        eventually(lambda: client.find_order("k1")["status"] == "FILLED")


def jumps(client: Client) -> dict[str, int]:
    return {row["venue"]: row["time_jumps"] for row in client.venues()}
