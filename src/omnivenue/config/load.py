"""Finding the configuration, and reading it whole or not at all."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from omnivenue.config.defaults import DEFAULTS
from omnivenue.config.environment import Tree, override, substituted
from omnivenue.config.live_json import our_tree, read_live, without_secrets
from omnivenue.config.live_json import unused as names_unused
from omnivenue.config.read import ConfigInvalid, Mistake, read_struct
from omnivenue.config.settle import settle
from omnivenue.config.settled import Config
from omnivenue.config.shape import File
from omnivenue.environ import MODE, live_file, named
from omnivenue.wire import Invalid, read_json

BUILT_IN = "built-in paper defaults"
FILE_NAME, JSON = "omnivenue.toml", ".json"
FILE_BYTES_MAX = 4 * 1024 * 1024


def load(path: Path | None, environ: Mapping[str, str], cwd: Path) -> Config:
    """From `path`, else for live what LIVE_TRADING_CONFIG_PATH names, else `cwd`/omnivenue.toml,
    else the built-in paper defaults. Raises ConfigInvalid with all that is wrong."""
    named_file = path or live_file(environ)
    found = named_file or cwd / FILE_NAME
    if named_file is None and not found.is_file():
        return parse_config(DEFAULTS, BUILT_IN, environ)
    return parse_config(_text(found), str(found), environ)


def parse_config(text: str, source: str, environ: Mapping[str, str]) -> Config:
    """The configuration that `text` says, with what the environment adds. A source that ends in
    .json is the live configuration of older programs."""
    mistakes: list[Mistake] = []
    environ = named(environ)
    is_json = source.endswith(JSON)
    tree = substituted((_json if is_json else _toml)(text, source), environ, "", mistakes)
    mode: Any = environ.get(MODE, tree.get("mode", "paper"))
    is_paper = mode not in {"shadow", "live"}  # a slip of the pen is told as one
    unused: tuple[str, ...] = ()
    if is_json:
        live = read_live(tree, mistakes)
        if live is None:
            raise ConfigInvalid(source, mistakes)
        tree, unused = our_tree(live, tree, mode, mistakes), names_unused(live)
    if is_paper:
        _fill(tree)
    override(tree, File, environ, mistakes)
    file = read_struct(File, tree, "", mistakes)
    built_in = read_struct(File, tomllib.loads(DEFAULTS), "", []) if is_paper else None
    config = settle(file, source, built_in, mistakes) if file else None
    if config is None or mistakes:
        raise ConfigInvalid(source, mistakes)
    return replace(config, unused=unused)


def _fill(tree: Tree) -> None:
    """Sections that a paper file leaves out are the built-in ones; without accounts of its own it
    has `main` on all of its venues."""
    built_in: Tree = tomllib.loads(DEFAULTS)
    tree.setdefault("venues", built_in["venues"])
    venues: Any = tree["venues"]
    if "accounts" not in tree and isinstance(venues, dict):
        tree["accounts"] = {"main": {**built_in["accounts"]["main"], "venues": [*venues]}}


def _toml(text: str, source: str) -> Tree:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(source, [Mistake("", f"is not TOML: {error}")]) from error


def _json(text: str, source: str) -> Tree:
    found: Any = read_json(text.encode(), FILE_BYTES_MAX)
    if isinstance(found, Invalid):
        raise ConfigInvalid(source, [Mistake("", found.reasons[0].message)])
    if not isinstance(found, dict):
        raise ConfigInvalid(source, [Mistake("", "must be a JSON object")])
    return without_secrets(found)


def _text(path: Path) -> str:
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
