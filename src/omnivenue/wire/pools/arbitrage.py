"""Requests for rounds that earn, and their answer: one reading for the command line and for HTTP.

All that is wrong with a request is told at once. A pool that is wrong is named in the answer, and
keeps no other from being searched.
"""

from collections.abc import Collection, Mapping, Sequence
from time import perf_counter_ns
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from omnivenue.kernel import Cycle, Leg, PoolGraph, Terms
from omnivenue.model import nearest_hint
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import cut
from omnivenue.wire.pools.pool_fields import EVERY, WORD_MAX, PoolFields
from omnivenue.wire.pools.read import Pools, given_pools

HOPS, HOPS_MIN, HOPS_MAX = 4, 2, 8
LOAN_FEE_BPS_MAX = 9_999
CYCLES_TOLD_MAX = 10_000
FAULTY_TOLD_MAX = 1_000
HINTED_MAX = 1_000
"""Names among which the nearest is looked for: with many more it takes longer than the answer."""

ARB_FIELDS = ("pools", "max_hops", "start", "loan_fee_bps", "gas", "min_profit")


class LegRow(msgspec.Struct, frozen=True, kw_only=True):
    pool: str
    token_in: str
    token_out: str


class CycleRow(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts in units of `token`. `within`: where rounding hides the best size, nothing earns
    more than `profit` and this much."""

    path: tuple[LegRow, ...]
    amount_in: str
    amount_out: str
    profit: str
    token: str
    within: str | UnsetType = UNSET


class ArbRow(msgspec.Struct, frozen=True, kw_only=True):
    """`faulty`: what is wrong with pools that were not searched. `left_out`: cycles that earn, and
    less than those that are told; `faulty_left_out` likewise."""

    cycles: tuple[CycleRow, ...]
    cycles_examined: int
    elapsed_us: int
    left_out: int | UnsetType = UNSET
    faulty: dict[str, str] | UnsetType = UNSET
    faulty_left_out: int | UnsetType = UNSET


class Question(msgspec.Struct, frozen=True):
    max_hops: int
    starts: tuple[str, ...]
    loan_fee_bps: int
    gas: Mapping[str, int]
    min_profit: Mapping[str, int]

    def terms(self, token: str) -> Terms:
        gas, least = (
            named.get(token, named.get(EVERY, 0)) for named in (self.gas, self.min_profit)
        )
        return Terms(self.loan_fee_bps, gas, least)


def arbitrage(document: object, own: Pools | None = None) -> ArbRow | Invalid:
    """`own`: the pools of whoever is asked, for a request without any."""
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("the request must be a JSON object")])
    fields = PoolFields(cast("dict[str, Any]", document))
    fields.only(ARB_FIELDS)
    pools = given_pools(fields, own)
    tokens = None if isinstance(pools, Invalid) else tokens_of(pools)
    question = _question(fields, tokens)
    if isinstance(pools, Invalid):
        return invalid([*pools.reasons, *fields.wrong])
    return _found(pools, question) if question is not None else invalid(fields.wrong)


def tokens_of(pools: Pools) -> tuple[str, ...]:
    """Each once, in the order in which pools have them."""
    return tuple(dict.fromkeys(token for each in pools.listed.values() for token in each.tokens))


def _question(fields: PoolFields, tokens: Sequence[str] | None) -> Question | None:
    """None where `fields.wrong` says why. Without `tokens` their names are taken as they come."""
    hops = fields.whole("max_hops", HOPS_MIN, HOPS_MAX, default=HOPS)
    fee = fields.whole("loan_fee_bps", 0, LOAN_FEE_BPS_MAX, default=0)
    gas, least = (fields.by_name(name, 0, WORD_MAX) for name in ("gas", "min_profit"))
    starts: tuple[str, ...] = tuple(tokens or ())
    if fields.has("start"):
        before = len(fields.wrong)
        starts = fields.words("start")
        if not starts and len(fields.wrong) == before:
            fields.add(ErrorCode.OUT_OF_RANGE, "start must name a token, or be left out")
    if tokens is not None:
        known = frozenset(tokens)
        _only_known(fields, "start", starts, known)
        for name, named in (("gas", gas), ("min_profit", least)):
            _only_known(fields, name, [token for token in named if token != EVERY], known)
    if fields.wrong or hops is None or fee is None:
        return None
    return Question(hops, starts, fee, gas, least)


def _only_known(
    fields: PoolFields, name: str, named: Sequence[str], known: Collection[str]
) -> None:
    for token in named:
        if token not in known:
            hint = nearest_hint(token, known) if len(known) <= HINTED_MAX else ""
            text = f"{name}: no pool has a token {cut(token)}{hint}"
            fields.add(ErrorCode.UNKNOWN_TOKEN, text, value=cut(token))


def _found(pools: Pools, question: Question) -> ArbRow:
    names, began = list(pools.listed), perf_counter_ns()
    listed = list(pools.listed.values())
    numbers = {token: n for n, token in enumerate(tokens_of(pools))}
    graph = PoolGraph(
        [each.state for each in listed],
        [tuple(numbers[token] for token in each.tokens) for each in listed],
    )
    starts = [(numbers[token], question.terms(token)) for token in question.starts]
    found = graph.cycles(starts, question.max_hops)
    elapsed_us = (perf_counter_ns() - began) // 1_000

    def leg_row(leg: Leg) -> LegRow:
        tokens = listed[leg.pool].tokens
        token_in, token_out = tokens[leg.token_in], tokens[leg.token_out]
        return LegRow(pool=names[leg.pool], token_in=token_in, token_out=token_out)

    def row(cycle: Cycle) -> CycleRow:
        path = tuple(leg_row(leg) for leg in cycle.legs)
        return CycleRow(
            path=path,
            amount_in=str(cycle.amount_in),
            amount_out=str(cycle.amount_out),
            profit=str(cycle.profit),
            token=path[0].token_in,
            within=str(cycle.within) if cycle.within else UNSET,
        )

    told = [found[n] for n in range(min(len(found), CYCLES_TOLD_MAX))]
    faulty = list(pools.faulty.items())
    return ArbRow(
        cycles=tuple(map(row, told)),
        cycles_examined=found.examined,
        elapsed_us=elapsed_us,
        left_out=len(found) - len(told) or UNSET,
        faulty={
            name: "; ".join(reason.message for reason in reasons)
            for name, reasons in faulty[:FAULTY_TOLD_MAX]
        }
        or UNSET,
        faulty_left_out=max(len(faulty) - FAULTY_TOLD_MAX, 0) or UNSET,
    )
