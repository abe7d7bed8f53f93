"""The comparison with the contracts finds what is planted, and the vectors are what they say."""

import json
from typing import Any

import pytest

import chain_setup
from chain.case import Case, Kernel, difference
from chain.diff import compare
from chain.kinds import KINDS
from chain.node import Node
from chain.vectors import FOLDER, drawn_rows, load

VECTOR_BYTES_MAX = 260_000
SCENES_ASKED_AGAIN = 3
ANSWER: dict[str, Any] = {
    "amount_in": "5",
    "amount_out": "4",
    "hops": [{"pool": "p", "sqrt_price_x96_after": "9", "ticks_crossed": 1}],
}


def constant_product(kept: int) -> Kernel:
    """Uniswap V2 by its formula; of a thousand units `kept` trade, in the contract 997."""

    def answer(pools: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        amounts = [int(request["amount"])]
        given_in = request["kind"] == "exact_in"
        for hop in request["path"] if given_in else request["path"][::-1]:
            pool = pools[hop["pool"]]
            order = range(2) if hop["token_in"] == pool["tokens"][0] else (1, 0)
            x, y = (int(pool["reserves"][n]) for n in order)
            amount = amounts[-1]
            if not x or not y or not amount or (not given_in and amount >= y):
                raise ArithmeticError
            there = x * 1000 + amount * kept if given_in else x * amount * 1000
            above = amount * kept * y
            if max(there, above if given_in else 0) >= 2**256:
                raise ArithmeticError
            amounts.append(above // there if given_in else there // ((y - amount) * kept) + 1)
        ends = (amounts[0], amounts[-1]) if given_in else (amounts[-1], amounts[0])
        row = amounts if given_in else amounts[::-1]
        hops = [
            {"pool": hop["pool"], "amount_in": str(row[n]), "amount_out": str(row[n + 1])}
            for n, hop in enumerate(request["path"])
        ]
        return {"amount_in": str(ends[0]), "amount_out": str(ends[1]), "hops": hops}

    def kernel(document: dict[str, Any], requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answers = list[dict[str, Any]]()
        for request in requests:
            try:
                answers.append(answer(document["pools"], request))
            except ArithmeticError:
                answers.append({"error": {"code": "OVERFLOW", "message": ""}})
        return answers

    return kernel


def test_the_formula_is_the_contract_and_a_fee_off_by_one_is_found(node: Node) -> None:
    with node.undone():
        assert compare(node, "uniswap_v2", 120, 4, constant_product(997)) == []
    with node.undone():
        assert len(compare(node, "uniswap_v2", 40, 4, constant_product(996))) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_the_vectors_are_what_the_contracts_answer(node: Node, kind: str) -> None:
    kept = (FOLDER / f"{kind}.json").read_text().splitlines()[1:]
    fresh = Node(chain_setup.CACHE)  # addresses, and with them the order of tokens, as when made
    try:
        for row, scene in zip(drawn_rows(fresh, kind, SCENES_ASKED_AGAIN), kept, strict=False):
            assert json.loads(row) == json.loads(scene.removesuffix(","))
    finally:
        fresh.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_vectors_hold_answers_and_reverts(kind: str) -> None:
    expected = [case.expected for scene in load(kind) for case in scene.cases]
    refused = expected.count("reverts")
    assert len(expected) >= 100
    assert len(expected) // 10 < refused < len(expected) // 2


def test_the_vectors_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < VECTOR_BYTES_MAX


@pytest.mark.parametrize(
    ("expected", "answer", "told"),
    [
        (ANSWER, ANSWER, None),
        (ANSWER, ANSWER | {"amount_out": "3"}, "amount_out: the contract says 4, we say 3"),
        (ANSWER, ANSWER | {"partial": True}, "partial: the contract says False, we say True"),
        (ANSWER | {"partial": True}, ANSWER, "partial: the contract says True, we say False"),
        (ANSWER, {"error": {}}, "amount_in: the contract says 5, we say None"),
        ("reverts", {"error": {}}, None),
        ("reverts", {"amount_in": "5"}, "the contract reverts, and we answer {'amount_in': '5'}"),
    ],
)
def test_a_difference_is_named(
    expected: dict[str, Any] | str, answer: dict[str, Any], told: str | None
) -> None:
    assert difference(Case({}, {}, expected), answer) == told


def test_a_difference_within_a_hop_is_named() -> None:
    hop = ANSWER["hops"][0] | {"ticks_crossed": 2, "amount_in": "5"}
    told = difference(Case({}, {}, ANSWER), ANSWER | {"hops": [hop]})
    assert told == "hops[0].ticks_crossed: the contract says 1, we say 2"
