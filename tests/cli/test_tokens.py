"""`token create | list | revoke`: on the file, for one mode."""

from pathlib import Path

import pytest

from commands import run
from omnivenue.api import Scope, TokenFile, TokenTable
from omnivenue.model import Nanos


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "a" / "home"
    monkeypatch.setenv("OMNIVENUE_HOME", str(path))
    return path


def scope_of(home: Path, mode: str, secret: str) -> Scope | None:
    found = TokenTable(TokenFile(home / mode, mode)).find(secret, Nanos(0))
    return found.scope if found else None


@pytest.mark.parametrize("scope", ["read", "trade", "transfer", "admin"])
def test_a_new_token_opens_its_mode_with_its_scope(home: Path, scope: str) -> None:
    made = run("token", "create", "--scope", scope, "--name", "bot", "--json").document
    assert (made["name"], made["scope"], made["mode"]) == ("bot", scope, "paper")
    assert scope_of(home, "paper", made["token"]) is Scope(scope)
    assert scope_of(home, "live", made["token"]) is None


def test_a_token_is_alone_on_stdout(home: Path) -> None:
    """So that a script can take it."""
    ran = run("token", "create", "--scope", "trade", "--mode", "live")
    assert ran.code == 0
    assert scope_of(home, "live", ran.out.strip()) is Scope.TRADE
    assert ran.out.strip() not in ran.err


def test_only_its_owner_can_look(home: Path) -> None:
    run("token", "create", "--scope", "read")
    for path in (home, home / "paper"):
        assert path.stat().st_mode & 0o777 == 0o700
    assert (home / "paper" / "tokens").stat().st_mode & 0o777 == 0o600


def test_names_are_made_and_listed_without_secrets() -> None:
    secrets = [run("token", "create", "--scope", "read").out.strip() for _ in range(2)]
    ran = run("token", "list", "--json")
    rows = ran.document["tokens"]
    assert len({row["name"] for row in rows}) == 2
    assert all(row["name"].startswith("read-") for row in rows)
    shown = ran.out + run("token", "list").out
    assert rows[0]["name"] in shown
    assert not any(secret in shown for secret in secrets)
    assert run("token", "list", "--mode", "live", "--json").document["tokens"] == []


def test_a_revoked_token_opens_nothing(home: Path) -> None:
    secret = run("token", "create", "--scope", "admin", "--name", "bot").out.strip()
    assert run("token", "revoke", "bot", "--mode", "live").code == 1
    assert run("token", "revoke", "bot", "--json").document == {"revoked": "bot", "mode": "paper"}
    assert scope_of(home, "paper", secret) is None
    again = run("token", "revoke", "bot", "--json")
    assert again.code == 1
    assert again.document["error"]["message"] == "there is no token bot"


def test_what_cannot_be_done_says_why(home: Path) -> None:
    run("token", "create", "--scope", "read", "--name", "bot")
    ran = run("token", "create", "--scope", "read", "--name", "bot")
    assert (ran.code, ran.out) == (1, "")
    assert "there is a token bot already" in ran.err
    assert run("token", "create", "--scope", "read", "--name", "b o t").code == 1
    (home / "paper" / "tokens").chmod(0o644)
    for verb in (("list",), ("revoke", "bot"), ("create", "--scope", "read")):
        ran = run("token", *verb)
        assert ran.code == 1
        assert "chmod 600" in ran.err
