"""`token create | list | revoke`: on the file of a mode, whether a server runs or not."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Json
from omnivenue.cli.words import Mode, Scope

ModeOption = Annotated[Mode, typer.Option(help="Tokens belong to a mode.")]


def create(
    scope: Annotated[Scope, typer.Option(help="What it may do; each holds those before it.")],
    name: Annotated[str | None, typer.Option(help="Else one is made from the scope.")] = None,
    mode: ModeOption = Mode.PAPER,
    as_json: Json = False,
) -> None:
    """A new token. It is shown now and never again."""
    from omnivenue.cli import tokens

    called, secret = tokens.create(mode, scope, name)
    if as_json:
        return out.document({"name": called, "scope": scope, "mode": mode, "token": secret})
    out.note(f"{called} may {scope} in {mode}; it is shown only now:")
    return out.line(secret)


def list_tokens(mode: ModeOption = Mode.PAPER, as_json: Json = False) -> None:
    """Names and scopes; the tokens themselves are kept nowhere."""
    from omnivenue.cli import tokens

    rows = tokens.rows(mode)
    if as_json:
        return out.document({"tokens": rows, "mode": mode})
    return out.table(("name", "scope", "created"), rows)


def revoke(
    name: Annotated[str, typer.Argument()], mode: ModeOption = Mode.PAPER, as_json: Json = False
) -> None:
    """Ends a token; a running server follows within a second."""
    from omnivenue.cli import tokens

    tokens.revoke(mode, name)
    if as_json:
        return out.document({"revoked": name, "mode": mode})
    return out.line(f"revoked {name}")
