"""The configuration as verbs get it: read from the usual places, or the end of the verb."""

import os
from pathlib import Path

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Failed, error_document
from omnivenue.cli.words import Mode
from omnivenue.config import Config, ConfigInvalid, load
from omnivenue.environ import MODE
from omnivenue.environ import home as home_of


def home() -> Path:
    return home_of(os.environ, Path.home())


def folder() -> Path:
    """That a configuration is looked for in. Raises Failed."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        text = "the folder that this was started in is there no more: change to another"
        raise Failed(text, "CLI-001") from error


def load_config(file: str | None, mode: Mode | None, *, as_json: bool) -> Config:
    """With `mode` in place of the configuration's own. Ends the verb with exit code 2, all mistakes
    told, where it is wrong."""
    environ = dict(os.environ)
    if mode is not None:
        environ[MODE] = mode
    try:
        return load(Path(file) if file else None, environ, folder())
    except ConfigInvalid as error:
        if as_json:
            mistakes = [{"path": m.path, "message": m.message} for m in error.mistakes]
            document = {"ok": False, "source": error.source, "mistakes": mistakes}
            out.document(document | error_document(str(error), "CLI-001"))
        out.note(str(error))
        raise typer.Exit(2) from error
