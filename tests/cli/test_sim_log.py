"""What `serve` leaves behind of its simulated exchanges is for its owner's eyes."""

import stat
from pathlib import Path

import pytest

from omnivenue.venue.sim.config import SimConfig
from omnivenue.venue.sim.launch import find_or_start, stop


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "from a version that let others in"])
def test_only_its_owner_can_read_the_log(tmp_path: Path, is_old: bool) -> None:
    log = tmp_path / "process.log"
    if is_old:
        log.write_text("before\n")
        log.chmod(0o644)
    stop(find_or_start(tmp_path, SimConfig(venues=())))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.read_text().startswith("before\n" if is_old else "")
