"""The one document that answers an arbitrage signal, whichever door it came in by.

Numbers are JSON numbers where older programs count with them, amounts on a chain decimal strings.
Nothing is sent yet, so the mode is paper, there is no transaction, and the execution is SIMULATED.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec

from omnivenue.message import Reason
from omnivenue.model import format_decimal
from omnivenue.route import ChainTerms, Priced
from omnivenue.route.arbitrage import dollars, percent
from omnivenue.wire.errors import ReasonRow, reason_rows

SIMULATED, PAPER = "SIMULATED", "paper"
MICROS = 10**6
FAULTY_MAX = 20
"""That are named; `omnivenue quote` tells what is wrong with each."""


class HopRow(msgspec.Struct, frozen=True, kw_only=True):
    """`pools`: how many hold both tokens; `slippage_percent`: by the swap itself."""

    pool: str
    kind: str
    token_in: str
    token_out: str
    amount_in: str
    amount_out: str
    slippage_percent: str
    pools: int


class ScoreRow(msgspec.Struct, frozen=True, kw_only=True):
    """In dollars and percent; `size_percent`: what of the principal would be sent."""

    gross_usd: str
    loan_fee_usd: str
    gas_usd: str
    net_usd: str
    slippage_percent: str
    slippage_limit_percent: str
    size_percent: int


class TermsRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted with, given or taken as the default. Of prices `path` names the pools that
    they come from."""

    chain: str
    native: str
    native_usd: str | None
    native_path: tuple[str, ...]
    token_path: tuple[str, ...]
    base_fee_gwei: str
    priority_fee_gwei: str
    loan_fee_bps: int
    min_profit_usd: str
    max_gas_gwei: str | None
    slippage_bps: int


class ArbitrageRow(msgspec.Struct, frozen=True, kw_only=True):
    """`pnl_usd` is what is left after everything, also where that is why it was refused, and 0
    where it could not be priced; then what could not be known is null. `reason` is the first of
    `reasons`, `error` all of them in words. `faulty_pools` of the file took no part.
    `more_ways`: so many pools could stand at several hops that not all ways were tried."""

    success: bool
    mode: str
    pnl_usd: float
    pnl: float
    gas_used: int
    tx_hash: str | None
    execution_id: str
    reason: str | None
    error: str | None
    reasons: tuple[ReasonRow, ...]
    route: tuple[str, ...]
    principal: str | None
    amount_in: str | None
    amount_out: str | None
    hops: tuple[HopRow, ...]
    score: ScoreRow | None
    terms: TermsRow | None
    faulty_pools: tuple[str, ...]
    more_ways: bool


def document_of(
    priced: Priced, terms: ChainTerms, faulty_pools: Iterable[str] = ()
) -> ArbitrageRow:
    steps, score = priced.steps, priced.score
    return _row(
        0 if score is None else score.net,
        0 if score is None else score.gas_units,
        priced.reasons,
        success=priced.is_worth_sending,
        route=priced.wanted.route,
        principal=str(priced.wanted.principal),
        amount_in=str(priced.sent) if steps else None,
        amount_out=str(steps[-1].amount_out) if steps else None,
        hops=_hops(priced),
        score=_score(priced),
        terms=_terms(priced, terms),
        faulty_pools=tuple(islice(faulty_pools, FAULTY_MAX)),
        more_ways=priced.is_cut,
    )


def refused_document(
    reasons: Sequence[Reason], route: Sequence[str] = (), principal: int | None = None
) -> ArbitrageRow:
    """Of what could not be priced at all."""
    said = None if principal is None else str(principal)
    return _row(
        0,
        0,
        reasons,
        success=False,
        route=tuple(route),
        principal=said,
        amount_in=None,
        amount_out=None,
        hops=(),
        score=None,
        terms=None,
        faulty_pools=(),
        more_ways=False,
    )


def _row(
    net: int, gas_units: int, reasons: Sequence[Reason], *, success: bool, **more: Any
) -> ArbitrageRow:
    usd = net / MICROS
    return ArbitrageRow(
        success=success,
        mode=PAPER,
        pnl_usd=usd,
        pnl=usd,
        gas_used=gas_units,
        tx_hash=None,
        execution_id=SIMULATED,
        reason=reasons[0].code if reasons else None,
        error="; ".join(map(_told, reasons)) or None,
        reasons=reason_rows(reasons),
        **more,
    )


def _told(reason: Reason) -> str:
    numbers = f" ({reason.value}, limit {reason.limit})" if reason.limit else ""
    return f"{reason.message}{numbers}"


def _hops(priced: Priced) -> tuple[HopRow, ...]:
    found: list[HopRow] = []
    slippages = priced.score.hop_slippage_ppm if priced.score else ()
    for n, (step, slippage) in enumerate(zip(priced.steps, slippages, strict=True)):
        row = HopRow(
            pool=step.swap.pool,
            kind=step.kind,
            token_in=priced.wanted.route[n],
            token_out=priced.wanted.route[n + 1],
            amount_in=str(step.amount_in),
            amount_out=str(step.amount_out),
            slippage_percent=percent(slippage),
            pools=step.pools,
        )
        found.append(row)
    return tuple(found)


def _score(priced: Priced) -> ScoreRow | None:
    score = priced.score
    if score is None:
        return None
    return ScoreRow(
        gross_usd=dollars(score.gross),
        loan_fee_usd=dollars(score.loan_fee),
        gas_usd=dollars(score.gas),
        net_usd=dollars(score.net),
        slippage_percent=percent(score.slippage_ppm),
        slippage_limit_percent=percent(score.slippage_limit_ppm),
        size_percent=priced.size_percent,
    )


def _terms(priced: Priced, terms: ChainTerms) -> TermsRow:
    wanted, native, token = priced.wanted, priced.native, priced.token
    gas = wanted.max_gas_price
    return TermsRow(
        chain=terms.chain.lower(),
        native=priced.native_name or terms.native[0],
        native_usd=None if native is None else dollars(native.price.up(10**18)),
        native_path=() if native is None else native.path,
        token_path=() if token is None else token.path,
        base_fee_gwei=format_decimal(terms.base_fee, 9),
        priority_fee_gwei=format_decimal(terms.priority_fee, 9),
        loan_fee_bps=terms.loan_fee_bps,
        min_profit_usd=dollars(wanted.min_profit),
        max_gas_gwei=None if gas is None else format_decimal(gas, 9),
        slippage_bps=wanted.slippage_bps,
    )
