"""What the command line offers, what it will offer, and how fast it says so."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from commands import run
from omnivenue.cli.root import app
from omnivenue.cli.unbuilt import UNBUILT

TOP = """
    demo init serve status submit instruments book positions balances fills pnl risk kill rearm
    reconcile adjust replay quote arb execute doctor bench version
    order token config views
"""
VERBS = {
    "": TOP.split(),
    "order": ["place", "show", "cancel", "cancel-all", "replace", "pause", "resume", "list"],
    "token": ["create", "list", "revoke"],
    "config": ["check", "show", "schema"],
    "views": ["rebuild", "status"],
}
PROMISED = """
    plans data backtest wallet chain
"""
HEAVY = {"rich", "pydantic", "msgspec", "apsw", "uvicorn", "uvloop", "asyncio", "http.client"}


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, found in command.commands.items():
        if hasattr(found, "commands"):
            yield from leaves(found, (*path, name))
        elif not found.hidden:
            yield (*path, name), found


@pytest.mark.parametrize("group", VERBS)
def test_help_lists_what_is_built_and_nothing_else(group: str) -> None:
    ran = run(*group.split(), "--help")
    listed = ran.out.partition("Commands:\n")[2].splitlines()
    assert ran.code == 0
    assert [line.split()[0] for line in listed] == VERBS[group]
    assert not any(line.endswith("...") for line in listed), "a verb's line is cut off"


@pytest.mark.parametrize("path", [path for path, _ in leaves(get_command(app))], ids=" ".join)
def test_every_verb_speaks_json_and_explains_itself(path: tuple[str, ...]) -> None:
    ran = run(*path, "--help")
    assert ran.code == 0
    assert "--json" in ran.out


def test_what_is_promised_is_all_there_or_said_to_be_missing() -> None:
    assert list(UNBUILT) == PROMISED.split()


@pytest.mark.parametrize("verb", UNBUILT)
def test_what_is_not_built_says_so(verb: str) -> None:
    """With whatever arguments it will have one day."""
    arguments = ("ID", "--scope", "venue:OKX", "--qty", "-1", "--help")
    for given in ((), arguments):
        ran = run(*verb.split(), *given)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == f"omnivenue {verb} is not built yet\n"
    ran = run(*verb.split(), *arguments, "--json")
    assert ran.code == 1
    assert ran.document["error"]["code"] == "API-030"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "order",
        "nonsense",
        "order nonsense",
        "positions --nonsense",
        "order place --side buy --qty 1",
        "order place --instrument X --side hold --qty 1",
        "order place --instrument X --side buy --qty 1 --tif soon",
        "order place --instrument X --side buy --qty 1 --wait -1",
        "order place --instrument X --side buy --qty 1 --wait=soon",
        "order place --instrument X --side buy --qty 1 --wait=nan",
        "order place --instrument X --side buy --qty 1 --algo twap --param nonsense",
        "order place --instrument X --side buy --qty 1 --param a=1",
        "token create",
        "token create --scope god",
        "token list --mode toy",
        "serve --port 65536",
        "serve --port -1",
        "serve --port http",
        "submit",
        "submit /nowhere/at/all.json",
        "order replace k1",
        "kill",
        "kill --scope everything --reason r",
        "kill --scope venue: --reason r",
        "kill --state active --reason r",
        "rearm",
        "adjust --venue OKX --asset BTC --amount 1",
        "risk --set order_qty=1",
        "risk --set order_qty --reason r",
        "book",
    ],
)
def test_what_cannot_be_understood_is_usage(line: str) -> None:
    ran = run(*line.split())
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    ran = run(*line.split(), "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == "CLI-002"
    assert ran.document["error"]["message"].splitlines()[-1] in ran.err


def test_all_that_is_missing_or_wrong_is_told_at_once() -> None:
    ran = run("order", "place", "--side", "up", "--tif", "soon", "--wait=nan")
    assert ran.code == 2
    for said in ("--instrument", "--qty", "'up' is not one of", "'soon' is not one of", "--wait"):
        assert said in ran.err
    assert run("order", "place", "--side", "up", "--help").code == 0


def test_the_version_is_said() -> None:
    found = run("version", "--json").document
    assert found["name"] == "omnivenue"
    assert run("version").out == f"omnivenue {found['version']}\n"


@pytest.mark.parametrize("line", ["--help", "order place --help", "kill --help"])
def test_help_imports_no_more_than_it_shows(line: str) -> None:
    """Nor does the reading of a verb's options."""
    script = f"""
import contextlib, io, sys
from omnivenue.cli.root import app
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    app({line.split()!r})
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & HEAVY
    assert not {name for name in loaded if name.startswith("omnivenue.")} - {
        name for name in loaded if name.startswith("omnivenue.cli")
    }
