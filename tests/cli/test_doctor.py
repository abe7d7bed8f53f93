"""What `doctor` finds, and that what it says mends it."""

import json
import os
import resource
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from answering import Asked, Reply, answering, error
from commands import Ran, run
from omnivenue.api import Scope, TokenFile, TokenTable
from omnivenue.app.kill_file import KillFile
from omnivenue.app.standing import Standing
from omnivenue.cli.doctor import machine, records
from omnivenue.cli.doctor.case import Case
from omnivenue.cli.doctor.verdict import Verdict
from omnivenue.engine import State
from omnivenue.engine.state import Clock
from omnivenue.journal import Chain, SqliteJournal
from omnivenue.journal import recover as folded
from omnivenue.message import AccountOpened
from omnivenue.model import (
    SECOND,
    AccountID,
    Limit,
    LimitName,
    Limits,
    Nanos,
    TradingState,
    VenueID,
)
from omnivenue.runtime import Books, recover, turn
from pool_documents import profitable

OKX = VenueID("OKX")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMNIVENUE__SERVER__PORT", "0")  # whoever has 8001 on this machine
    for name in ("OMNIVENUE_URL", "OMNIVENUE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_FIRST", 0.001)
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_MAX", 0.001)
    return tmp_path / "home"


def opened(n: int) -> AccountOpened:
    return AccountOpened(account=AccountID(f"a{n}"), venue_ids=(OKX,))


@pytest.fixture
def folder(home: Path) -> Path:
    """With a journal of a few entries, as a server leaves it."""
    journal = SqliteJournal(home, "paper")
    core = recover(State(), journal, Books(), Nanos(1), "")
    for n in range(3):
        turn(core, Nanos(2 + n), "configuration", opened(n))
    journal.commit()
    journal.close()
    (home / "paper" / "token").write_text("ovp_x\n")
    (home / "paper" / "token").chmod(0o600)
    return home / "paper"


def found(*more: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """By check: all that it has to say. What is not as it should be has its mending beside it."""
    ran = run("doctor", "--json", *more)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in ran.document["checks"]:
        assert (row["mend"] is None) is (row["state"] == "ok"), row
        rows.setdefault(row["check"], []).append(row)
    is_broken = any(row["state"] == "broken" for each in rows.values() for row in each)
    assert (ran.code, ran.document["ok"]) == (int(is_broken), not is_broken)
    return ran.code, rows


def only(rows: dict[str, list[dict[str, Any]]], check: str) -> dict[str, Any]:
    (row,) = rows[check]
    return row


def mend(row: dict[str, Any]) -> None:
    """Does what it says."""
    subprocess.run(shlex.split(row["mend"]), check=True)


def test_where_nothing_is_yet_nothing_is_wrong(tmp_path: Path) -> None:
    code, rows = found()
    assert code == 0
    assert {row["state"] for each in rows.values() for row in each} == {"ok"}
    assert not {"what holds", "read tables", "venues"} & set(rows), "there is nothing to look at"
    assert not (tmp_path / "home").exists(), "whoever looks changes nothing"
    assert "127.0.0.1:0 is free" in only(rows, "server")["said"]


def test_of_each_chain_it_says_what_its_routes_are_priced_over(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps({"pools": profitable()}))
    (tmp_path / "part.json").write_text(json.dumps({"pools": profitable() | {"p": {}}}))
    chains = {"polygon": "good", "base": "part", "scroll": "none"}
    lines = [f'[chain.{name}]\npools = "{file}.json"\n' for name, file in chains.items()]
    (tmp_path / "omnivenue.toml").write_text("".join(lines) + "[chain.celo]\n")
    code, rows = found()
    assert code == 1
    assert [(row["state"], row["said"]) for row in rows["chains"]] == [
        ("warning", "base: 1 of its pools are wrong, p among them"),
        ("ok", "celo has no pools, so no route on it is priced"),
        ("ok", "polygon: 3 pools"),
        (
            "broken",
            "scroll: the pools in none.json: cannot be read: No such file or directory",
        ),
    ]


def test_a_second_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "omnivenue.toml").write_text(f"[server]\nexecutor_port = {port}\n")
        row = only(found()[1], "server")
    assert (row["state"], f"127.0.0.1:{port}" in row["said"]) == ("broken", True)


def test_for_people_each_is_a_line_with_its_mending_below(home: Path) -> None:
    home.mkdir(mode=0o755)
    ran: Ran = run("doctor")
    lines = ran.out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("home"))
    assert lines[at].split(maxsplit=1)[1].startswith("broken: ")
    assert lines[at + 1].split() == ["to", "mend", "it:", "chmod", "700", str(home)]
    assert ran.code == 1


def test_every_mistake_of_the_configuration_is_told(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('[server]\nprot = 1\n[venues.OKX]\nmarket = "none"\n')
    code, rows = found("--config", "wrong.toml")
    assert code == 1
    told = [row["said"] for row in rows["configuration"]]
    assert [text.split(": ")[1] for text in told] == ["server.prot", "venues.OKX.market"]
    assert "home" in rows, "and the rest is looked at"


def test_in_live_each_limit_that_is_open_is_named(tmp_path: Path) -> None:
    text = 'mode = "live"\n[accounts.main]\nvenues = ["OKX"]\n[venues.OKX]\n'
    (tmp_path / "live.toml").write_text(text)
    code, rows = found("--config", "live.toml")
    assert code == 1
    assert "order_qty, order_notional" in only(rows, "limits")["said"]
    assert "configuration" not in rows, "nothing else is wrong with it"


def test_a_limit_of_some_scopes_only_is_a_warning(tmp_path: Path) -> None:
    line = '[[risk.limits]]\nscope = "venue:OKX"\nname = "order_qty"\nlimit = "1"\n'
    (tmp_path / "omnivenue.toml").write_text(line)
    code, rows = found()
    assert (code, only(rows, "limits")["state"]) == (0, "warning")


@pytest.mark.holds("T65")
@pytest.mark.parametrize("name", ["", "token", "journal.db"])
def test_what_others_may_use_is_broken_until_it_is_mended(folder: Path, name: str) -> None:
    path = folder / name if name else folder.parent
    path.chmod(path.stat().st_mode | 0o044)
    code, rows = found()
    assert code == 1
    assert str(path) in only(rows, "home")["said"]
    mend(only(rows, "home"))
    assert only(found()[1], "home")["state"] == "ok"


def test_tokens_that_cannot_be_trusted_are_broken(folder: Path) -> None:
    (folder / "tokens").write_text("{}")
    (folder / "tokens").chmod(0o644)
    _, rows = found()
    assert "has mode 0644" in only(rows, "token")["said"]
    (folder / "tokens").unlink()
    (folder / "tokens").symlink_to(folder / "elsewhere")
    _, rows = found()
    assert "is a link" in only(rows, "home")["said"]
    assert only(rows, "token")["state"] == "broken"


def test_a_home_of_somebody_else_is_broken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    _, rows = found()
    assert "not to us (12345)" in only(rows, "home")["said"]


def test_a_home_that_cannot_be_made_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path / "file" / "home"))
    _, rows = found()
    assert only(rows, "home")["said"].startswith(f"{tmp_path / 'file'} is no folder")


def test_a_home_that_cannot_be_written_is_broken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path, mode: int) -> bool:
        return path != folder

    monkeypatch.setattr(os, "access", denied)
    _, rows = found()
    assert only(rows, "home")["said"].startswith(f"{folder} is no folder that we may write to")


def test_a_journal_is_read_and_held_against_itself(folder: Path) -> None:
    code, rows = found()
    assert code == 0
    assert only(rows, "journal")["said"] == "4 entries in 1 starts, each named by the next"
    db = apsw.Connection(str(folder / "journal.db"))
    db.execute("UPDATE entry SET line = CAST(replace(line, 'a1', 'A1') AS BLOB) WHERE seq = 2")
    db.close()
    code, rows = found()
    assert code == 1
    assert only(rows, "journal")["state"] == "broken"
    assert "entry 3 follows" in only(rows, "journal")["said"]
    (folder / "journal.db").write_bytes(b"something else")
    assert only(found()[1], "journal")["state"] == "broken"


def test_a_journal_of_another_mode_is_broken(folder: Path) -> None:
    folder.rename(folder.with_name("shadow"))
    _, rows = found("--mode", "shadow")
    assert only(rows, "journal")["state"] == "broken"


def test_what_the_next_start_takes_is_no_trouble(folder: Path) -> None:
    row = only(found()[1], "what holds")
    assert row["state"] == "ok"
    for section in ("instruments", "venues", "limits", "accounts", "balances"):
        assert section in row["said"]


def test_tables_that_nobody_has_written_are_a_warning(folder: Path) -> None:
    row = only(found()[1], "read tables")
    assert row["state"] == "warning"
    assert run(*row["mend"].split()[1:]).code == 0
    row = only(found()[1], "read tables")
    assert (row["state"], row["said"]) == ("ok", "views.db stands at entry 3 of 3")
    journal = SqliteJournal(folder.parent, "paper")
    core = recover(folded(journal), journal, Books(), Nanos(9), "")
    turn(core, Nanos(10), "configuration", opened(9))
    journal.commit()
    journal.close()
    assert "2 behind" in only(found()[1], "read tables")["said"]


def test_stopped_trading_is_a_warning_that_says_how_to_go_on(folder: Path) -> None:
    KillFile(folder).set("venue:OKX", TradingState.HALTED, "odd prices")
    code, rows = found()
    row = only(rows, "trading")
    assert (code, row["state"]) == (0, "warning")
    assert "venue:OKX is HALTED" in row["said"]
    assert "odd prices" in row["said"]
    assert "omnivenue rearm --scope venue:OKX" in row["mend"]


def test_a_port_that_somebody_has_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("OMNIVENUE__SERVER__PORT", str(port))
        code, rows = found()
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in only(rows, "server")["said"]


def test_a_server_that_runs_and_is_silent_is_broken(folder: Path) -> None:
    said = {"url": "http://127.0.0.1:9", "pid": os.getpid()}
    (folder / "server.json").write_text(json.dumps(said))
    (folder / "server.json").chmod(0o600)
    code, rows = found()
    assert code == 1
    assert "127.0.0.1:9 does not answer" in only(rows, "server")["said"]
    assert f"process {os.getpid()}" in only(rows, "server")["mend"]


def test_a_token_that_is_refused_is_replaced_by_one_that_may_do_as_much(folder: Path) -> None:
    """As the one that a first start makes, since it takes its place."""

    def reply(asked: Asked) -> Reply:
        if asked.path == "/health":
            return 200, {"status": "healthy", "uptime": 1}
        return 401, error("API-040", "the token is not known")

    with answering(reply) as server:
        its = json.dumps({"url": server.url, "pid": os.getpid()})
        (folder / "server.json").write_text(its)
        (folder / "server.json").chmod(0o600)
        row = only(found()[1], "token")
    assert row["state"] == "broken"
    assert "the token is not known" in row["said"]
    command, is_there, where = row["mend"].partition(" > ")
    assert is_there
    assert where.startswith(str(folder / "token"))
    ran = run(*command.split()[1:])
    made = TokenTable(TokenFile(folder, "paper")).find(ran.out.strip(), Nanos(0))
    assert made is not None
    assert made.scope is Scope.ADMIN


def test_feeds_with_times_that_cannot_be_are_a_warning(folder: Path) -> None:
    fine = {"venue": "OKX", "state": "RECONCILED", "since": "", "unknown": 0, "time_jumps": 0}
    rows = [fine, {**fine, "venue": "BYBIT", "time_jumps": 3}]

    def reply(asked: Asked) -> Reply:
        if asked.path == "/health":
            return 200, {"status": "healthy", "uptime": 1}
        return 200, {"venues": rows, "seq": 1, "next_cursor": None}

    with answering(reply) as server:
        its = json.dumps({"url": server.url, "pid": os.getpid()})
        (folder / "server.json").write_text(its)
        (folder / "server.json").chmod(0o600)
        (folder / "token").write_text("ovt_paper_read_" + "a" * 43)
        (folder / "token").chmod(0o600)
        row = only(found()[1], "venues")
    assert row["state"] == "warning"
    assert row["said"] == "BYBIT: 3 messages of its feeds had a time that cannot be"


# The machine, as it might be.


def case() -> Case:
    return Case(None, dict(os.environ))


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 11), "broken"), ((3, 12), "ok"), ((3, 14), "ok"), ((3, 15), "warning")],
)
def test_the_python(version: tuple[int, int], state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    is_it = SimpleNamespace(version_info=(*version, 0), version="X.Y (main)")
    monkeypatch.setattr(machine, "sys", is_it)
    (verdict,) = machine.python(case())
    assert (verdict.state, verdict.said.split(",")[0]) == (state, "X.Y")
    assert sys.version_info[:2] >= machine.OLDEST


@pytest.mark.parametrize(("mib", "state"), [(63, "broken"), (64, "warning"), (1024, "ok")])
def test_the_disk(mib: int, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def free(_: Path) -> int:
        return mib << 20

    monkeypatch.setattr(machine, "free_space", free)
    (verdict,) = machine.disk(case())
    assert verdict.state == state
    assert f"{mib} MiB free" in verdict.said


@pytest.mark.parametrize(
    ("most", "state"), [(1_023, "warning"), (1_024, "ok"), (resource.RLIM_INFINITY, "ok")]
)
def test_the_descriptors(most: int, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def limits(_: int) -> tuple[int, int]:
        return most, most

    monkeypatch.setattr(resource, "getrlimit", limits)
    (verdict,) = machine.descriptors(case())
    assert verdict.state == state


def clocks(state: State) -> list[Verdict]:
    looked = case()
    looked.__dict__["journal"] = Standing(state, Chain(0))
    return list(records.clock(looked))


def test_a_clock_that_is_off_is_a_warning() -> None:
    state = State(clocks={OKX: Clock(offset=Nanos(-3 * SECOND // 2))})
    (verdict,) = clocks(state)
    assert verdict.state == "warning"
    assert "the clock of OKX is 1.5 s behind ours" in verdict.said
    limit = Limit(scope="global", name=LimitName.CLOCK_OFFSET, value=2 * SECOND)
    state.limits = Limits(limits=(limit,))
    (verdict,) = clocks(state)
    assert (verdict.state, verdict.said) == ("ok", "within 2 s of every venue's")


def test_what_cannot_be_looked_at_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Path) -> int:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(machine, "free_space", broken)
    code, rows = found()
    assert code == 1
    assert "Permission denied: 'somewhere'" in only(rows, "disk")["said"]
