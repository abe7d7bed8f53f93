"""Lists and rows over HTTP. `seq` is the entry that an answer stands at. A list that takes longer
lets others come between: it may show what is newer than that, and leaves out nothing that is older.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec

from omnivenue.api.answer import Answer, invalid_answer, refusal
from omnivenue.api.order_index import place_of
from omnivenue.api.paging import Query, cursor_of, page, read_query
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.api.status_words import ORDER_WORDS, WORKING, order_words
from omnivenue.api.view import FillKey, fill_rows, instruction_row, order_row
from omnivenue.api.view_rows import (
    Key,
    balance_rows,
    instrument_rows,
    market_row,
    position_rows,
    venue_rows,
)
from omnivenue.api.walk import Walk
from omnivenue.api.whole import Whole
from omnivenue.engine import State
from omnivenue.journal import Place
from omnivenue.model import SMART, InstrumentID, OrderID, nearest_hint
from omnivenue.oms import Composite, Parent
from omnivenue.wire import ErrorCode, FillRow, Invalid, OrderRow, invalid, normal_instrument_id
from omnivenue.wire.fields import cut

SCANNED_MAX = 20_000
"""In the price of an order in State: what one call looks through. A rare filter among many gets a
short page and a cursor."""

type EntrySeq = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""As a database has it."""

ORDER_FILTERS = ("status", "venue", "instrument", "strategy", "account")
TRADE_FILTERS = ("venue", "instrument", "strategy", "account")


def instruction(site: Site, call: Call) -> Answer:
    row = instruction_row(site.state, site.records, call.param, site.loop.mode)
    return _found(row, "there is no instruction with this key")


def order(site: Site, call: Call) -> Answer:
    found = site.records.order(OrderID(call.param))
    row = None if found is None else order_row(site.state, found, site.loop.mode)
    return _found(row, "there is no such order")


def market(site: Site, call: Call) -> Answer:
    name = normal_instrument_id(call.param)
    instrument = site.state.instruments.get(name)
    if instrument is None:
        hint = nearest_hint(call.param, site.state.instruments)
        text = f"instrument {cut(call.param)} is not listed{hint}"
        return refusal(ErrorCode.NOT_FOUND, text)
    return Answer(200, market_row(instrument, site.loop.books, site.loop.now()))


async def orders(site: Site, call: Call) -> Answer:
    query = read_query(call.query, ORDER_FILTERS, listings=site.listings)
    after = query if isinstance(query, Invalid) else query.after(tuple[EntrySeq, OrderID])
    if isinstance(query, Invalid) or isinstance(after, Invalid):
        return _refused(query, after)
    wanted = query.filters.get("status")
    if wanted is not None and wanted not in ORDER_WORDS:
        return invalid_answer(_no_such_status(wanted))
    seq = site.last_seq
    walk = Walk(site, after, SCANNED_MAX, is_working=wanted in WORKING)
    rows, cursor = await _matching(site, walk, query)
    return _listed("orders", rows, cursor, seq)


async def fills(site: Site, call: Call) -> Answer:
    query = read_query(call.query, TRADE_FILTERS, listings=site.listings)
    after = query if isinstance(query, Invalid) else query.after(tuple[EntrySeq, OrderID, int, str])
    if isinstance(query, Invalid) or isinstance(after, Invalid):
        return _refused(query, after)
    seq = site.last_seq
    walk = Walk(site, None if after is None else after[:2], SCANNED_MAX, is_again=True)
    rows, cursor = await _fills(site, walk, query, after)
    return _listed("fills", rows, cursor, seq)


def positions(site: Site, call: Call) -> Answer:
    rows = position_rows(site.state, site.loop.books, site.loop.now())
    names = {"venue": "venue", "instrument": "instrument", "strategy": "strategy_id"}
    return _table(site, call, "positions", rows, names | {"account": "account"})


def balances(site: Site, call: Call) -> Answer:
    names = {"account": "account", "venue": "venue", "asset": "asset"}
    return _table(site, call, "balances", balance_rows(site.state), names)


def instruments(site: Site, call: Call) -> Answer:
    names = {"venue": "venue", "type": "type"}
    return _table(site, call, "instruments", instrument_rows(site.state), names)


def venues(site: Site, call: Call) -> Answer:
    names = {"venue": "venue", "state": "state"}
    return _table(site, call, "venues", venue_rows(site.state, site.loop.meter), names)


def _table[R](
    site: Site, call: Call, name: str, rows: Iterable[tuple[Key, R]], columns: dict[str, str]
) -> Answer:
    """A list that is sorted by its key; each filter is a column of its rows."""
    query = read_query(call.query, columns, listings=site.listings)
    after = query if isinstance(query, Invalid) else query.after(tuple[str, ...])
    if isinstance(query, Invalid) or isinstance(after, Invalid):
        return _refused(query, after)
    wanted = {columns[filter_name]: value for filter_name, value in _normal(query).items()}
    kept = (
        (key, row)
        for key, row in rows
        if all(getattr(row, column) == value for column, value in wanted.items())
    )
    found, cursor = page(kept, query, lambda key: after is None or key > after)
    return _listed(name, found, cursor, site.last_seq)


async def _matching(site: Site, walk: Walk, query: Query) -> tuple[list[OrderRow], str | None]:
    """A page, and where the next one begins: where this one ended, or where looking was stopped."""
    matches = _order_filter(site, query)
    rows: list[OrderRow] = []
    last: Place | None = None
    for piece in walk:
        for found in piece:
            if matches(found):
                if len(rows) == query.limit:
                    return rows, cursor_of(last)
                rows.append(order_row(site.state, found, site.loop.mode))
            last = place_of(found.parent)
        await asyncio.sleep(0)
    return rows, cursor_of(walk.last) if walk.is_cut else None


def _order_filter(site: Site, query: Query) -> Callable[[Whole], bool]:
    state, filters = site.state, _normal(query)
    status = filters.pop("status", None)

    def matches(found: Whole) -> bool:
        order = found.parent.order
        named = {
            "venue": _venue_of(state, found.parent),
            "instrument": order.instrument_id,
            "strategy": order.strategy_id,
            "account": order.account,
        }
        is_named = all(named[name] == value for name, value in filters.items())
        if status is None or not is_named:
            return is_named
        return order_words(state, found)[0] == status

    return matches


def _venue_of(state: State, parent: Parent | Composite) -> str:
    instrument = state.instruments.get(parent.order.instrument_id)
    return SMART if instrument is None else instrument.venue_id


async def _fills(
    site: Site, walk: Walk, query: Query, after: FillKey | None
) -> tuple[list[FillRow], str | None]:
    """As `_matching`. A page may end amid the fills of an order: the next one begins with it."""
    matches = _order_filter(site, query)
    rows: list[FillRow] = []
    last = after
    for piece in walk:
        for found in piece:
            first = (*place_of(found.parent), 0, "")
            last = first if last is None else max(last, first)
            is_wanted = isinstance(found.parent, Parent) and found.parent.filled and matches(found)
            for key, row in fill_rows(site.state, found) if is_wanted else ():
                if after is not None and key <= after:
                    continue
                if len(rows) == query.limit:
                    return rows, cursor_of(last)
                rows.append(row)
                last = key
        await asyncio.sleep(0)
    return rows, cursor_of(last) if walk.is_cut else None


def _normal(query: Query) -> dict[str, str]:
    """Filters as rows spell them: an instrument has one id, however it is written."""
    filters = dict(query.filters)
    if "instrument" in filters:
        filters["instrument"] = InstrumentID(normal_instrument_id(filters["instrument"]))
    return filters


def _no_such_status(word: str) -> Invalid:
    text = f"status must be one of {', '.join(ORDER_WORDS)}{nearest_hint(word, ORDER_WORDS)}"
    return invalid([ErrorCode.NOT_ONE_OF.because(text, value=cut(word))])


def _refused(*found: object) -> Answer:
    """The first that is invalid."""
    return next(invalid_answer(each) for each in found if isinstance(each, Invalid))


def _found(row: msgspec.Struct | None, why_not: str) -> Answer:
    return refusal(ErrorCode.NOT_FOUND, why_not) if row is None else Answer(200, row)


def _listed(name: str, rows: object, cursor: str | None, seq: int) -> Answer:
    return Answer(200, {name: rows, "next_cursor": cursor, "seq": seq})
