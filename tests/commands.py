"""Verbs of the command line, run in this process: a start of Python each would cost more than all
the rest of a test."""

import json
from typing import Any, NamedTuple

from typer.testing import CliRunner

from omnivenue.cli.root import app


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def run(*args: str, stdin: str | bytes | None = None) -> Ran:
    done = CliRunner().invoke(app, args, input=stdin, prog_name="omnivenue")
    return Ran(done.exit_code, done.stdout, done.stderr)
