"""Keeps a process that reckons over pools, and asks it: one question at a time, by `turns`.

A search may take seconds, and the loop that trades must not wait for it, nor share an interpreter
with it. The process starts with the first question, and again after one that took too long for it.

Its own alarm ends what takes too long. A process that does not even hear that, for it was halted or
does not come to start, is ended from here.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from typing import IO

from omnivenue import telemetry
from omnivenue.api.answer import JSON, RETRY, Answer, Text, our_fault, refusal
from omnivenue.api.pools.frames import Kind, read, write
from omnivenue.api.pools.turns import Crowded, Turns
from omnivenue.interpreter import words_for
from omnivenue.wire import ErrorCode
from omnivenue.wire.arbitrage import Chains

SECONDS_MAX = 10
GRACE_SECONDS = 2.0
"""Beyond those of the alarm: to start, and to hear it."""

KILLED_EVERY_SECONDS = 0.05
"""While whoever asked has gone, and its process may only be about to start."""

WAITING_MAX = 32
"""Questions at once, the one that is being answered included."""

STOPPING = "the server is stopping; nothing was done"
ASK_LESS = "ask for fewer hops, start tokens, pools or requests"
LESS = {
    Kind.QUOTE: ASK_LESS,
    Kind.ARB: ASK_LESS,
    Kind.EXECUTE: "keep fewer pools in the file of its chain",
}
"""What would not take too long."""


class Ended(Exception):
    """Our fault, and told as that."""


class Worker(subprocess.Popen[bytes]):
    """One that was killed may live a moment longer, and is not asked any more. Answers have a pipe
    of their own: on stdout may stand what a module of the site's prints at each start."""

    is_killed = False

    def __init__(self, words: list[str]) -> None:
        ours, theirs = os.pipe()
        self.answers = os.fdopen(ours, "rb")
        try:
            super().__init__(
                [*words, str(theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs],
            )
        except OSError:
            self.answers.close()
            raise
        finally:
            os.close(theirs)

    def kill(self) -> None:
        self.is_killed = True
        super().kill()


class PoolsProcess:
    def __init__(self, chains: Chains, seconds: int = SECONDS_MAX) -> None:
        """`chains`: whose pools are asked about where a question has none. `seconds`: for one
        question, at most."""
        self._seconds = seconds
        self._chains = chains.to_json()
        self._words = [*words_for("omnivenue.api.pools.worker"), str(seconds)]
        self._process: Worker | None = None
        self._turns = Turns(WAITING_MAX)
        self._is_stopping = False
        self._is_overdue = False  # what is asked now

    @property
    def pid(self) -> int | None:
        """Of the process, where there is one."""
        return None if self._process is None else self._process.pid

    async def ask(self, name: str, kind: Kind, body: bytes) -> Answer:
        """`name`: of the token that asks."""
        try:
            async with self._turns.turn(name):
                return await self._asked(kind, body)
        except Crowded as crowded:
            return refusal(ErrorCode.TOO_MANY, str(crowded), headers=(RETRY,))
        except Ended as ended:
            telemetry.answer_failed(ended.with_traceback(None))  # where it was seen says nothing
            return our_fault()

    async def _asked(self, kind: Kind, body: bytes) -> Answer:
        """Who is cancelled takes the process along: else its thread waits for that, and the end of
        the server for its threads."""
        self._is_overdue = False
        answering = asyncio.ensure_future(asyncio.to_thread(self._exchange, kind, body))
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(self._seconds + GRACE_SECONDS, self._give_up)
        try:
            await asyncio.wait({answering})
            return answering.result()
        except asyncio.CancelledError:
            while not answering.done():
                self._kill()
                await asyncio.wait({answering}, timeout=KILLED_EVERY_SECONDS)
            if not answering.cancelled():
                answering.exception()  # how it ended was our will
            raise
        finally:
            deadline.cancel()

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

    def _give_up(self) -> None:
        self._is_overdue = True
        self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _exchange(self, kind: Kind, body: bytes) -> Answer:
        if self._is_stopping:
            return refusal(ErrorCode.UNAVAILABLE, STOPPING)
        process, is_new = self._running()
        if self._is_stopping or self._is_overdue:  # before there was a process to kill
            process.kill()
        questions, answers = _pipes(process)
        try:
            if is_new:
                write(questions, Kind.CHAINS, self._chains)
            write(questions, kind, body)
            found = read(answers)
        except BrokenPipeError:
            found = None
        if found is None:
            return self._ended(process, kind)
        status, document = found
        return Answer(status, Text(document, JSON))

    def _running(self) -> tuple[Worker, bool]:
        """And whether it is new. Raises Ended."""
        process = self._process
        if process is not None and not process.is_killed and process.poll() is None:
            return process, False
        self._process = None
        if process is not None:
            _let_go(process)
        try:
            self._process = Worker(self._words)
        except OSError as error:
            raise Ended(f"no process that reckons over pools can be started: {error}") from error
        return self._process, True

    def _ended(self, process: Worker, kind: Kind) -> Answer:
        """Why it gave no answer. Raises Ended."""
        self._process = None
        code = _let_go(process)
        if self._is_stopping:
            return refusal(ErrorCode.UNAVAILABLE, STOPPING)
        if code == -signal.SIGALRM or self._is_overdue:
            text = f"it took longer than {self._seconds} s, and was given up: {LESS[kind]}"
            return refusal(ErrorCode.TOO_LARGE, text)
        raise Ended(f"the process that reckons over pools ended with exit code {code}")


def _pipes(process: Worker) -> tuple[IO[bytes], IO[bytes]]:
    """For questions and for answers."""
    assert process.stdin is not None
    return process.stdin, process.answers


def _let_go(process: Worker) -> int:
    """Of one that has ended or is about to: its exit code."""
    code = process.wait()
    for stream in _pipes(process):
        with suppress(BrokenPipeError):  # what is left of a question that nobody reads
            stream.close()
    return code
