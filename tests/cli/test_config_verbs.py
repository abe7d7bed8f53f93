"""`config check | show | schema`, and what `serve` makes of the configuration."""

import json
import logging
from copy import copy
from pathlib import Path
from typing import Any

import pytest

import omnivenue.app
from commands import run
from omnivenue.config import Config
from omnivenue.config.defaults import LIMIT_WORDS


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path / "home"))


def test_the_defaults_are_right_and_all_that_they_set_is_watched() -> None:
    ran = run("config", "check", "--json")
    assert ran.code == 0
    assert ran.document["ok"] is True
    assert ran.document["warnings"] == []
    ran = run("config", "check")
    assert ran.out == "built-in paper defaults: ok (mode paper)\n"
    assert "warning" not in ran.err


def test_all_mistakes_are_told(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[server]\nprot = 1\n[venues.BINANCE-SPOT]\nkind = "sim"\nmarket = "none"\n')
    for verb in (("config", "check"), ("config", "show"), ("serve",)):
        ran = run(*verb, "--config", str(file))
        assert (ran.code, ran.out) == (2, "")
        assert "server.prot: unknown key; nearest known: port" in ran.err
        assert "venues.BINANCE-SPOT.market" in ran.err
        document = run(*verb, "--config", str(file), "--json").document
        assert document["ok"] is False
        assert document["error"]["code"] == "CLI-001"
        paths = [mistake["path"] for mistake in document["mistakes"]]
        assert paths == ["server.prot", "venues.BINANCE-SPOT.market"]


def test_a_file_that_is_not_there_is_a_mistake() -> None:
    assert run("config", "check", "--config", "nowhere.toml").code == 2


def test_the_file_beside_us_is_taken(tmp_path: Path) -> None:
    (tmp_path / "omnivenue.toml").write_text("[server]\nport = 9\n")
    document = run("config", "show", "--json").document
    assert document["server"]["port"] == 9
    assert document["source"].endswith("omnivenue.toml")


def test_show_marks_the_limits_that_nothing_enforces() -> None:
    document = run("config", "show", "--json").document
    rows = {row["name"]: row for row in document["risk"]["limits"]}
    lines = run("config", "show").out.splitlines()
    shown = {words[0]: line for line in lines if (words := line.split())}
    for name, row in rows.items():
        is_unwatched = row["state"] == "set" and not row["enforced"]
        assert ("NOT ENFORCED YET" in shown[name]) is is_unwatched
        assert ("waived" in shown[name]) is (row["state"] == "waived")
    assert "1000000" in shown["order_notional"]


@pytest.mark.parametrize("given", [(), ("--json",)])
def test_the_schema_is_one_json_document(given: tuple[str, ...]) -> None:
    document = run("config", "schema", *given).document
    assert "position_notional" in json.dumps(document["$defs"]["LimitLine"])


# serve


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []

    def serve(**given: Any) -> int:
        calls.append(given)
        return 5

    monkeypatch.setattr(omnivenue.app, "serve", serve)
    return calls


def test_serve_hands_on_what_it_was_told(served: list[dict[str, Any]], tmp_path: Path) -> None:
    ran = run("serve", "--host", "::1", "--port", "0", "--cancel-on-stop")
    assert ran.code == 5, "the server's own exit code"
    (given,) = served
    config = given.pop("config")
    assert isinstance(config, Config)
    assert config.mode == "paper"
    home = tmp_path / "home"
    assert given == {"home": home, "host": "::1", "port": 0, "cancel_on_stop": True}
    run("serve")
    assert (served[1]["host"], served[1]["port"], served[1]["cancel_on_stop"]) == (
        None,
        None,
        False,
    )


@pytest.mark.parametrize("mode", ["shadow", "live"])
@pytest.mark.parametrize("file", [None, 'mode = "paper"\n', 'mode = "live"\n', "mod = 3\n"])
def test_a_mode_that_is_not_built_is_never_entered_and_says_so(
    served: list[dict[str, Any]], tmp_path: Path, mode: str, file: str | None
) -> None:
    """Whatever the file says: what such a mode would ask of it helps nobody yet."""
    if file is not None:
        (tmp_path / "omnivenue.toml").write_text(file)
    ran = run("serve", "--mode", mode, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (1, "API-030")
    assert ran.err == f"mode {mode} is not built yet: only paper is\n"
    assert not served


def test_a_file_of_a_mode_that_is_not_built_is_refused_as_well(
    served: list[dict[str, Any]], tmp_path: Path
) -> None:
    waived = "".join(
        f'[[risk.limits]]\nscope = "global"\nname = "{word}"\nlimit = "waived"\n'
        for word in LIMIT_WORDS
    )
    text = 'mode = "live"\n[accounts.main]\nvenues = ["OKX"]\n[venues.OKX]\n'
    (tmp_path / "omnivenue.toml").write_text(text + waived)
    ran = run("serve", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (1, "API-030")
    assert not served


def test_a_refusal_of_the_server_is_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logging.getLogger("omnivenue")
    for name in ("handlers", "level", "propagate"):  # put back: the server sets them for good
        monkeypatch.setattr(log, name, copy(getattr(log, name)))
    ran = run("serve", "--host", "0.0.0.0", "--json")
    assert ran.code == 2
    assert "refused to listen on 0.0.0.0" in ran.document["error"]["message"]
    assert run("serve", "--host", "0.0.0.0").out == ""


def test_a_server_that_ends_in_order_has_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(**_: Any) -> int:
        return 0

    monkeypatch.setattr(omnivenue.app, "serve", serve)
    ran = run("serve", "--json")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize("verb", [("serve",), ("doctor",)])
def test_a_folder_that_is_there_no_more_is_told(
    verb: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    ran = run(*verb)
    assert ran.code == 1
    assert "folder that this was started in" in ran.err
