"""Our own answers to the requests that are drawn about Aave, in the shape of the contracts'."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from omnivenue.kernel import (
    Index,
    Position,
    QuoteError,
    RateStrategy,
    account_down,
    percent_mul_half_up,
    ray_mul_half_up,
)


def answered(_: dict[str, Any], requests: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_answer(request) for request in requests]


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    of = {
        "aave_indexes": _indexes,
        "aave_account": _account,
        "aave_rates": _rates,
        "aave_premium": _premium,
    }[request["kind"]]
    try:
        return of(request)
    except QuoteError as error:
        return {"error": {"code": str(error.code), "message": str(error)}}


def _index(row: dict[str, Any]) -> Index:
    return Index(int(row["index"]), int(row["rate"]), row["at"])


def _indexes(request: dict[str, Any]) -> dict[str, Any]:
    now = request["now"]
    return {
        "supply": str(_index(request["supply"]).income_half_up(now)),
        "debt": str(_index(request["debt"]).debt_half_up(now)),
    }


def _account(request: dict[str, Any]) -> dict[str, Any]:
    now = request["now"]
    positions = [
        Position(
            ray_mul_half_up(int(row["supplied"]), _index(row["supply"]).income_half_up(now)),
            ray_mul_half_up(int(row["owed"]), _index(row["debt"]).debt_half_up(now)),
            int(row["price"]),
            row["decimals"],
            row["threshold"],
        )
        for row in request["positions"]
    ]
    return {name: str(value) for name, value in asdict(account_down(positions)).items()}


def _rates(request: dict[str, Any]) -> dict[str, Any]:
    curve = (int(request[name]) for name in ("optimal", "base", "slope1", "slope2"))
    reserve = (int(request[name]) for name in ("available", "debt", "unbacked", "reserve_factor"))
    supply, borrow = RateStrategy(*curve, weighs_debt=True).rates_half_up(*reserve)
    return {"supply": str(supply), "borrow": str(borrow)}


def _premium(request: dict[str, Any]) -> dict[str, Any]:
    return {"premium": str(percent_mul_half_up(int(request["amount"]), request["bps"]))}
