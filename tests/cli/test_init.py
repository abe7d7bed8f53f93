"""`init`: what it writes is right, and says what it should."""

import re
import tomllib
from pathlib import Path

import pytest

from commands import run
from omnivenue.config import DEFAULTS, ConfigInvalid, parse_config, sample
from omnivenue.config.defaults import LIMIT_WORDS


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path / "home"))


def test_it_writes_what_held_before() -> None:
    ran = run("init")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "wrote omnivenue.toml, for mode paper"
    for step in ran.out.splitlines()[1].removeprefix("next: ").split("; "):
        if step != "omnivenue serve":
            assert run(*step.split()[1:]).code == 0
    text = Path("omnivenue.toml").read_text()
    assert parse_config(text, "", {}).config_hash == parse_config(DEFAULTS, "", {}).config_hash
    assert text.count("#") > 15, "it is explained"


def test_the_keys_that_it_explains_are_what_they_are_when_left_out() -> None:
    keys = re.findall(r"^#   (\w+ = \S+) +#", sample("paper"), re.MULTILINE)
    assert len(keys) == 6
    text = "[venues.OKX]\n"
    with_them = parse_config(text + "\n".join(keys), "", {})
    assert with_them.config_hash == parse_config(text, "", {}).config_hash


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_the_chain_that_it_explains_is_what_it_is_when_left_out(mode: str) -> None:
    keys = re.findall(r"^#     (\[?\w.*?)(?:    .*)?$", sample(mode), re.MULTILINE)
    assert len(keys) == 7
    explained = parse_config("\n".join(keys), "", {}).chains
    plain = parse_config('[chain.polygon]\npools = "pools.json"', "", {}).chains
    assert explained == plain


def test_nothing_is_written_over_unless_it_must_be(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("mine")
    ran = run("init", str(file), "--json")
    assert (ran.code, ran.document["error"]["code"]) == (1, "CLI-007")
    assert file.read_text() == "mine"
    ran = run("init", str(file), "--force", "--json")
    assert (ran.code, ran.document["file"], ran.document["mode"]) == (0, str(file), "paper")
    assert tomllib.loads(file.read_text())["mode"] == "paper"
    assert run("init", str(tmp_path / "nowhere" / "x.toml")).code == 1


@pytest.mark.parametrize("mode", ["live", "shadow"])
def test_outside_of_paper_it_is_wrong_until_every_limit_is_decided(mode: str) -> None:
    assert run("init", "--mode", mode).code == 0
    text = Path("omnivenue.toml").read_text()
    with pytest.raises(ConfigInvalid) as caught:
        parse_config(text, "", {})
    (mistake,) = caught.value.mistakes
    assert mistake.path == "risk.limits"
    open_ones = mistake.message.partition(": ")[2].split(", ")
    decided = re.sub(r"^# (\[\[|scope|name|limit)", r"\1", text, flags=re.MULTILINE)
    decided = decided.replace('limit = ""', 'limit = "waived"')
    config = parse_config(decided, "", {})
    assert config.mode == mode
    assert {limit.name.value for limit in config.limits.limits} >= set(open_ones)
    assert set(open_ones) | set(config.waived_checks) == set(LIMIT_WORDS)
    for word in open_ones:
        assert f'name = "{word}"' in text
