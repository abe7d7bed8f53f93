"""Answers a stream of requests for quotes, line by line, so that a program may ask for hours."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

import typer

from omnivenue.cli import out
from omnivenue.cli.exits import ExitCode
from omnivenue.cli.kernel_notice import tell_slow_kernel
from omnivenue.cli.verb import Failed
from omnivenue.wire import Invalid, read_json
from omnivenue.wire.pools import Pools, answered, read_pools

POOLS_BYTES_MAX = 512 * 2**20
LINE_BYTES_MAX = 2**20


def quote_all(pools_file: str, requests_file: str) -> ExitCode:
    """1 where a pool is wrong or a request has an error for its answer: the output says why."""
    pools = pools_of(pools_file)
    tell_slow_kernel()
    failed = bool(pools.faulty)
    with _opened(requests_file, "--requests") as lines:
        while line := lines.readline(LINE_BYTES_MAX + 1):
            if line.strip():
                answer = _answer(pools, line)
                failed |= "error" in answer
                out.document(answer)
            while len(line) > LINE_BYTES_MAX and not line.endswith(b"\n"):
                line = lines.readline(LINE_BYTES_MAX + 1)  # the rest of what was too long
    return ExitCode.REFUSED if failed else ExitCode.DONE


def pools_of(file: str) -> Pools:
    """What is wrong with some of them is told. Raises BadParameter where there is no such file,
    Failed where it holds no pools."""
    with _opened(file, "--pools") as stream:
        document = read_json(stream.read(POOLS_BYTES_MAX + 1), POOLS_BYTES_MAX)
    pools = document if isinstance(document, Invalid) else read_pools(document)
    if isinstance(pools, Invalid):
        row = pools.document.error
        raise Failed(f"{file}: {row.message}", row.code)
    for name, reasons in pools.faulty.items():
        for reason in reasons:
            out.note(f"pool {name}: {reason.code}: {reason.message}")
    return pools


def _answer(pools: Pools, line: bytes) -> dict[str, Any]:
    request = read_json(line, LINE_BYTES_MAX)
    if isinstance(request, Invalid):
        row = request.document.error
        return {"id": None, "error": {"code": row.code, "message": row.message}}
    return answered(pools, request)


def _opened(file: str, option: str) -> AbstractContextManager[IO[bytes]]:
    if file == "-":
        return nullcontext(sys.stdin.buffer)  # not ours to close
    try:
        return Path(file).open("rb")
    except OSError as error:
        text = f"{file} cannot be read: {error.strerror}"
        raise typer.BadParameter(text, param_hint=option) from error
