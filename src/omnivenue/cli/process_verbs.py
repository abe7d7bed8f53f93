"""Verbs that run something of their own: the server, the demo, the benchmarks."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import ConfigFile, Failed, Json
from omnivenue.cli.words import Mode


def serve(
    mode: Annotated[Mode | None, typer.Option(help="Else the configuration's.")] = None,
    host: Annotated[str | None, typer.Option(help="Else the configuration's.")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="0: a free one."),
    ] = None,
    cancel_on_stop: Annotated[
        bool, typer.Option("--cancel-on-stop", help="Cancel working orders at an orderly stop.")
    ] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> int:
    """The server, until it is told to stop."""
    from omnivenue.app import serve as serve_until_stopped
    from omnivenue.cli.ending import told
    from omnivenue.cli.settings import home, load_config

    _must_be_built(mode)  # before the file: what such a mode asks of it would mislead
    loaded = load_config(config, mode, as_json=as_json)
    _must_be_built(loaded.mode)
    with told(as_json=as_json) as ending:
        ending.code = serve_until_stopped(
            config=loaded, home=home(), host=host, port=port, cancel_on_stop=cancel_on_stop
        )
    return ending.code


def _must_be_built(mode: str | None) -> None:
    if mode not in {None, Mode.PAPER}:
        raise Failed(f"mode {mode} is not built yet: only paper is", "API-030")


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running.")] = False,
    as_json: Json = False,
) -> int:
    """The main job on simulated exchanges, killed in the middle."""
    from omnivenue.cli.demo import run

    return run(json=as_json, keep=keep)


def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    as_json: Json = False,
) -> int:
    """Measure: all benchmarks, or those named."""
    from omnivenue.cli.bench import run

    return run(names=names or [], json=as_json)


def version(as_json: Json = False) -> None:
    """Which program this is."""
    from importlib.metadata import version as version_of

    found = version_of("omnivenue")
    if as_json:
        out.document({"name": "omnivenue", "version": found})
    else:
        out.line(f"omnivenue {found}")


__all__ = ["bench", "demo", "serve", "version"]
