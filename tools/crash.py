"""SIGKILL a server under load, at every step of the write-ahead protocol and at random instants.

    python tools/crash.py [--points N] [--random N] [--seed N] [--plant NAME] [--json]

After each kill the server is started again, whoever got no answer asks again with the same key,
and at the end of each round the journal's story is held against the exchanges' own records, which
another process wrote, and against what each kind of order promises. Lost: acknowledged or executed,
and not in the journal. Doubled: one instruction placed twice. Exits 1 where there is any. With
--plant the server has a bug, which the campaign has to find.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from crash_load import Clients, Memory, submit
from crash_plants import PLANTS
from crash_points import POINTS
from crash_promises import broken
from omnivenue.cli.demo.evidence import Kind, discrepancies, folded, offices
from omnivenue.cli.demo.stage import RECORDED, configuration
from omnivenue.client import Client, Invalid, OmnivenueError
from omnivenue.model import InstructionID, OrderID
from omnivenue.venue.sim import recording
from omnivenue.venue.sim.launch import find, stop
from omnivenue.venue.sim.rules import FUTURES_VENUE

SERVER = Path(__file__).with_name("crash_server.py")
EXCERPT = Path(recording.__file__).parent / "recordings" / "btcusdt.ovr"
START_SECONDS = 20.0
KILL_WITHIN_SECONDS = 20.0  # of a point that is not passed: a mistake of the harness
SETTLE_SECONDS = 30.0
KILLS_A_ROUND = 20
RISK = "[risk]\nself_match_prevention = false\n"
"""Else whatever rests anywhere near keeps most exits from being sent."""
RANDOM_SECONDS = (0.02, 1.0)  # long enough for exits to be reached


@dataclass
class Counts:
    """What a campaign is judged by."""

    points: int = 0
    random: int = 0
    asked: int = 0
    acknowledged: int = 0
    fills: int = 0
    replaced: int = 0  # orders of which another version came into force
    triggered: int = 0  # by a watch of ours
    exits_traded: int = 0
    ended_by_group: int = 0
    lost: int = 0
    doubled: int = 0
    acknowledged_and_missing: int = 0
    problems: list[str] = field(default_factory=list[str])


class Campaign:
    def __init__(self, home: Path, seed: int, counts: Counts, plant: str | None = None) -> None:
        self.counts = counts
        self._plant = plant
        self._home = home
        self._config = home / "omnivenue.toml"
        self._config.write_text(configuration({RECORDED: EXCERPT}, True, (FUTURES_VENUE,)) + RISK)
        self._random = Random(seed)
        self._memory = Memory()
        self._server: subprocess.Popen[bytes] | None = None
        self._url = ""

    @property
    def _folder(self) -> Path:
        return self._home / "paper"

    def at_point(self, point: str) -> None:
        """The server kills itself there; one of the first few times that it passes."""
        hit = self._random.randint(1, 6)
        server = self._start(point, hit)
        if server.poll() is None:
            clients = self._load()
            try:
                server.wait(KILL_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self.counts.problems.append(f"never passed: {point} ({hit})")
                server.kill()
                server.wait()
            clients.stop()
        self.counts.points += 1
        self._recover()

    def at_random(self) -> None:
        server = self._start()
        clients = self._load()
        time.sleep(self._random.uniform(*RANDOM_SECONDS))
        server.kill()
        server.wait()
        clients.stop()
        self.counts.random += 1

    def settle(self) -> None:
        """Start once more, end everything, and compare."""
        self._recover()
        self._compare()

    def close(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
        if endpoint := find(self._folder / "sim"):
            stop(endpoint)

    def _start(self, point: str | None = None, hit: int = 1) -> subprocess.Popen[bytes]:
        """Until it is healthy, or dead: some points are passed before it is."""
        words = [sys.executable, str(SERVER), "--home", str(self._home)]
        words += ["--config", str(self._config)]
        words += ["--point", point, "--hit", str(hit)] if point else []
        words += ["--plant", self._plant] if self._plant else []
        with (self._home / "server.log").open("ab") as log:
            server = subprocess.Popen(words, stdout=log, stderr=log)
        self._server = server
        deadline = time.monotonic() + START_SECONDS
        while server.poll() is None and not self._is_healthy(server.pid):
            assert time.monotonic() < deadline, "the server does not get healthy"
            time.sleep(0.02)
        return server

    def _is_healthy(self, pid: int) -> bool:
        try:
            there = json.loads((self._folder / "server.json").read_text())
            if there["pid"] != pid:
                return False
            self._url = there["url"]
            with self._client() as client:
                return client.health()["status"] == "healthy"
        except (FileNotFoundError, OmnivenueError):
            return False

    def _client(self) -> Client:
        return Client(self._url, (self._folder / "token").read_text().strip())

    def _load(self) -> Clients:
        token = (self._folder / "token").read_text().strip()
        return Clients(self._memory, self._url, token, self._random.randrange(10**9))

    def _recover(self) -> None:
        """A clean server; who got no answer asks again; nothing works or is unknown in the end."""
        server = self._start()
        assert server.poll() is None, "the server does not start again"
        with self._client() as client:
            for key in self._memory.unanswered:
                try:
                    submit(client, self._memory, self._memory.asked[key])
                except Invalid as error:  # it cancels what was acknowledged
                    self.counts.problems.append(f"{key}: {error}")
            name = f"flat-{self.counts.points}-{self.counts.random}"
            client.submit({"kind": "cancel_all", "id": name})
            deadline = time.monotonic() + SETTLE_SECONDS
            while any(venue["open_orders"] for venue in client.venues()):
                if time.monotonic() > deadline:
                    self.counts.problems.append(f"{name}: orders stay open")
                    break
                time.sleep(0.05)
        server.terminate()
        server.wait()

    def _compare(self) -> None:
        counts, memory = self.counts, self._memory
        state = folded(self._folder)
        for key in memory.acknowledged | memory.refused:
            is_there = OrderID(key) in state.parents or InstructionID(key) in state.requests
            counts.acknowledged_and_missing += not is_there
        theirs = offices(self._folder / "sim")
        found = discrepancies(state, theirs)
        counts.lost += sum(f.kind is Kind.LOST for f in found)
        counts.doubled += sum(f.kind is Kind.DOUBLED for f in found)
        counts.problems += [*map(str, found), *broken(state, theirs)]
        counts.asked += len(memory.asked)
        counts.acknowledged += len(memory.acknowledged)
        counts.fills += sum(len(order.fills) for order in state.orders.values())
        counts.replaced += sum(order.version > 0 for order in state.orders.values())
        for parent in state.parents.values():
            words = {what for _, _, what in parent.moments}
            counts.triggered += "trigger" in words
            counts.exits_traded += parent.entry_id is not None and parent.filled > 0
            counts.ended_by_group += parent.order.oco is not None and "oco" in words


def run(
    points: Sequence[str], random: int, seed: int, say: bool, plant: str | None = None
) -> Counts:
    """In rounds of some kills, each on a home of its own: a journal that only grows would make
    each start slower than the one before, and a round compares everything at its end."""
    kills: list[str | None] = [*points, *[None] * random]
    counts = Counts()
    for first in range(0, len(kills), KILLS_A_ROUND):
        with tempfile.TemporaryDirectory() as home:
            campaign = Campaign(Path(home), seed + first, counts, plant)
            try:
                for point in kills[first : first + KILLS_A_ROUND]:
                    if point is None:
                        campaign.at_random()
                    else:
                        campaign.at_point(point)
                campaign.settle()
            finally:
                campaign.close()
        if say:
            done = f"{counts.points} of {len(points)} points, {counts.random} of {random} instants"
            print(f"{done}: {len(counts.problems)} problems", flush=True)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=len(POINTS))
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", choices=sorted(PLANTS))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    points = list(POINTS)[: given.points]
    counts = run(points, given.random, given.seed, not given.json, given.plant)
    if given.json:
        print(json.dumps(asdict(counts)))
    else:
        for name, value in asdict(counts).items():
            print(f"{name.replace('_', ' '):26} {value}")
    return int(
        bool(counts.lost or counts.doubled or counts.acknowledged_and_missing or counts.problems)
    )


if __name__ == "__main__":
    sys.exit(main())
