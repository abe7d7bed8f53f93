"""`/v1/pnl`: what was earned and lost, in the risk currency, and what it came from.

By the marks that the journal has, as the daily loss is: so what is shown here is what was decided
by. What has no mark counts for nothing and is named.
"""

from collections.abc import Iterator, Mapping

from omnivenue.api.answer import Answer, invalid_answer
from omnivenue.api.paging import read_query
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.engine import Cell, State, profits, rates
from omnivenue.ledger import Pnl, Rates, summed
from omnivenue.model import format_decimal, nearest_hint
from omnivenue.risk import WIDE
from omnivenue.wire import ErrorCode, Invalid, PnlRow, invalid
from omnivenue.wire.fields import cut


def pnl(site: Site, call: Call) -> Answer:
    query = read_query(call.query, ("account",), ())
    if isinstance(query, Invalid):
        return invalid_answer(query)
    wanted, known = query.filters.get("account"), site.state.positions
    if wanted is not None and wanted not in site.state.accounts and wanted not in known:
        text = f"unknown account {cut(wanted)}{nearest_hint(wanted, site.state.accounts)}"
        return invalid_answer(invalid([ErrorCode.UNKNOWN_ACCOUNT.because(text, value=cut(wanted))]))
    row = pnl_row(site.state, wanted)
    return Answer(200, {"pnl": row, "next_cursor": None, "seq": site.last_seq})


def pnl_row(state: State, account: str | None = None) -> PnlRow:
    """Of one account, or of all."""
    cells = list(_profits(state, account, rates(state)))
    total = Pnl()
    for _, found in cells:
        total = total.plus(found)
    return PnlRow(
        currency=state.limits.currency,
        realized=_text(total.realized),
        unrealized=_text(total.unrealized),
        funding=_text(total.funding),
        fees=_text(total.fees),
        total=_text(total.total),
        lines={name: _text(amount) for name, amount in total.lines().items()},
        unexplained=_text(total.unexplained),
        unmarked=tuple(sorted(total.unknown)),
        by_strategy=_rows("strategy_id", summed((cell[0], found) for cell, found in cells)),
        by_venue=_rows("venue", summed((cell[1], found) for cell, found in cells)),
    )


def _profits(state: State, account: str | None, by: Rates) -> Iterator[tuple[Cell, Pnl]]:
    for each in sorted(state.positions):
        if account in (None, each):
            yield from profits(state, each, by)


def _rows(name: str, sums: Mapping[str, Pnl]) -> tuple[dict[str, str], ...]:
    return tuple({name: key, **_sum(found)} for key, found in sorted(sums.items()))


def _sum(found: Pnl) -> dict[str, str]:
    return {
        "realized": _text(found.realized),
        "unrealized": _text(found.unrealized),
        "funding": _text(found.funding),
        "fees": _text(found.fees),
        "total": _text(found.total),
    }


def _text(amount: int) -> str:
    return format_decimal(amount, WIDE)
