"""Benchmarks: what the system costs on this machine, each number beside its goal or its floor."""

import os
import platform
import sys
from collections.abc import Callable

import msgspec

from omnivenue.cli import out
from omnivenue.cli.bench import (
    arbitrage,
    core,
    disk,
    feed,
    http,
    kill,
    memory,
    paper,
    quotes,
    recovery,
    risk,
    start,
    stream,
)
from omnivenue.cli.bench.result import Result
from omnivenue.cli.kernel_notice import tell_slow_kernel

type Results = dict[str, Result]


def _core(_: Results) -> list[Result]:
    return core.measure()


def _disk(_: Results) -> list[Result]:
    return disk.measure()


def _paper(found: Results) -> list[Result]:
    return paper.measure(found["disk.commit"].value, found["core.orders"].value)


def _risk(_: Results) -> list[Result]:
    return risk.measure()


def _kill(_: Results) -> list[Result]:
    return kill.measure()


def _memory(_: Results) -> list[Result]:
    return memory.measure()


def _http(found: Results) -> list[Result]:
    return http.measure(found["disk.commit"].value)


def _ws(_: Results) -> list[Result]:
    return stream.measure()


def _start(_: Results) -> list[Result]:
    return start.measure()


def _feed(_: Results) -> list[Result]:
    return feed.measure()


def _quote(_: Results) -> list[Result]:
    return quotes.measure()


def _arb(_: Results) -> list[Result]:
    return arbitrage.measure()


def _recovery(_: Results) -> list[Result]:
    return recovery.measure()


GROUPS: dict[str, tuple[Callable[[Results], list[Result]], tuple[str, ...]]] = {
    "core": (_core, ()),
    "disk": (_disk, ()),
    "paper": (_paper, ("core", "disk")),  # whose floors it is held against
    "risk": (_risk, ()),
    "kill_switch": (_kill, ()),
    "memory": (_memory, ()),
    "http": (_http, ("disk",)),
    "ws": (_ws, ()),
    "feed": (_feed, ()),
    "start": (_start, ()),
    "quote": (_quote, ()),
    "arb": (_arb, ()),
    "recovery": (_recovery, ()),
}
ASKING_A_KERNEL = {"quote", "arb"}
ASKED_FOR = {"recovery"}
"""Only measured where it is named: it takes minutes, and some gigabytes of the disk."""


def run(names: list[str], json: bool) -> int:
    """`names`: of groups (core, disk …) or of single rows; none is all of them but ASKED_FOR."""
    groups = {name.partition(".")[0] for name in names} or set(GROUPS) - ASKED_FOR
    unknown = sorted(groups - set(GROUPS))
    if unknown:
        out.note(f"no benchmark {', '.join(unknown)}: there are {', '.join(GROUPS)}")
        return 2
    needed = groups | {need for group in groups for need in GROUPS[group][1]}
    if needed & ASKING_A_KERNEL:
        tell_slow_kernel()
    found: Results = {}
    for group, (measure, _) in GROUPS.items():
        if group in needed:
            out.note(f"measuring {group} …")
            found |= {result.name: result for result in measure(found)}
    shown = [r for r in found.values() if not names or _is_named(r.name, names)]
    if json:
        out.document({"machine": machine(), "results": msgspec.to_builtins(shown)})
    else:
        out.table(("name", "value", "unit", "p50_us", "p99_us", "goal"), map(_row, shown))
    return 0


def machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "implementation": sys.implementation.name,
    }


def _is_named(row: str, names: list[str]) -> bool:
    return any(row == name or row.startswith(f"{name}.") for name in names)


def _row(result: Result) -> dict[str, str | None]:
    def short(value: float | None) -> str | None:
        return None if value is None else f"{value:.2f}".rstrip("0").rstrip(".")

    return {
        "name": result.name,
        "value": short(result.value),
        "unit": result.unit,
        "p50_us": short(result.p50_us),
        "p99_us": short(result.p99_us),
        "goal": short(result.goal),
    }
