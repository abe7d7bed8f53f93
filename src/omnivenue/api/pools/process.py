"""Keeps the process that reckons over pools, and asks it: one question at a time, in their order.

A search may take seconds, and the loop that trades must not wait for it, nor share an interpreter
with it. The process starts with the first question, and again after one that took too long for it.
"""

import asyncio
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from omnivenue.api.answer import JSON, RETRY, Answer, Text, refusal
from omnivenue.api.pools.frames import Kind, read, write
from omnivenue.wire import ErrorCode

SECONDS_MAX = 10
CLOSED_EVERY_SECONDS = 0.05
WAITING_MAX = 32
"""Questions at once, the one that is being answered included."""

STOPPING = "the server is stopping; nothing was done"


class Ended(Exception):
    """Our fault: whoever answers tells it as that."""


class PoolsProcess:
    def __init__(self, seconds: int = SECONDS_MAX, pools: Path | None = None) -> None:
        """`seconds`: for one question, at most. `pools`: the file of those that are asked about
        where a question has none."""
        self._seconds = seconds
        self._words = [sys.executable, "-m", "omnivenue.api.pools.worker", str(seconds)]
        if pools is not None:
            self._words.append(str(pools))
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._is_stopping = False

    async def ask(self, kind: Kind, body: bytes) -> Answer:
        if self._waiting >= WAITING_MAX:
            text = f"{WAITING_MAX} questions over pools wait already: repeat"
            return refusal(ErrorCode.TOO_MANY, text, headers=(RETRY,))
        self._waiting += 1
        try:
            async with self._turn:
                return await self._asked(kind, body)
        finally:
            self._waiting -= 1

    async def _asked(self, kind: Kind, body: bytes) -> Answer:
        """Who is cancelled takes the process along: else its thread waits for that, and the end of
        the server for its threads."""
        answering = asyncio.ensure_future(asyncio.to_thread(self._exchange, kind, body))
        try:
            return await asyncio.shield(answering)
        except asyncio.CancelledError:
            while not answering.done():  # it may be about to start one
                self._kill()
                await asyncio.wait({answering}, timeout=CLOSED_EVERY_SECONDS)
            if not answering.cancelled():
                answering.exception()  # how it ended was our will
            raise

    def stop(self) -> None:
        """Whoever waits is told that the server stops, and so is who comes later."""
        self._is_stopping = True
        self._kill()

    def close(self) -> None:
        """It has nothing to keep, so nothing to be asked before."""
        self._kill()
        process, self._process = self._process, None
        if process is not None:
            _let_go(process)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _exchange(self, kind: Kind, body: bytes) -> Answer:
        if self._is_stopping:
            return refusal(ErrorCode.UNAVAILABLE, STOPPING)
        process = self._running()
        if self._is_stopping:  # it was told so before there was a process to end
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            write(process.stdin, kind, body)
            found = read(process.stdout)
        except BrokenPipeError:
            found = None
        if found is None:
            return self._ended(process)
        status, document = found
        return Answer(status, Text(document, JSON))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process

    def _ended(self, process: subprocess.Popen[bytes]) -> Answer:
        self._process = None
        code = _let_go(process)
        if self._is_stopping:
            return refusal(ErrorCode.UNAVAILABLE, STOPPING)
        if code == -signal.SIGALRM:
            text = (
                f"it took longer than {self._seconds} s, and was given up: "
                "ask for fewer hops, start tokens, pools or requests"
            )
            return refusal(ErrorCode.TOO_LARGE, text)
        raise Ended(f"the process that reckons over pools ended with exit code {code}")


def _let_go(process: subprocess.Popen[bytes]) -> int:
    """Of one that has ended or is about to: its exit code."""
    code = process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # what is left of a question that nobody reads
                stream.close()
    return code
