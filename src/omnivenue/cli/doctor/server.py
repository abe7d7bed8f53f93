"""The server: is it there, does it let us in, and are its venues? Else: could it start?"""

import json
from collections.abc import Iterator
from typing import Any

from omnivenue.api import TokenError, TokenFile
from omnivenue.app.http_server import PortTaken, listen_on
from omnivenue.cli.doctor.case import Case
from omnivenue.cli.doctor.verdict import Verdict, broken, fine, warned
from omnivenue.client import OmnivenueError, Unauthorized
from omnivenue.client.find import SERVER_FILE

_WORDS = {
    "starting": "wait: a venue that does not answer is given ten seconds",
    "degraded": "see the venues below",
    "halted": "see trading above",
}


def server(case: Case) -> Iterator[Verdict]:
    found = case.health
    if found is None:
        yield _port(case)
    elif isinstance(found, OmnivenueError):
        mend = f"end it ({_pid(case)}) and start omnivenue serve"
        yield broken(f"{case.url} does not answer: {found.message}", mend)
    else:
        said = f"{case.url} is {found['status']}, up {float(str(found['uptime'])):.0f} s"
        mend = _WORDS.get(str(found["status"]))
        yield fine(said) if mend is None else warned(said, mend)


def token(case: Case) -> Iterator[Verdict]:
    path = case.folder / "token"
    try:
        known = TokenFile(case.folder, case.mode).tokens()
    except TokenError as error:
        yield broken(str(error), f"make {case.folder / 'tokens'} yours alone, or remove it")
        return
    if not case.is_answered:
        yield fine(f"{len(known)} known" if known else "none yet; the first start makes one")
        return
    try:
        with case.client() as client:
            client.venues()
        yield fine(f"lets us in at {case.url}")
    except Unauthorized as error:
        # As the first start makes it: with less, the next order or stop would be refused.
        mend = f"omnivenue token create --scope admin --mode {case.mode} > {path}, chmod 600 it"
        yield broken(f"{case.url} does not let us in: {error.message}", mend)
    except OmnivenueError as error:
        yield warned(f"not known: {error.message}", "run it again")


def venues(case: Case) -> Iterator[Verdict]:
    """Of a running server, as it says."""
    if not case.is_answered:
        return
    try:
        with case.client() as client:
            rows = client.venues()
    except OmnivenueError:
        return  # the token says why
    wrong = [verdict for row in rows if (verdict := _venue(row)) is not None]
    yield from wrong
    if not wrong:
        yield fine(f"all {len(rows)} reconciled")


def _venue(row: dict[str, Any]) -> Verdict | None:
    venue, unknown = row["venue"], row["unknown"]
    said = f"{venue} is {row['state']} since {row['since']}"
    if row["state"] != "RECONCILED":
        return warned(said, f"omnivenue reconcile --venue {venue}; the log of venues says why")
    if unknown:
        mend = f"omnivenue reconcile --venue {venue} asks again; nothing is sent anew before"
        return warned(f"{venue}: of {unknown} orders nobody knows what became of them", mend)
    if times := row["time_jumps"]:
        mend = "see which of its feeds in the log of venues; the clock of who records it may be off"
        return warned(f"{venue}: {times} messages of its feeds had a time that cannot be", mend)
    return None


def _port(case: Case) -> Verdict:
    if case.config is None:
        return fine("none runs")
    server = case.config.server
    host, port = server.host, server.port
    try:
        for each in listen_on(host, port, server.executor_port):
            each.close()
    except PortTaken as error:
        return broken(f"none of ours runs, and one {error}", "stop that program, or serve --port P")
    return fine(f"none runs; {host}:{port} is free for one")


def _pid(case: Case) -> str:
    try:
        return f"process {json.loads((case.folder / SERVER_FILE).read_text())['pid']}"
    except (OSError, ValueError, KeyError):
        return "wherever it runs"
