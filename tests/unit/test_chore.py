"""What is done beside trading goes on whatever happens to it, and says so."""

import asyncio
import logging

import pytest

from omnivenue.app import chore as chores
from omnivenue.app.chore import chore
from omnivenue.telemetry import Code


def test_a_fault_is_told_and_the_chore_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    slept: list[float] = []
    tried: list[int] = []
    rest = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await rest(0)

    def do() -> None:
        tried.append(len(tried))
        if tried[-1] in (1, 2):
            raise MemoryError("fork")
        if tried[-1] == 4:
            raise asyncio.CancelledError  # as at the end of the server

    monkeypatch.setattr(chores.asyncio, "sleep", noted)
    with caplog.at_level(logging.ERROR, "omnivenue"), pytest.raises(asyncio.CancelledError):
        asyncio.run(chore("the read tables", do, 0.1))
    pause = chores.PAUSE_SECONDS
    assert slept == [chores.AFTER_SECONDS, 0.1, pause, pause, 0.1]
    assert [record.getMessage() for record in caplog.records] == [
        "the read tables: fork; tried again"
    ] * 2
    record = caplog.records[0]
    assert (record.levelname, record.__dict__["code"]) == ("ERROR", Code.CHORE_FAILED.code)
    assert record.exc_info is not None, "where it happened is told as well"
