"""`doctor`: everything that is often wrong, looked at in one go, each with what mends it.

A check is one function from a `Case` to what it has found. It changes nothing; what it cannot look
at because something else is broken, it leaves out, since that is told already.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from omnivenue.cli import out
from omnivenue.cli.doctor import machine, records, server, settings
from omnivenue.cli.doctor.case import Case
from omnivenue.cli.doctor.verdict import BROKEN, FINE, Verdict, broken

type Check = Callable[[Case], Iterable[Verdict]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", machine.python),
    ("kernel", machine.which_kernel),
    ("configuration", settings.configuration),
    ("limits", settings.limits),
    ("chains", settings.chains),
    ("what holds", settings.what_holds),
    ("home", machine.home),
    ("disk", machine.disk),
    ("descriptors", machine.descriptors),
    ("journal", records.journal),
    ("read tables", records.tables),
    ("clock", records.clock),
    ("trading", records.trading),
    ("server", server.server),
    ("token", server.token),
    ("venues", server.venues),
)


def run(file: str | None, environ: Mapping[str, str], *, as_json: bool) -> int:
    """The exit code: 1 where something is broken."""
    case = Case(file, environ)
    found = [(name, verdict) for name, check in CHECKS for verdict in _checked(check, case)]
    is_well = all(verdict.state != BROKEN for _, verdict in found)
    if as_json:
        out.document({"ok": is_well, **_place(case), "checks": [_row(*each) for each in found]})
    else:
        _show(found)
    return 0 if is_well else 1


def _checked(check: Check, case: Case) -> list[Verdict]:
    try:
        return list(check(case))
    except OSError as error:
        said = f"cannot be looked at: {error}"
        return [broken(said, "make it readable for the user that runs this")]


def _place(case: Case) -> dict[str, Any]:
    return {"mode": case.mode, "home": str(case.home), "server": case.url}


def _row(name: str, verdict: Verdict) -> dict[str, Any]:
    return {"check": name, "state": verdict.state, "said": verdict.said, "mend": verdict.mend}


def _show(found: list[tuple[str, Verdict]]) -> None:
    width = max(len(name) for name, _ in CHECKS)
    for name, verdict in found:
        mark = "" if verdict.state == FINE else f"{verdict.state}: "
        out.line(f"{name:{width}}  {mark}{verdict.said}")
        if verdict.mend is not None:
            out.line(f"{'':{width}}    to mend it: {verdict.mend}")
