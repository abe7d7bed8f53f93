"""What every verb shares: its `--json`, how its failure is told, and its exit code."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

import re
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from omnivenue.cli import out
from omnivenue.cli.values import read_plainly

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Key = Annotated[str | None, typer.Option("--id", metavar="KEY", help="Else one is made and said.")]
ConfigFile = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="Else ./omnivenue.toml, else paper defaults."),
]
Wait = Annotated[
    float | None,
    typer.Option(
        "--wait", metavar="[SECONDS=30]", min=0, help="Until it is done, or the time is up."
    ),
]
WAIT_SECONDS = "30"

_SECONDS = re.compile(r"\d+(\.\d*)?|\.\d+")


class Verb(TyperCommand):
    """A verb returns its exit code, or nothing for 0; what it raises is told and mapped here."""

    def get_params(self, ctx: Any) -> list[Any]:
        return read_plainly(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        filled = with_seconds(args)
        try:
            return super().parse_args(ctx, list(filled))
        except typer.BadParameter:
            self._tell_all(ctx, filled)
            raise

    def _tell_all(self, ctx: Any, args: list[str]) -> None:
        """The parser stops at the first that is missing or wrong; we want to hear of all."""
        given, _, _ = self.make_parser(ctx).parse_args(list(args))
        wrong: list[str] = []
        for param in self.get_params(ctx):
            try:
                param.handle_parse_result(ctx, given, [])
            except typer.BadParameter as error:
                wrong.append(error.format_message())
        if len(wrong) > 1:
            ctx.fail("\n".join(("", *wrong)))

    def invoke(self, ctx: Any) -> Any:
        as_json = bool(ctx.params.get("as_json"))
        try:
            code = super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except BrokenPipeError:
            raise  # whoever read us has enough: typer ends us silently
        except (Exception, KeyboardInterrupt) as error:
            code = tell(error, as_json=as_json)
        ctx.exit(int(code or 0))


class Verbs(TyperGroup):
    """A group of verbs, listed in the order in which they are written down."""

    def get_params(self, ctx: Any) -> list[Any]:
        return read_plainly(super().get_params(ctx))

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **more: Any) -> Any:
        as_json = parent is None and "--json" in args  # before the parser takes it away
        with _telling_usage(as_json=as_json):
            ctx = super().make_context(info_name, args, parent, **more)
        if parent is None:
            ctx.obj = as_json
        return ctx

    def invoke(self, ctx: Any) -> Any:
        with _telling_usage(as_json=ctx.parent is None and ctx.obj):
            return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)


@contextmanager
def _telling_usage(*, as_json: bool) -> Generator[None]:
    """What cannot be understood is told to people by the parser itself, who raises it up to the
    outermost group; a program is owed a document even so. It may be the options that are wrong, so
    only the words themselves say whether `--json` is among them."""
    try:
        yield
    except typer.TyperException as error:
        if as_json:
            out.document(error_document(_message_of(error).strip(), "CLI-002"))
        raise


def _message_of(error: Any) -> str:
    return error.format_message()


class Failed(Exception):
    """A verb could not do what it was asked to: said, and exit code 1."""

    def __init__(self, message: str, code: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.code, self.exit_code = code, exit_code


def group(help_text: str) -> typer.Typer:
    return typer.Typer(
        cls=Verbs,
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # importing rich costs more than all the rest of --help
        pretty_exceptions_enable=False,
    )


def with_seconds(args: list[str]) -> list[str]:
    """`--wait` may stand without its value, which options of this parser cannot."""
    filled: list[str] = []
    for arg, after in pairwise([*args, ""]):
        filled.append(arg)
        if arg == "--wait" and not _SECONDS.fullmatch(after):
            filled.append(WAIT_SECONDS)
    return filled


def tell(error: BaseException, *, as_json: bool) -> int:
    """Says what went wrong, and returns the exit code for it."""
    from omnivenue.cli.exits import ExitCode, of_error
    from omnivenue.client import OmnivenueError

    match error:
        case OmnivenueError():
            _tell_answer(error, as_json=as_json)
            return of_error(error)
        case Failed():
            return failed(str(error), error.code, error.exit_code, as_json=as_json)
        case KeyboardInterrupt():
            out.note("interrupted")
            return ExitCode.REFUSED
        case OSError():  # the machine refuses: a home that is no folder, a disk that is full
            where = f": {error.filename}" if error.filename else ""
            text = f"{error.strerror or error}{where}"
            is_stdout = not where  # what could not be written there before cannot be now
            return failed(text, "CLI-008", ExitCode.REFUSED, as_json=as_json and not is_stdout)
        case _:
            out.note("".join(traceback.format_exception(error)))
            text = f"this is our fault: {type(error).__name__}: {error}"
            return failed(text, "OUR-001", ExitCode.OUR_FAULT, as_json=as_json)


def failed(message: str, code: str, exit_code: int, *, as_json: bool) -> int:
    """A failure of our own making, in the shape of the server's."""
    if as_json:
        out.document(error_document(message, code))
    out.note(message)
    return exit_code


def error_document(message: str, code: str) -> dict[str, Any]:
    said = {"code": code, "message": message, "instruction_id": None}
    return {"error": {**said, "reasons": []}}


def _tell_answer(error: Any, *, as_json: bool) -> None:
    if as_json:
        out.document(error.document)
    out.note(f"{error.code}: {error.message}" if not error.reasons else error.code)
    for reason in error.reasons:
        numbers = [f"{name} {reason[name]}" for name in ("value", "limit") if reason.get(name)]
        told = f" ({', '.join(numbers)})" if numbers else ""
        out.note(f"  {reason.get('code')}: {reason.get('message')}{told}")
