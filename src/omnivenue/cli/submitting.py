"""`submit`: instructions as they come from a file or a program, JSON or JSON lines."""

import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

import typer

from omnivenue.cli import out
from omnivenue.cli.exits import ExitCode, gravest, of_error, of_status, of_word
from omnivenue.cli.send import keyed, send_with, sending
from omnivenue.cli.verb import tell
from omnivenue.client import Client, Invalid, OmnivenueError, Unauthorized, Unknown, Unreachable
from omnivenue.wire import Invalid as Unreadable
from omnivenue.wire import read_json

FILE_MAX = 64 * 2**20
"""Of a document over several lines, which must be read whole; lines are taken one by one."""


def submit_all(file: str, wait: float | None, *, as_json: bool) -> ExitCode:
    """Raises BadParameter where there is none: behind a pipe whose first part has failed, nothing
    would else be told as done."""
    with _opened(file) as stream, Client() as client:
        codes = [_one(client, raw, wait, as_json=as_json) for raw in documents(stream)]
    if not codes:
        raise typer.BadParameter("nothing to submit", param_hint="FILE")
    return gravest(codes)


def documents(stream: IO[bytes]) -> Iterator[bytes]:
    """Line by line, so that a program may write for hours; what does not end with its first line is
    one document. A blank line is nothing."""
    first = True
    while line := stream.readline(FILE_MAX):
        if not line.strip():
            continue
        if first and not _is_whole(line):
            yield line + stream.read(FILE_MAX)
            return
        first = False
        yield line


def _is_whole(line: bytes) -> bool:
    return not isinstance(read_json(line, FILE_MAX), Unreadable)


def _opened(file: str) -> IO[bytes]:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        text = f"{file} cannot be read: {error.strerror}"
        raise typer.BadParameter(text, param_hint="FILE") from error


def _one(client: Client, raw: bytes, wait: float | None, *, as_json: bool) -> ExitCode:
    """One document. Its failure is told and does not keep those after it from being sent; only
    where there is no server, or nobody knows what happened, it is the last."""
    found: Any = read_json(raw, FILE_MAX)
    try:
        if isinstance(found, Unreadable):
            raise _unreadable(found)
        if isinstance(found, list):
            return _many(client, cast("list[Any]", found), wait, as_json=as_json)
        if not isinstance(found, dict):
            raise _no_object()
        document = cast("dict[str, Any]", found)
        listed = document.get("instructions")
        if set(document) == {"instructions"} and isinstance(listed, list):
            return _many(client, cast("list[Any]", listed), wait, as_json=as_json)
        return send_with(client, document, wait, as_json=as_json)
    except (Unauthorized, Unreachable, Unknown):
        raise
    except OmnivenueError as error:
        tell(error, as_json=as_json)
        return ExitCode(of_error(error))


def _many(
    client: Client, instructions: list[Any], wait: float | None, *, as_json: bool
) -> ExitCode:
    if not all(isinstance(each, dict) for each in instructions):
        raise _no_object()
    keyed_ones = [keyed(each) for each in instructions]
    with sending(None):
        results = client.submit_many(keyed_ones)
    codes = [of_status(result["status"], result["body"]) for result in results]
    if wait is not None:
        codes += _wait_for(client, results, wait)
    if as_json:
        out.document({"results": results})
    else:
        out.table(("http", "id", "status", "said"), map(_row, results))
    return gravest(codes)


def _wait_for(client: Client, results: list[dict[str, Any]], seconds: float) -> list[ExitCode]:
    """Each that was taken is shown as what has become of it; the time is that of all together."""
    deadline, codes = monotonic() + seconds, list[ExitCode]()
    for result in results:
        if result["status"] < 300:  # HTTP's success
            left = max(0.0, deadline - monotonic())
            result["body"] = client.wait(result["body"]["id"], left)
            codes.append(of_word(result["body"]["status"]))
    return codes


def _row(result: dict[str, Any]) -> dict[str, Any]:
    body = result["body"]
    error = body.get("error")
    if error:
        said = f"{error['code']}: {error['message']}"
        return {"http": result["status"], "id": error["instruction_id"], "said": said}
    return {"http": result["status"], "id": body["id"], "status": body["status"]}


def _unreadable(found: Unreadable) -> Invalid:
    reason = found.reasons[0]
    return Invalid(reason.code, message=reason.message, status=found.status)


def _no_object() -> Invalid:
    return Invalid("API-012", message="an instruction must be a JSON object", status=422)
