"""`replay`: the journal read from its first entry by somebody who trusts nothing in it."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from pathlib import Path
from typing import Annotated

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Json, error_document
from omnivenue.cli.words import Mode


def replay(
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Else that of the mode.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Decide everything again, and compare.")
    ] = False,
    mode: Annotated[Mode, typer.Option(help="Whose journal.")] = Mode.PAPER,
    as_json: Json = False,
) -> int:
    """Folds the journal, checks its chain, prints its hashes."""
    from msgspec import to_builtins

    from omnivenue.cli.settings import home
    from omnivenue.journal import verify_journal

    path = journal or home() / mode / "journal.db"
    report = verify_journal(path, decide=verify)
    if as_json:
        document = {"journal": str(path), "verified": verify, **to_builtins(report)}
        error = {} if report.ok else error_document(report.problem, "CLI-005")
        out.document(document | error)
    else:
        out.facts({"journal": path, **to_builtins(report)})
    return 0 if report.ok else 1
