"""One question with the contract's answer, and whether a kernel's answer is the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

REVERTS = "reverts"

# (the document of `--pools`, requests) -> answers, all as the interface has them (section 6).
type Kernel = Callable[[dict[str, Any], list[dict[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Case:
    pools: dict[str, Any]
    request: dict[str, Any]
    expected: dict[str, Any] | str


@dataclass(frozen=True)
class Scene:
    """Pools, and cases that all ask about them."""

    pools: dict[str, Any]
    cases: list[Case]


def difference(case: Case, answer: dict[str, Any]) -> str | None:
    """None where they are equal. Only what the contract tells is compared: of a path it does not
    tell each hop's amounts."""
    if isinstance(case.expected, str):
        return None if "error" in answer else f"the contract reverts, and we answer {answer}"
    return next(_differ("", case.expected | {"partial": "partial" in case.expected}, answer), None)


def _differ(where: str, expected: Any, answer: Any) -> Iterator[str]:
    if isinstance(expected, dict):
        for name, value in expected.items():  # pyright: ignore[reportUnknownVariableType]
            told = answer.get(name, False if name == "partial" else None)
            yield from _differ(f"{where}.{name}", value, told)
    elif isinstance(expected, list) and isinstance(answer, list):
        if len(expected) != len(answer):  # pyright: ignore[reportUnknownArgumentType]
            yield f"{where.removeprefix('.')}: the contract has {len(expected)}"  # pyright: ignore[reportUnknownArgumentType]
        for n, (value, told) in enumerate(zip(expected, answer, strict=False)):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _differ(f"{where}[{n}]", value, told)
    elif expected != answer:
        yield f"{where.removeprefix('.')}: the contract says {expected}, we say {answer}"


def differences(scene: Scene, kernel: Kernel) -> list[tuple[Case, str]]:
    answers = kernel({"pools": scene.pools}, [case.request for case in scene.cases])
    pairs = zip(scene.cases, answers, strict=True)
    return [(case, why) for case, answer in pairs if (why := difference(case, answer))]
