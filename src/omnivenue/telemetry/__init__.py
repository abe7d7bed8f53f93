"""What is worth seeing: here it is decided what becomes a log line, and what is counted.

One named function per thing (`told`, `followed`), one code per kind of trouble (`codes`), one
counter per number (`meter`). What Prometheus is shown (`metrics`) is imported when somebody asks.
The pure core calls none of these: what it decided is looked at afterwards.
"""

from omnivenue.telemetry.codes import FAMILIES, Code
from omnivenue.telemetry.followed import followed
from omnivenue.telemetry.lines import (
    COMPONENTS,
    FOLLOWED,
    adopt,
    close_files,
    hide,
    to_files,
    to_stderr,
)
from omnivenue.telemetry.meter import STAGES, Histogram, Meter
from omnivenue.telemetry.told import (
    answer_failed,
    chore_failed,
    errors,
    failed,
    latch_failed,
    refused_to_start,
    said,
    snapshot_failed,
    stopped,
    tables_failed,
    tokens_untrusted,
    venue_down,
    venue_failed,
)

__all__ = [
    "COMPONENTS",
    "FAMILIES",
    "FOLLOWED",
    "STAGES",
    "Code",
    "Histogram",
    "Meter",
    "adopt",
    "answer_failed",
    "chore_failed",
    "close_files",
    "errors",
    "failed",
    "followed",
    "hide",
    "latch_failed",
    "refused_to_start",
    "said",
    "snapshot_failed",
    "stopped",
    "tables_failed",
    "to_files",
    "to_stderr",
    "tokens_untrusted",
    "venue_down",
    "venue_failed",
]
