"""`omni-bot --execute -`: an older name of `omnivenue execute -`."""

import sys

from omnivenue.cli.root import app

EXECUTE = "--execute"
USAGE = """\
omni-bot --execute - [--pools FILE] [--config FILE]: one arbitrage signal as JSON on standard input,
one JSON document on standard output. It is another name of `omnivenue execute -`.
"""


def as_execute(args: list[str]) -> list[str] | None:
    """The arguments of `omni-bot` as those of `omnivenue`; None where it was asked for nothing."""
    if EXECUTE not in args:
        return None
    at = args.index(EXECUTE)
    return ["execute", *args[:at], *args[at + 1 :]]


def omni_bot() -> None:
    """The entry point of `omni-bot`."""
    args = as_execute(sys.argv[1:])
    if args is None:
        is_asked = "--help" in sys.argv[1:]
        print(USAGE, end="", file=sys.stdout if is_asked else sys.stderr)
        sys.exit(0 if is_asked else 2)
    app(args, prog_name="omni-bot")
