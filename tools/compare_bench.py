"""Compares bench/results.json with bench/baseline.json: one line for each thing measured.

It only shows. Another machine has other numbers, so a slow one is no failure; a file that cannot
be read is. What has no baseline yet has a dash there.
"""

import sys
from pathlib import Path

import msgspec

BENCH = Path(__file__).parents[1] / "bench"
HEADINGS = ("name", "value", "baseline", "ratio", "goal", "unit")

type Row = tuple[str, ...]


class Result(msgspec.Struct):
    name: str
    value: float
    unit: str = ""
    goal: float | None = None


class Report(msgspec.Struct):
    results: list[Result]


def read(path: Path) -> Report:
    """Raises OSError or msgspec.DecodeError."""
    return msgspec.json.decode(path.read_bytes(), type=Report)


def shown(number: float | None) -> str:
    return "-" if number is None else f"{number:,.6g}"


def rows(results: Report, baseline: Report) -> list[Row]:
    """What was measured, in its order; then what was measured only before."""
    before = {r.name: r.value for r in baseline.results}
    lines: list[Row] = []
    for r in results.results:
        was = before.pop(r.name, None)
        ratio = f"{r.value / was:.2f}" if was else "-"
        lines.append((r.name, shown(r.value), shown(was), ratio, shown(r.goal), r.unit))
    return lines + [(name, "-", shown(was), "-", "-", "") for name, was in before.items()]


def table(lines: list[Row]) -> str:
    widths = [max(map(len, column)) for column in zip(HEADINGS, *lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i in (0, 5) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [HEADINGS, *lines]
    )


def main(bench: Path = BENCH) -> int:
    baseline = Report(results=[])
    try:
        results = read(bench / "results.json")
        if (bench / "baseline.json").exists():
            baseline = read(bench / "baseline.json")
    except (OSError, msgspec.DecodeError) as error:
        print(f"cannot compare: {error}", file=sys.stderr)
        return 1
    print(table(rows(results, baseline)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
