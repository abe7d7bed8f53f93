"""Searches a file of pools for rounds that earn: options become the request that HTTP takes, so
that both are read, and refused, by the same words."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import typer

from omnivenue.cli import out
from omnivenue.cli.exits import ExitCode
from omnivenue.cli.kernel_notice import tell_slow_kernel
from omnivenue.cli.quoting import pools_of
from omnivenue.wire import Invalid
from omnivenue.wire.pools import EVERY, arbitrage


def search(pools_file: str, given: Mapping[str, Any], units: Mapping[str, Sequence[str]]) -> int:
    """1 where a pool is wrong: the output says why. `units`: texts of `UNITS` or `TOKEN=UNITS`, by
    the member that they are of. Raises BadParameter with all that is wrong."""
    pools = pools_of(pools_file)
    tell_slow_kernel()
    wrong: list[str] = []
    named = {name: _by_token(name, texts, wrong) for name, texts in units.items()}
    found = arbitrage({**given, **named}, pools)
    if isinstance(found, Invalid):
        wrong += [_as_option(reason.message, (*given, *units)) for reason in found.reasons]
    if isinstance(found, Invalid) or wrong:
        raise typer.BadParameter("\n".join(("", *wrong)) if len(wrong) > 1 else wrong[0])
    out.document(msgspec.to_builtins(found))
    return ExitCode.REFUSED if pools.faulty else ExitCode.DONE


def _by_token(name: str, texts: Sequence[str], wrong: list[str]) -> dict[str, str]:
    """A text without a token is of all that are not named."""
    found: dict[str, str] = {}
    for text in texts:
        token, has_token, units = text.rpartition("=")
        key = token if has_token else EVERY
        if key in found:
            whose = f"of {token}" if has_token else "of all tokens"
            wrong.append(_as_option(f"{name} {whose} is given twice", (name,)))
        found[key] = units
    return found


def _as_option(message: str, names: Sequence[str]) -> str:
    for name in names:
        if message.startswith(name):
            return f"--{name.replace('_', '-')}{message.removeprefix(name)}"
    return message
