"""Section 3 of docs/interface.md: each instruction of it is sent, and what is not built says so."""

from typing import Any

import pytest

from interface import page
from interface.desk import Desk, key
from interface.shape import misfits
from interface.test_calls import ACCEPTED

EXAMPLES = page.instructions()
UNBUILT = page.not_built(3)
ALGOS = {"vwap", "pov", "iceberg", "adaptive", "peg"}


def about(desk: Desk, kind: str) -> str:
    return desk.twap() if kind in {"pause", "resume"} else desk.order()


def test_all_kinds_are_shown() -> None:
    kinds = {"order", "cancel", "cancel_all", "replace", "pause", "resume"}
    assert {example["kind"] for example in EXAMPLES} == kinds
    assert len(EXAMPLES) == 11


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e['kind']}-{e['id']}")
def test_an_instruction_is_taken(desk: Desk, example: dict[str, Any]) -> None:
    """With a key of its own, and an order to be about. What was taken is taken once."""
    document = example | {"id": key()}
    if "order_id" in example:
        document["order_id"] = about(desk, example["kind"])
    answer = desk.call("POST", "/v1/instructions", document)
    if example.get("algo") and example.get("take_profit"):  # the page: every field at once
        assert answer.status == 501, answer
        assert (
            "a bracket of an order over venues or over time" in answer.document["error"]["message"]
        )
        return
    assert answer.status == 202, answer
    assert misfits(ACCEPTED, answer.document) == []
    again = desk.call("POST", "/v1/instructions", document)
    assert (again.status, again.document) == (200, answer.document)
    shown = desk.call("GET", f"/v1/instructions/{document['id']}").document["instruction"]
    told = {name: value for name, value in document.items() if value and name != "expire_at"}
    assert told.items() <= shown.items()


def unbuilt() -> list[dict[str, Any]]:
    """One of each kind, each algorithm, each block, and each term that a whole has not."""
    order = {"kind": "order", "instrument": "SMART:SPOT_PAIR:BTC-USDT", "side": "buy", "qty": "0.1"}
    terms = [
        {"type": "stop", "stop_price": "70000"},
        {"stop_loss": {"stop_price": "50000"}},
        {"oco": "g"},
    ]
    return [
        *({"kind": kind} for kind in sorted(UNBUILT - ALGOS)),
        *(order | {"algo": {"name": name}} for name in sorted(UNBUILT & ALGOS)),
        *(order | term for term in terms),
        *({block: []} | {block: [{}]} for block in ("wallet_transfers", "cex_trades")),
    ]


def test_the_page_names_what_is_not_built() -> None:
    kinds = {"transfer", "chain", "bundle", "bridge", "option", "plan"}
    assert kinds | ALGOS == UNBUILT


@pytest.mark.parametrize("document", unbuilt(), ids=str)
def test_what_is_not_built_is_501_and_leaves_no_trace(desk: Desk, document: dict[str, Any]) -> None:
    name = key()
    answer = desk.call("POST", "/v1/instructions", document | {"id": name})
    assert answer.status == 501, answer
    assert "not built yet" in answer.document["error"]["message"]
    assert desk.call("GET", f"/v1/instructions/{name}").status == 404
