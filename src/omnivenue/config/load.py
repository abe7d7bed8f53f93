"""Finding the configuration, and reading it whole or not at all."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omnivenue.config.defaults import DEFAULTS
from omnivenue.config.environment import Tree, override, substituted
from omnivenue.config.read import ConfigInvalid, Mistake, read_struct
from omnivenue.config.settle import settle
from omnivenue.config.settled import Config
from omnivenue.config.shape import File

BUILT_IN = "built-in paper defaults"
FILE_NAME = "omnivenue.toml"
FILE_BYTES_MAX = 4 * 1024 * 1024


def load(path: Path | None, environ: Mapping[str, str], cwd: Path) -> Config:
    """From `path`, else `cwd`/omnivenue.toml, else the built-in paper defaults. Raises
    ConfigInvalid with all that is wrong."""
    found = path or cwd / FILE_NAME
    if path is None and not found.is_file():
        return parse_config(DEFAULTS, BUILT_IN, environ)
    return parse_config(_text(found), str(found), environ)


def parse_config(text: str, source: str, environ: Mapping[str, str]) -> Config:
    """The configuration that `text` says, with what the environment adds."""
    mistakes: list[Mistake] = []
    try:
        tree: Tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(source, [Mistake("", f"is not TOML: {error}")]) from error
    tree = substituted(tree, environ, "", mistakes)
    mode = environ.get("OMNIVENUE__MODE", tree.get("mode", "paper"))
    is_paper = mode not in {"shadow", "live"}  # a slip of the pen is told as one
    if is_paper:
        _fill(tree)
    override(tree, File, environ, mistakes)
    file = read_struct(File, tree, "", mistakes)
    built_in = read_struct(File, tomllib.loads(DEFAULTS), "", []) if is_paper else None
    config = settle(file, source, built_in, mistakes) if file else None
    if config is None or mistakes:
        raise ConfigInvalid(source, mistakes)
    return config


def home(environ: Mapping[str, str], user_home: Path) -> Path:
    """Where all modes keep what they must not lose."""
    own = environ.get("OMNIVENUE_HOME")
    return Path(own).expanduser() if own else user_home / ".local" / "share" / "omnivenue"


def _fill(tree: Tree) -> None:
    """Sections that a paper file leaves out are the built-in ones; without accounts of its own it
    has `main` on all of its venues."""
    built_in: Tree = tomllib.loads(DEFAULTS)
    tree.setdefault("venues", built_in["venues"])
    venues: Any = tree["venues"]
    if "accounts" not in tree and isinstance(venues, dict):
        tree["accounts"] = {"main": {**built_in["accounts"]["main"], "venues": [*venues]}}


def _text(path: Path) -> str:
    if path.suffix == ".json":
        text = "the JSON form of a live configuration is not built yet: write TOML"
        raise ConfigInvalid(str(path), [Mistake("", text)])
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
        problem = f"is larger than {FILE_BYTES_MAX} bytes" if len(raw) > FILE_BYTES_MAX else ""
        text = raw.decode()
    except OSError as error:
        problem, text = f"cannot be read: {error.strerror}", ""
    except UnicodeDecodeError:
        problem, text = "is not UTF-8", ""
    if problem:
        raise ConfigInvalid(str(path), [Mistake("", problem)])
    return text
