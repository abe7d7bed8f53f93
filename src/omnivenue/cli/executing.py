"""Prices one arbitrage signal: the document on stdout, why it was refused on stderr.

Programs start us with a few seconds to live and read exit code, stdout and stderr: so whatever they
send us, there is one document, and nothing on stderr but the reason.
"""

import os
import sys
from pathlib import Path

import msgspec
import typer

from omnivenue.cli import out
from omnivenue.cli.exits import ExitCode
from omnivenue.cli.settings import load_config
from omnivenue.config import chains_of
from omnivenue.environ import POOLS
from omnivenue.wire import BODY_MAX, Invalid, read_json
from omnivenue.wire.arbitrage import Chains, answer, parse_arbitrage, refused_document
from omnivenue.wire.arbitrage.document import ArbitrageRow


def execute_one(file: str, pools: str | None, config_file: str | None) -> ExitCode:
    config = load_config(config_file, None, as_json=True)
    chains = chains_of(config, pools or os.environ.get(POOLS) or None)
    row = _answer(_read(file), chains)
    out.document(msgspec.to_builtins(row))
    if row.error:
        out.note(row.error)
    return ExitCode.DONE if row.success else ExitCode.REFUSED


def _answer(raw: bytes, chains: Chains) -> ArbitrageRow:
    document = read_json(raw)
    signal = document if isinstance(document, Invalid) else parse_arbitrage(document)
    return (
        refused_document(signal.reasons) if isinstance(signal, Invalid) else answer(signal, chains)
    )


def _read(file: str) -> bytes:
    if file == "-":
        if sys.stdin is None:  # closed by whoever started us
            return b""
        return sys.stdin.buffer.read(BODY_MAX + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(BODY_MAX + 1)
    except OSError as error:
        text = f"{file} cannot be read: {error.strerror}"
        raise typer.BadParameter(text, param_hint="FILE|-") from error
