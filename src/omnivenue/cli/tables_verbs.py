"""`views rebuild | status`: the read tables of a mode, whether a server runs or not."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated, Any

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Failed, Json
from omnivenue.cli.words import Mode

ModeOption = Annotated[Mode, typer.Option(help="Whose tables.")]


def rebuild(mode: ModeOption = Mode.PAPER, as_json: Json = False) -> None:
    """Makes views.db anew from the journal. Who reads it sees the old rows until all is there."""
    import time

    import apsw

    from omnivenue.api.tables import rebuild as anew
    from omnivenue.cli.settings import home
    from omnivenue.journal import Broken, NotAJournal, UnknownSchema
    from omnivenue.model import Nanos

    try:
        progress = anew(home() / mode, mode, Nanos(time.time_ns()))
    except (apsw.Error, Broken, NotAJournal, OSError, UnknownSchema) as error:
        raise Failed(f"nothing was changed: {error}", "CLI-006") from error
    _show(progress, as_json=as_json)


def status(mode: ModeOption = Mode.PAPER, as_json: Json = False) -> None:
    """How far the read tables are, and how far behind the journal."""
    from omnivenue.api.tables import read_progress
    from omnivenue.cli.settings import home

    progress = read_progress(home() / mode)
    if progress is None:
        raise Failed(f"there are no read tables in {home() / mode}", "CLI-006")
    _show(progress, as_json=as_json)


def _show(progress: Any, *, as_json: bool) -> None:
    from msgspec import to_builtins

    (out.document if as_json else out.facts)(to_builtins(progress))
