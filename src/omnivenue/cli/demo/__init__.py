"""The main job, from nothing: orders on three simulated exchanges, and kill -9 in the middle."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from omnivenue.cli import out
from omnivenue.cli.demo.evidence import discrepancies, folded, offices
from omnivenue.cli.demo.show import Show
from omnivenue.cli.demo.stage import Failed, Stage
from omnivenue.cli.demo.steps import STEPS
from omnivenue.client import OmnivenueError
from omnivenue.config import home
from omnivenue.engine import State
from omnivenue.journal import verify_journal


class Shown(msgspec.Struct, kw_only=True):
    """The document that the demo ends with."""

    ok: bool = False
    mode: str = "paper"
    steps: list[dict[str, Any]] = msgspec.field(default_factory=list[dict[str, Any]])
    instructions: int = 0
    fills: int = 0
    entries: int = 0
    state_hash: str = ""
    replay_hash: str = ""


def run(*, json: bool, keep: bool) -> int:
    """The exit code: 0 only if every step showed what it should."""
    began = time.monotonic()
    stage = Stage(home(os.environ, Path.home()) / "demo", keeps_going=keep)
    shown = Shown()
    try:
        with Show(quiet=json) as show:
            _play(stage, shown, show)
            shown.ok = all(step["ok"] for step in shown.steps)
        if keep and shown.ok:
            _leave(stage, show)
        show.say(f"{len(shown.steps)} steps in {time.monotonic() - began:.1f} s")
    finally:
        stage.close()
    if json:
        out.document(msgspec.to_builtins(shown))
    return 0 if shown.ok else 1


def _play(stage: Stage, shown: Shown, show: Show) -> None:
    """Up to the first step that fails."""

    def step(name: str, act: Callable[[], str]) -> bool:
        show.begins(name)
        try:
            detail, ok = act(), True
        except (Failed, OmnivenueError) as error:
            detail, ok = str(error), False
        shown.steps.append({"name": name, "ok": ok, "detail": detail})
        show.ended(name, ok, detail, stage)
        return ok

    if not step("start", lambda: _start(stage)):
        return
    with stage.client() as client:
        for name, act in STEPS:
            if not step(name, lambda act=act: act(stage, client)):
                return
    step("journal", lambda: _stop_and_verify(stage, shown))


def _start(stage: Stage) -> str:
    seconds = stage.start_server()
    with stage.client() as client:
        venues = [row["venue"] for row in client.venues()]
    return f"{', '.join(venues)} reconciled {seconds:.1f} s after the start; {stage.url}"


def _stop_and_verify(stage: Stage, shown: Shown) -> str:
    """What the server says it was, what the journal says, and what the exchanges say."""
    stopped = stage.stop_server()
    report = verify_journal(stage.folder / "journal.db")
    state = folded(stage.folder)
    shown.entries, shown.state_hash = stopped["entries"], stopped["state_hash"]
    shown.replay_hash = report.state_hash
    shown.instructions = len(state.parents) + len(state.requests)
    shown.fills = _count_fills(state)
    if not report.ok or shown.state_hash != shown.replay_hash:
        raise Failed(f"the journal does not lead to where we were: {report.problem}")
    if found := discrepancies(state, offices(stage.folder / "sim")):
        raise Failed("; ".join(map(str, found)))
    return (
        f"{shown.entries} entries decided again, state {shown.state_hash[:16]}; the exchanges' own "
        f"records agree on {shown.fills} fills and every balance"
    )


def _count_fills(state: State) -> int:
    return sum(
        len(order.fills) - len(order.busts & order.fills.keys()) for order in state.orders.values()
    )


def _leave(stage: Stage, show: Show) -> None:
    stage.start_server()
    stage.let_go()
    show.say(
        f"left running: {stage.url}, token in {stage.folder / 'token'}; "
        f"try OMNIVENUE_HOME={stage.home} omnivenue order list"
    )
