"""Log lines: JSON, one object each, to stderr and to one file per component.

Nothing secret gets as far as here, because no function of `told` takes anything that holds one; and
what looks like one, or is known to be one, is blotted out all the same. Files are ours alone, and
rotated, so that no fault fills the disk.
"""

import logging
import os
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import msgspec

from omnivenue.telemetry.stderr import Stderr

ROOT = "omnivenue"
COMPONENTS = ("server", "engine", "venue", "risk", "api", "journal", "views")
"""Of the server: each has a file of its own."""

FOLLOWED = ("orders", "fills", "sync")
"""Of the process that follows the journal: a file has one writer."""

FILE_BYTES = 2 * 2**20
FILES_KEPT = 4  # beside the one that is written: ten megabytes for each component

BLOT = "[secret]"
_PATTERNS = re.compile(
    r"\bov(?:[a-z]|-[a-z]+)_[A-Za-z0-9_-]{20,}"  # tokens of ours
    r"|(?i:bearer\s+)[^\s,;\"']+"
    r"|\b(?:0x)?[0-9a-fA-F]{64}\b"  # private keys, and so hashes too
    r"|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # JSON web tokens
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
PATTERN_MIN = 16
"""What is shorter fits none of them that is worth anything, and a log is mostly short words."""

HIDDEN_MIN = 8
"""What is shorter is in half of all words."""

_hidden: dict[str, None] = {}


def hide(secret: str) -> None:
    """From now on this is blotted out wherever it turns up. For whoever reads a secret."""
    if len(secret) >= HIDDEN_MIN:
        _hidden[secret] = None


def scrubbed(text: str) -> str:
    for secret in _hidden:
        text = text.replace(secret, BLOT)
    return text if len(text) < PATTERN_MIN else _PATTERNS.sub(BLOT, text)


class JsonLines(logging.Formatter):
    """One object a line: time, level, component, message, and whatever belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        at = getattr(record, "at_ns", None) or int(record.created * 1_000_000) * 1_000
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(at // 1_000 / 1_000_000, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if code := getattr(record, "code", None):
            told["code"] = code
        for name, value in getattr(record, "about", {}).items():
            told[name] = scrubbed(value) if isinstance(value, str) else value
        if record.exc_info:
            told["error"] = scrubbed(self.formatException(record.exc_info))
        return msgspec.json.encode(told).decode()


class ComponentFile(RotatingFileHandler):
    """Of one component. A line that cannot be written is lost, and that is told on stderr once."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
        )
        self._has_failed = False

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        """By what is there, and not by what would be: the library makes each line twice to know."""
        stream = self.stream or self._open()
        self.stream = stream
        return stream.tell() >= self.maxBytes

    def _open(self) -> Any:
        def ours(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=ours)

    def handleError(self, record: logging.LogRecord) -> None:
        if not self._has_failed:
            self._has_failed = True
            _say_unwritten(self.baseFilename, sys.exc_info()[1])


def to_stderr(level: int | str = logging.INFO) -> None:
    stream = Stderr()
    stream.setFormatter(JsonLines())
    root = logging.getLogger(ROOT)
    root.handlers[:] = [stream]
    root.setLevel(level)
    root.propagate = False
    logging.raiseExceptions = False  # a log that fails fails nobody


def adopt(library: str, component: str) -> None:
    """What a library says is said as a component says it: as JSON, to the same places. Errors only:
    it warns of what strangers send, and how much is logged is not for strangers to say."""
    logger = logging.getLogger(library)
    logger.parent, logger.propagate = logging.getLogger(f"{ROOT}.{component}"), True
    logger.setLevel(logging.ERROR)


def to_files(folder: Path, components: tuple[str, ...] = COMPONENTS) -> None:
    """From now on, in `folder` as well. Where that cannot be made, that is told and nothing more:
    nobody stops for a log."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        _say_unwritten(folder, error)
        return
    logging.getLogger(ROOT).setLevel(logging.getLogger(ROOT).level or logging.INFO)
    for component in components:
        file = ComponentFile(folder / f"{component}.log")
        file.setFormatter(JsonLines())
        logger = logging.getLogger(f"{ROOT}.{component}")
        _close(logger)
        logger.addHandler(file)


def _say_unwritten(where: object, why: object) -> None:
    """Not as others are told: it would go where nothing can be written."""
    line = {
        "at": datetime.now(UTC).isoformat(),
        "level": "ERROR",
        "logger": f"{ROOT}.server",
        "message": f"the log {where} cannot be written: {why}",
        "code": "LOG-001",
    }
    with suppress(OSError):
        sys.stderr.write(msgspec.json.encode(line).decode() + "\n")


def close_files() -> None:
    """Lines go to stderr alone again."""
    for component in (*COMPONENTS, *FOLLOWED):
        _close(logging.getLogger(f"{ROOT}.{component}"))


def _close(logger: logging.Logger) -> None:
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        if isinstance(handler, ComponentFile):
            handler.close()
