"""The import contracts name every folder they should: import-linter refuses the name of a folder
that is not there yet, and says nothing of one that has come since."""

import tomllib
from typing import Any

import pytest

from tidy.sources import CORE, ROOT, SRC

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {c["name"]: c for c in PYPROJECT["tool"]["importlinter"]["contracts"]}
UNKNOWN_TO_VENUES = ("engine", "oms", "risk", "route", "algo", "ledger")
PLACES = {
    *("cli", "app", "strategy", "api", "config", "client", "wire", "runtime", "journal", "venue"),
    *("telemetry", "engine", "plan", "risk", "route", "algo", "reconcile", "oms", "ledger"),
    *("market", "chain", "message", "model", "kernel", "reference", "environ", "interpreter"),
}


def is_there(name: str) -> bool:
    return (SRC / name / "__init__.py").exists() or (SRC / f"{name}.py").exists()


def contract(start: str) -> dict[str, Any]:
    (found,) = (c for name, c in CONTRACTS.items() if name.startswith(start))
    return found


@pytest.mark.parametrize("name", [*filter(is_there, CORE)])
def test_the_whole_core_is_under_the_contract_of_purity(name: str) -> None:
    assert f"omnivenue.{name}" in contract("The core is pure")["source_modules"]


@pytest.mark.parametrize("name", [*filter(is_there, UNKNOWN_TO_VENUES)])
def test_venues_know_none_of_these(name: str) -> None:
    assert f"omnivenue.{name}" in contract("Venues know messages")["forbidden_modules"]


def test_every_layer_has_its_place() -> None:
    layers = contract("Layers")
    named = {name.strip(" ()") for line in layers["layers"] for name in line.split("|")}
    assert named == PLACES
    assert layers["exhaustive"] is True
