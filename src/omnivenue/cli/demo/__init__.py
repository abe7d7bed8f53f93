"""The main job, from nothing: orders on three simulated exchanges, and kill -9 in the middle."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from omnivenue.cli import out
from omnivenue.cli.demo.evidence import discrepancies, folded, offices
from omnivenue.cli.demo.money import check_balances
from omnivenue.cli.demo.show import Show
from omnivenue.cli.demo.stage import RECORDINGS, Failed, Stage, Wrong, recordings
from omnivenue.cli.demo.steps import STEPS
from omnivenue.cli.exits import ExitCode
from omnivenue.client import OmnivenueError
from omnivenue.engine import State
from omnivenue.environ import home
from omnivenue.journal import verify_journal


class Shown(msgspec.Struct, kw_only=True):
    """The document that the demo ends with."""

    ok: bool = False
    mode: str = "paper"
    steps: list[dict[str, Any]] = []
    instructions: int = 0
    fills: int = 0
    entries: int = 0
    pnl: str = "0"  # in the risk currency, when everything was sold
    state_hash: str = ""
    replay_hash: str = ""


def run(*, json: bool, keep: bool) -> int:
    """The exit code: 0 only if every step showed what it should, 5 where figures disagree."""
    began = time.monotonic()
    markets = recordings(RECORDINGS)
    stage = Stage(home(os.environ, Path.home()) / "demo", keeps_going=keep, markets=markets)
    shown = Shown()
    try:
        with Show(quiet=json) as show:
            code = _play(stage, shown, show)
            shown.ok = code == ExitCode.DONE
        if keep and shown.ok:
            _leave(stage, show)
        show.say(f"{len(shown.steps)} steps in {time.monotonic() - began:.1f} s")
    finally:
        stage.close()
    if json:
        out.document(msgspec.to_builtins(shown))
    return code


def _play(stage: Stage, shown: Shown, show: Show) -> ExitCode:
    """Up to the first step that fails."""

    def step(name: str, act: Callable[[], str]) -> ExitCode:
        show.begins(name)
        try:
            detail, code = act(), ExitCode.DONE
        except Wrong as error:
            detail, code = str(error), ExitCode.OUR_FAULT
        except (Failed, OmnivenueError) as error:
            detail, code = str(error), ExitCode.REFUSED
        shown.steps.append({"name": name, "ok": not code, "detail": detail})
        show.ended(name, not code, detail)
        return code

    if code := step("start", lambda: _start(stage)):
        return code
    show.follow(stage)
    with stage.client() as client:
        for name, act in STEPS:
            if code := step(name, lambda act=act: act(stage, client)):
                return code
    return step("journal", lambda: _stop_and_verify(stage, shown))


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
    shown.fills, shown.pnl = _count_fills(state), f"{stage.pnl:f}"
    if not report.ok or shown.state_hash != shown.replay_hash:
        raise Wrong(f"the journal does not lead to where we were: {report.problem}")
    theirs = offices(stage.folder / "sim")
    if found := discrepancies(state, theirs):
        raise Wrong("; ".join(map(str, found)))
    check_balances(stage.balances, theirs, stage.pnl)
    return (
        f"{shown.entries} entries decided again, state {shown.state_hash[:16]}; the exchanges' own "
        f"records agree on {shown.fills} fills, every balance and the profit"
    )


def _count_fills(state: State) -> int:
    return sum(len(order.standing) for order in state.orders.values())


def _leave(stage: Stage, show: Show) -> None:
    stage.start_server()
    stage.let_go()
    show.say(
        f"left running: {stage.url}, token in {stage.folder / 'token'}; "
        f"try OMNIVENUE_HOME={stage.home} omnivenue order list"
    )
