"""What is kept on the disk: the journal, the read tables, and what stops trading."""

from collections.abc import Iterator

from omnivenue.api.tables import read_progress
from omnivenue.app.kill_file import KillFile
from omnivenue.cli.doctor.case import Case
from omnivenue.cli.doctor.verdict import Verdict, broken, fine, warned
from omnivenue.model import SECOND, LimitName, Nanos, format_decimal

BEHIND_MAX = 10_000
"""Entries: some seconds of the busiest trading. Who is further behind than this is stuck."""

OFFSET_MAX = Nanos(SECOND)
"""Where no limit is set: what is further off is no skew but a clock that nobody keeps."""

_RESTORE = (
    "keep a copy, and put a backup of it there; omnivenue replay --verify says how far it holds"
)


def journal(case: Case) -> Iterator[Verdict]:
    found = case.journal
    if found is None:
        yield fine("none yet; the first start makes it")
    elif isinstance(found, str):
        yield broken(found, _RESTORE)
    else:
        chain = found.chain
        yield fine(f"{chain.seq} entries in {chain.epoch} starts, each named by the next")


def tables(case: Case) -> Iterator[Verdict]:
    """Only what a running server writes can be up to date."""
    if case.standing is None:
        return
    progress, last = read_progress(case.folder), case.standing.chain.seq - 1
    rebuild = f"omnivenue views rebuild --mode {case.mode}"
    if progress is None:
        yield warned("views.db: none that can be read", rebuild)
        return
    behind = max(0, last - progress.seq)
    said = f"views.db stands at entry {progress.seq} of {last}"
    if case.is_answered and behind > BEHIND_MAX:
        yield warned(f"{said}: {behind} behind", f"see {case.folder}/logs/views.log; or {rebuild}")
    elif behind and not case.is_answered:
        yield warned(f"{said}: {behind} behind", f"start the server, or {rebuild}")
    else:
        yield fine(said)


def trading(case: Case) -> Iterator[Verdict]:
    """Where it is stopped, by whatever holds now or will at the next start."""
    stops: dict[str, tuple[str, str]] = {}
    for stop in KillFile(case.folder).read():
        stops[stop.scope] = (stop.state.value, f"{case.folder / 'KILL'}: {stop.reason}")
    if case.standing is not None:
        for scope, stopped in case.standing.state.stopped.items():
            stops[scope] = (stopped.state.value, stopped.reason)
    for scope, (state, reason) in sorted(stops.items()):
        mend = f"when it was looked at: omnivenue rearm --scope {scope} --reason …"
        yield warned(f"{scope} is {state}: {reason}", mend)
    if not stops:
        yield fine("stopped nowhere")


def clock(case: Case) -> Iterator[Verdict]:
    """As far as the last answers of venues prove it."""
    state = None if case.standing is None else case.standing.state
    if state is None or not state.clocks:
        yield fine("not known: no venue has said yet what time it is")
        return
    found = [
        limit.value
        for limit in state.limits.limits
        if limit.name is LimitName.CLOCK_OFFSET and limit.value is not None
    ]
    most = min(found, default=OFFSET_MAX)
    far = [(v, c.offset) for v, c in sorted(state.clocks.items()) if abs(c.offset) > most]
    for venue_id, offset in far:
        way = "ahead of" if offset > 0 else "behind"
        said = f"the clock of {venue_id} is {format_decimal(abs(offset), 9)} s {way} ours, or more"
        yield warned(said, "let the machine's clock be kept: timedatectl set-ntp true")
    if not far:
        yield fine(f"within {format_decimal(most, 9)} s of every venue's")
