"""`init` and `doctor`: the first thing that one runs, and what one runs when something is wrong."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from pathlib import Path
from typing import Annotated

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import ConfigFile, Failed, Json
from omnivenue.cli.words import Mode

PAPER = ("omnivenue config check", "omnivenue serve")
OTHERS = ("set or waive every limit in FILE", "omnivenue doctor --config FILE")


def init(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="omnivenue.toml")] = None,
    mode: Annotated[Mode, typer.Option(help="What it is for.")] = Mode.PAPER,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    as_json: Json = False,
) -> None:
    """Writes a configuration to start from, explained."""
    from omnivenue.config import sample

    path = file or Path("omnivenue.toml")
    try:
        with path.open("w" if force else "x") as written:
            written.write(sample(mode))
    except FileExistsError as error:
        text = f"{path} is there already: choose another name, or --force to write over it"
        raise Failed(text, "CLI-007") from error
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}", "CLI-007") from error
    steps = [step.replace("FILE", str(path)) for step in (PAPER if mode is Mode.PAPER else OTHERS)]
    if as_json:
        return out.document({"file": str(path), "mode": mode, "next": steps})
    out.line(f"wrote {path}, for mode {mode}")
    return out.line(f"next: {'; '.join(steps)}")


def doctor(
    config: ConfigFile = None,
    mode: Annotated[Mode | None, typer.Option(help="Else the configuration's.")] = None,
    as_json: Json = False,
) -> int:
    """What is wrong here, and what mends it."""
    import os

    from omnivenue.cli.doctor import run
    from omnivenue.environ import MODE

    environ = dict(os.environ) if mode is None else {**os.environ, MODE: mode}
    return run(config, environ, as_json=as_json)
