"""Why the server ended, for the program that started it.

The server says it to its log, as the last line before it returns. With `--json` that line is also
the error on stdout, so that no program need read logs.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from omnivenue.cli import out
from omnivenue.cli.verb import error_document


class Ending(logging.Filter):
    """Lets every line pass, and keeps the last. A filter, for the server sets handlers itself."""

    code = 0
    last = "the server did not say why it ended"

    def filter(self, record: logging.LogRecord) -> bool:
        self.last = record.getMessage()
        return True


@contextmanager
def told(*, as_json: bool) -> Generator[Ending]:
    """Within it, the server runs and its exit code is noted."""
    ending, log = Ending(), logging.getLogger("omnivenue.server")
    log.addFilter(ending)
    try:
        yield ending
    finally:
        log.removeFilter(ending)
    if ending.code and as_json:
        out.document(error_document(ending.last, "CLI-004"))
