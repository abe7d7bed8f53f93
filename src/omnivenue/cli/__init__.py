"""The commands. Everything is imported when it is used: `--help` must answer at once."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

import sys

__all__ = ["main", "omni_bot"]


def main() -> None:
    """The entry point of `omnivenue` and of `python -m omnivenue`."""
    try:
        from omnivenue.cli.root import app

        app(prog_name="omnivenue")
    except KeyboardInterrupt:  # while importing; verbs answer for themselves
        sys.exit(1)


def omni_bot() -> None:
    """The entry point of `omni-bot`, an older name of `omnivenue execute`."""
    try:
        from omnivenue.cli.older_name import omni_bot as run

        run()
    except KeyboardInterrupt:
        sys.exit(1)
