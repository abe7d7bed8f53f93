"""However reports are permuted and repeated, the order, the parent and the ledger are the same.

Short stories exhaustively, each with every one of its orders; longer ones at random.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations_with_replacement, permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnivenue.engine import State
from omnivenue.message import CancelRejected, Event, ExecType, ExecutionReport, encode
from omnivenue.model import Atoms, ClOrdID, ExecID, Instrument, Lots, Nanos, OrderID, Side, Ticks
from omnivenue.oms import anomalies, at_risk_qty, is_open, leaves_qty, status
from scene import AT_A, AT_F, BUY, SELL, USDT, Desk, F, answer, cancel, held_to_be, order, ticks

pytestmark = [pytest.mark.covers("O1"), pytest.mark.holds("I10", "I11", "I13", "T17", "T18")]

CL_ORD_ID = ClOrdID("")  # stands for the order of the story, whose name is not known yet
ONCE = (ExecType.NEW, ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED)
KINDS = (*ONCE, *(ExecType.TRADE,) * 4)


def said(kind: ExecType, exec_id: str, qty: int = 0, cum: int = 0, at: int = 0) -> ExecutionReport:
    return ExecutionReport(
        exec_id=ExecID(exec_id),
        cl_ord_id=CL_ORD_ID,
        exec_type=kind,
        last_qty=Lots(qty),
        last_px=Ticks(ticks(59_000) + at if qty else 0),
        fee=Atoms(qty),
        fee_asset=USDT,
        cum_qty=Lots(cum),
        transact_at=Nanos(at),
    )


def bust(exec_id: str, cum: int = 0, at: int = 0) -> ExecutionReport:
    return ExecutionReport(
        exec_id=ExecID(f"b-{exec_id}"),
        cl_ord_id=CL_ORD_ID,
        exec_type=ExecType.TRADE_CANCEL,
        exec_ref_id=ExecID(exec_id),
        cum_qty=Lots(cum),
        transact_at=Nanos(at),
    )


def told(story: Sequence[Event], side: Side, instrument: Instrument, *, stop: bool) -> bytes:
    """What ten lots come to, after the story, as far as anybody can see."""
    desk = Desk()
    placed = desk.place(order("i", side, instrument=instrument, px=Atoms(60_000 * 10**8)))
    if stop:
        desk.tell(cancel("c", "i"))
    for event in story:
        desk.tell(about(event, placed.new.cl_ord_id, placed.cancels))
    desk.check_replay()
    return seen(desk.state, placed.new.cl_ord_id)


def about(event: Event, cl_ord_id: ClOrdID, cancels: tuple[ClOrdID, ...]) -> Event:
    match event:
        case ExecutionReport():
            return msgspec.structs.replace(event, cl_ord_id=cl_ord_id)
        case CancelRejected():
            attempt = cancels[0] if cancels else CL_ORD_ID
            return CancelRejected(cl_ord_id=attempt, orig_cl_ord_id=cl_ord_id)
        case _:
            return event


def seen(state: State, cl_ord_id: ClOrdID) -> bytes:
    found, parent = state.orders[cl_ord_id], state.parents[OrderID("i")]
    now = status(found)
    paths = {p: v for p, v in money(state).items() if v}
    sums = (found.cum_qty, leaves_qty(found, now), at_risk_qty(found, now))
    flags = [anomaly.value for anomaly in anomalies(found)]
    traded = (parent.filled, parent.working, found.held)
    return encode(
        (
            now,
            is_open(found, now),
            flags,
            sums,
            traded,
            found.last_at,
            found.last_qty,
            found.fills,
            paths,
        )
    )


def money(state: State) -> Counter[str]:
    """By path and asset. Of what is ours at a futures venue only the sum: a bust is the opposite
    trade, so how much of it is cost and how much is profit depends on what came between."""
    sums: Counter[str] = Counter()
    for path, balances in state.ledger.paths.items():
        is_split = F in path and path.endswith(("/free", "/margin", "/contracts"))
        for asset, amount in balances.items():
            sums[f"{path.partition('/')[0] if is_split else path} {asset}"] += amount
    return sums


STORIES: dict[str, list[Event]] = {
    "filled in two parts": [
        said(ExecType.NEW, "n", at=1),
        said(ExecType.TRADE, "a", 4, 4, 2),
        said(ExecType.TRADE, "b", 6, 10, 3),
    ],
    "a fill after a rejection": [
        said(ExecType.REJECTED, "r", at=1),
        said(ExecType.NEW, "n", at=2),
        said(ExecType.TRADE, "a", 4, 4, 3),
        said(ExecType.CANCELED, "e", 0, 4, 4),
    ],
    "a bust, and what traded instead": [
        said(ExecType.TRADE, "a", 10, 10, 2),
        bust("a", 0, 3),
        said(ExecType.TRADE, "b", 7, 7, 4),
        said(ExecType.CANCELED, "e", 0, 7, 5),
    ],
    "a cancel race": [
        said(ExecType.TRADE, "a", 3, 3, 2),
        said(ExecType.TRADE, "b", 7, 10, 3),
        CancelRejected(cl_ord_id=CL_ORD_ID, orig_cl_ord_id=CL_ORD_ID, text="too late"),
        bust("b", 3, 5),
    ],
    "too much": [
        said(ExecType.TRADE, "a", 8, 8, 2),
        said(ExecType.TRADE, "b", 8, 16, 3),
        said(ExecType.EXPIRED, "e", 0, 16, 4),
    ],
    "one id, two contents": [
        said(ExecType.TRADE, "a", 4, 4, 2),
        said(ExecType.TRADE, "a", 5, 5, 3),
        bust("a", 0, 4),
    ],
}


@pytest.mark.parametrize("stop", [False, True])
@pytest.mark.parametrize("name", STORIES)
def test_every_order_of_a_short_story_and_every_repetition(name: str, *, stop: bool) -> None:
    story = STORIES[name]
    want = told(story, BUY, AT_A, stop=stop)
    for permuted in permutations(story):
        assert told(permuted, BUY, AT_A, stop=stop) == want
    for twice in combinations_with_replacement(range(len(story)), 2):
        repeated = [*story, *(story[n] for n in twice)]
        assert told(repeated, BUY, AT_A, stop=stop) == want
        assert told(repeated[::-1], BUY, AT_A, stop=stop) == want


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """Reports of one order, trades above all; busts of some of them and of some never seen; and
    now and then another content under an id that is known."""
    story: list[Event] = []
    for n, kind in enumerate(
        draw(st.lists(st.sampled_from([*KINDS, *KINDS[-1:] * 3]), max_size=8))
    ):
        qty = draw(st.integers(1, 9)) if kind is ExecType.TRADE else 0
        name = f"x{draw(st.integers(0, 9))}" if kind is ExecType.TRADE else f"y{n}"
        story.append(said(kind, name, qty, draw(st.integers(0, 12)), n + 1))
    for n in sorted(draw(st.sets(st.integers(0, 9), max_size=3))):
        story.append(bust(f"x{n}", draw(st.integers(0, 12)), draw(st.integers(0, 20))))
    if draw(st.booleans()):
        story.append(CancelRejected(cl_ord_id=CL_ORD_ID, orig_cl_ord_id=CL_ORD_ID))
    return story


@settings(deadline=None, max_examples=200)
@given(st.data(), stories(), st.sampled_from(Side), st.sampled_from([AT_A, AT_F]), st.booleans())
def test_order_and_repetition_do_not_matter(
    data: st.DataObject, story: list[Event], side: Side, instrument: Instrument, stop: bool
) -> None:
    again = st.lists(st.sampled_from(story), max_size=4) if story else st.just([])
    permuted = data.draw(st.permutations(story + data.draw(again)))
    want = told(story, side, instrument, stop=stop)
    assert told(permuted, side, instrument, stop=stop) == want


@settings(deadline=None, max_examples=100)
@given(st.data(), stories())
def test_an_answer_to_a_query_is_facts_like_any_others(
    data: st.DataObject, story: list[Event]
) -> None:
    """All in one answer, and what the venue holds the order to be; or each by itself, before it."""
    reports = [event for event in story if isinstance(event, ExecutionReport)]
    ended = data.draw(st.sampled_from([None, ExecType.TRADE, ExecType.CANCELED]))
    cum_qty = data.draw(st.integers(0, 10))
    views: set[bytes] = set()
    for is_told_before in (False, True):
        desk = Desk()
        placed = desk.place(order("i", SELL))
        mine = [about(event, placed.new.cl_ord_id, ()) for event in reports]
        if is_told_before:
            for event in mine[::-1]:
                desk.tell(event)
        answered = answer(
            AT_A.venue_id,
            99,
            25,
            reports=tuple(mine),
            orders=(held_to_be(placed.new.cl_ord_id, cum_qty, ended),),
        )
        desk.tell(answered)
        views.add(seen(desk.state, placed.new.cl_ord_id))
    assert len(views) == 1
