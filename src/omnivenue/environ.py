"""What server and clients read alike from the environment: the mode, where files are, and the names
that older programs have for some of our variables.
"""

from collections.abc import Mapping
from pathlib import Path

MODE = "OMNIVENUE__MODE"
HOST, PORT = "OMNIVENUE__SERVER__HOST", "OMNIVENUE__SERVER__PORT"
OLDER = {"EXECUTION_MODE": MODE, "EXECUTION_HOST": HOST, "EXECUTION_PORT": PORT}
POOLS = "OMNIVENUE_POOLS"
"""A file of pools, in place of those of the configuration."""

LIVE_FILE = "LIVE_TRADING_CONFIG_PATH"


def named(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with our variable for each that is given by its older name alone."""
    ours = {OLDER[older]: environ[older] for older in OLDER if environ.get(older)}
    if MODE in ours:
        ours[MODE] = ours[MODE].lower()  # PAPER and LIVE there
    return {**ours, **environ}


def mode_of(environ: Mapping[str, str]) -> str:
    return named(environ).get(MODE) or "paper"


def live_file(environ: Mapping[str, str]) -> Path | None:
    """The configuration of older programs, which is for live and nothing else."""
    given = environ.get(LIVE_FILE)
    return Path(given).expanduser() if given and mode_of(environ) == "live" else None


def home(environ: Mapping[str, str], user_home: Path) -> Path:
    """Where all modes keep what they must not lose."""
    own = environ.get("OMNIVENUE_HOME")
    return Path(own).expanduser() if own else user_home / ".local" / "share" / "omnivenue"
