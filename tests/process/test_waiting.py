"""`--wait` at a terminal: what is seen while it waits, and what is left when it is over."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from omnivenue.cli import progress
from servers import BYBIT, WITHIN_SECONDS, Home, Server, resting

PLACE: tuple[str, ...] = ("order", "place", "--instrument", BYBIT, "--side", "buy", "--qty", "0.01")
RESTING = (*PLACE, "--price", "50000", "--id", "k1", "--wait", "60")


class Terminal:
    """A command whose stderr is a terminal, and whose stdout is not."""

    def __init__(self, server: Server, home: Home, words: tuple[str, ...]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omnivenue", *words],
            env={
                **os.environ,
                "OMNIVENUE_URL": server.url,
                "OMNIVENUE_TOKEN": home.token,
                "TERM": "xterm",
                "COLUMNS": "120",
            },
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        self.seen = ""

    def until(self, *words: str) -> None:
        """It shows all of these."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while not all(word in self.seen for word in words):
            assert time.monotonic() < deadline, self.seen
            assert self._read(), self.seen

    def ended(self) -> tuple[int, str]:
        while self._read():
            pass
        out, _ = self.process.communicate(timeout=WITHIN_SECONDS)
        return self.process.returncode, out.decode()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        os.close(self._ours)

    def _read(self) -> bool:
        """False once the other side is closed."""
        ready, _, _ = select.select([self._ours], [], [], WITHIN_SECONDS)
        assert ready, self.seen
        try:
            said = os.read(self._ours, 4096)
        except OSError:  # how Linux says that it is closed
            return False
        self.seen += said.decode(errors="replace")
        return bool(said)


@contextmanager
def terminal(server: Server, home: Home, *words: str) -> Generator[Terminal]:
    shown = Terminal(server, home, words)
    try:
        yield shown
    finally:
        shown.close()


def test_who_waits_at_a_terminal_sees_how_far_it_is_and_then_only_the_end(home: Home) -> None:
    server = home.serve().healthy()
    with terminal(server, home, *RESTING) as shown, server.client() as client:
        shown.until("0/0.01 ACCEPTED", "new at entry")
        client.replace("k1", qty="0.02")
        shown.until("0/0.02 ACCEPTED")
        client.cancel("k1")
        code, out = shown.ended()
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["status", "CANCELLED"] in lines
    assert "█" not in out, "what is left is the answer alone"
    assert "░" not in out


def test_the_parts_of_a_whole_are_seen(home: Home) -> None:
    server = home.serve().healthy()
    words = list(PLACE)
    words[words.index(BYBIT)] = "SMART:SPOT_PAIR:BTC-USDT"
    words[words.index("0.01")] = "4"
    with terminal(server, home, *words, "--wait") as shown:
        code, out = shown.ended()
    assert code == 0
    assert "key " in shown.seen
    assert "4/4 FILLED" in shown.seen
    assert "BYBIT buy" in shown.seen
    assert "OKX buy" in shown.seen
    assert "FILLED" in out


def test_it_is_the_stream_that_says_when_there_is_something_new(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for the next look would wait for longer than this test may take."""
    monkeypatch.setattr(progress, "LOOK_SECONDS", 2 * WITHIN_SECONDS)
    server = home.serve().healthy()
    monkeypatch.setenv("OMNIVENUE_URL", server.url)
    monkeypatch.setenv("OMNIVENUE_TOKEN", home.token)
    with server.client() as client, ThreadPoolExecutor(1) as others:
        seq = client.submit(resting("k1"))["seq"]
        waiting = others.submit(progress.watched, "k1", seq, 4 * WITHIN_SECONDS)
        client.cancel("k1")
        assert waiting.result(WITHIN_SECONDS)["status"] == "CANCELLED"


def test_a_server_that_dies_meanwhile_is_waited_for(home: Home) -> None:
    """It is found where it is now, by what it has written down."""
    server = home.serve().healthy()
    with terminal(server, home, *RESTING) as shown:
        shown.until("0/0.01 ACCEPTED")
        port = server.url.rpartition(":")[2]
        server.kill()
        server = home.serve("--port", port).healthy()
        with server.client() as client:
            client.cancel("k1")
        assert shown.ended()[0] == 0


def test_where_nobody_looks_nothing_is_drawn(home: Home) -> None:
    server = home.serve().healthy()
    env = {**os.environ, "OMNIVENUE_URL": server.url, "OMNIVENUE_TOKEN": home.token}
    ran = subprocess.run(
        [sys.executable, "-m", "omnivenue", *PLACE, "--id", "k1", "--wait"],
        env=env,
        capture_output=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"FILLED" in ran.stdout
    with terminal(server, home, *PLACE, "--id", "k2", "--wait", "--json") as shown:
        code, out = shown.ended()
    assert (code, shown.seen, out.count("\n")) == (0, "", 1)
