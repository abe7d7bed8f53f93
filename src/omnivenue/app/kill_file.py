"""`<home>/<mode>/KILL`: what stops trading, outside the journal.

It is written before a stop is journaled, so a journal that fails, or a death in between, starts
again stopped. And an operator who has nothing but a shell stops everything with `touch KILL`: it is
looked at many times a second. One line of JSON for each scope; what cannot be read as such, an
empty file first of all, means everything, and so does a touch while we run of a file that says
less. Taking the file away lifts nothing: re-arming does, and takes the file away.
"""

import os
from pathlib import Path

import msgspec

from omnivenue import telemetry
from omnivenue.journal import private_file, sync_folder
from omnivenue.model import TradingState

SCOPES = ("venue:", "account:", "strategy:", "chain:")
BYTES_MAX = 1 << 20


class Stop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scope: str = "global"
    state: TradingState = TradingState.KILLED
    reason: str = ""


EVERYTHING = Stop(reason="the KILL file")

type Signature = tuple[int, int, int]


class KillFile:
    """The latch of one home and mode. One thread's."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "KILL"
        self._known: Signature | None = None  # of the content that we have read or written
        self._said: list[Stop] | None = None  # by that content
        self._unclear: Signature | None = None  # seen once, and perhaps still being written

    def read(self) -> list[Stop]:
        """What it says; nothing where there is none."""
        self._known = self._signature()
        stops = self._stops()
        self._said = [EVERYTHING] if stops is None else stops
        return self._said

    def news(self) -> list[Stop]:
        """What somebody else has written since we looked. Costs a stat. What is not clear may be
        half written, so it is believed when it is seen the second time."""
        signature = self._signature()
        if signature is None or signature == self._known:
            return []
        stops = self._stops()
        if stops is None and signature != self._unclear:
            self._unclear = signature
            return []
        if stops and stops == self._said:  # a touch: it says that too little is stopped
            self._known = signature
            return [*stops, EVERYTHING]
        return self.read()

    def set(self, scope: str, state: TradingState, reason: str) -> None:
        """Never less than it was. What somebody else has written meanwhile stays news."""
        is_known = self._signature() == self._known
        found = self._stops()
        stops = {stop.scope: stop for stop in ([EVERYTHING] if found is None else found)}
        if not is_known and found and found == self._said:
            stops[EVERYTHING.scope] = EVERYTHING
        before = stops.get(scope)
        if before is not None and before.state.severity >= state.severity:
            return
        stops[scope] = Stop(scope=scope, state=state, reason=reason)
        self._write(list(stops.values()))
        if not is_known:
            self._known = self._said = None

    def lift(self, scope: str) -> None:
        """Whatever somebody has written since we looked stays, and will be seen."""
        if self._signature() != self._known:
            return
        left = [stop for stop in self._stops() or [] if stop.scope != scope]
        try:
            if left:
                self._write(left)
            else:
                self._path.unlink(missing_ok=True)
                sync_folder(self._path.parent)
                self._known = None
        except OSError as error:  # then the next start is stopped, and armed again
            telemetry.latch_failed(error)

    def _signature(self) -> Signature | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size)

    def _stops(self) -> list[Stop] | None:
        """None where it cannot be read as what it should be; nothing where there is none."""
        try:
            with self._path.open("rb") as file:
                content = file.read(BYTES_MAX)
            stops = [msgspec.json.decode(line, type=Stop) for line in content.splitlines() if line]
        except FileNotFoundError:
            return []
        except (OSError, ValueError):  # not only of JSON: a text may be no UTF-8
            return None
        return stops if stops and all(map(_is_clear, stops)) else None

    def _write(self, stops: list[Stop]) -> None:
        try:
            draft = self._path.with_name("KILL.new")
            private_file(draft)
            with draft.open("wb") as file:
                file.write(b"".join(msgspec.json.encode(stop) + b"\n" for stop in stops))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path)
            sync_folder(self._path.parent)
            self._known, self._said = self._signature(), stops
        except OSError as error:  # the gate is shut all the same
            telemetry.latch_failed(error)


def _is_clear(stop: Stop) -> bool:
    names_something = stop.scope == "global" or any(
        stop.scope.startswith(kind) and len(stop.scope) > len(kind) for kind in SCOPES
    )
    return names_something and stop.state is not TradingState.ACTIVE
