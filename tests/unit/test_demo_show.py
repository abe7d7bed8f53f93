"""The demo to look at: what of the stream is kept, and that a terminal shows it."""

import io
import os
import pty
import sys
from typing import Any

import pytest
from rich.console import Console

from omnivenue.cli.demo.latest import ROWS, Latest
from omnivenue.cli.demo.show import Show

OKX = "OKX:SPOT_PAIR:BTC-USDT"


def market(bid: str, why: str | None = None) -> dict[str, Any]:
    state = {"state": "stale" if why else "fresh", "why": why}
    return {"type": "market", "instrument": OKX, "bids": [[bid, "1"]], "asks": [], **state}


def order(key: str, status: str) -> dict[str, Any]:
    found = {"type": "order", "id": key, "venue": "OKX", "side": "buy", "qty": "2"}
    return {**found, "status": status, "cum_qty": "0", "avg_px": None}


def fill(n: int) -> dict[str, Any]:
    found = {"type": "fill", "at": f"t{n}", "venue": "OKX", "side": "buy", "qty": "1", "px": "7"}
    return {**found, "fee": "0.1", "order_id": f"o{n}"}


def position(realized: str, unrealized: str | None) -> dict[str, Any]:
    place = {"account": "main", "strategy_id": "s", "instrument": OKX}
    amounts = {"realized_pnl": realized, "unrealized_pnl": unrealized}
    more = {"side": "long", "qty": "1", "avg_px": "7", "asset": "USDT"}
    return {"type": "position", **place, **amounts, **more}


def shown(latest: Latest) -> str:
    text = io.StringIO()
    Console(file=text, width=160).print(latest.tables())
    return text.getvalue()


def test_before_anything_has_happened_nothing_is_shown() -> None:
    assert shown(Latest()).strip() == ""


def test_of_each_thing_the_latest_is_shown() -> None:
    latest = Latest()
    for message in (
        market("61800.5"),
        market("61801.5", "the feed is stale: gap"),
        order("k1", "SUBMITTED"),
        order("k1", "FILLED"),
        position("1.25", "2.5"),
        position("3.25", None),
        {"type": "alert"},
    ):
        latest.take(message)
    text = shown(latest)
    assert "61801.5" in text
    assert "the feed is stale: gap" in text
    assert "FILLED" in text
    assert "positions: 3.25 USDT before fees" in text
    assert not {"61800.5", "SUBMITTED", "fills"} & set(text.split())


def test_no_more_is_kept_than_is_shown() -> None:
    latest = Latest()
    for n in range(ROWS + 3):
        latest.take(order(f"k{n}", "FILLED"))
        latest.take(fill(n))
    latest.take(order("k3", "CANCELLED"))  # the latest again, so it stands last
    words = shown(latest).split()
    assert [word for word in words if word in {f"k{n}" for n in range(99)}] == [
        *(f"k{n}" for n in range(4, ROWS + 3)),
        "k3",
    ]
    assert [word for word in words if word in {f"t{n}" for n in range(99)}] == [
        f"t{n}" for n in range(3, ROWS + 3)
    ]


def test_a_terminal_shows_the_steps_and_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with Show(quiet=False) as show:
            show.begins("a step")
            show.ended("a step", True, "it went well")
            show.begins("another one")
        show.say("over")
    seen = os.read(ours, 1 << 16).decode()
    os.close(ours)
    for words in ("✓", "a step", "it went well", "another one", "over"):
        assert words in seen


def test_a_program_reads_no_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    with Show(quiet=True) as show:
        show.begins("a step")
        show.ended("a step", True, "it went well")
    assert capsys.readouterr().out == ""
