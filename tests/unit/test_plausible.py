"""What a venue cannot mean is its own error: named, and kept from the core and the journal."""

import msgspec
import pytest
from msgspec.structs import replace

from omnivenue.engine.evict import EVERY, KEEP, TIMER_ID
from omnivenue.journal import Broken
from omnivenue.market import Quote
from omnivenue.message import (
    CancelRejected,
    ExecType,
    ExecutionReport,
    External,
    FundingPaid,
    OrderState,
    StatusReport,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import SECOND, ClOrdID, ExecID, Lots, Nanos, Ticks, VenueID
from omnivenue.runtime import plausible
from omnivenue.runtime.archive import Archive
from omnivenue.wire import iso
from scene import AT_A, AT_B, AT_F, BUY, MAIN, A, B, Desk, F, buy, cancel, quote, report

NOW = Nanos(10 * SECOND)


def implausible(
    desk: Desk, now: Nanos, venue_id: VenueID, said: VenueEvent | VenueUp | Quote
) -> str:
    return plausible.implausible(desk.state, Archive(desk.journal), now, venue_id, said)


def traded(cl_ord_id: str, qty: int = 1, px: int = 100, cum: int = 1) -> ExecutionReport:
    return ExecutionReport(
        exec_id=ExecID("x"),
        cl_ord_id=ClOrdID(cl_ord_id),
        exec_type=ExecType.TRADE,
        last_qty=Lots(qty),
        last_px=Ticks(px),
        cum_qty=Lots(cum),
    )


def corrected(cl_ord_id: str, qty: int) -> ExecutionReport:
    return replace(
        traded(cl_ord_id, qty), exec_type=ExecType.TRADE_CORRECT, exec_ref_id=ExecID("w")
    )


def funded(venue_id: VenueID, at: int = 0) -> FundingPaid:
    return FundingPaid(
        funding_id="f",
        account=MAIN,
        venue_id=venue_id,
        instrument_id=AT_F.instrument_id,
        amount=1,
        at=Nanos(at),
    )


def answer(
    reports: tuple[ExecutionReport, ...] = (), orders: tuple[OrderState, ...] = ()
) -> StatusReport:
    return StatusReport(
        venue_id=A, query=0, as_of=Nanos(1), reports=reports, orders=orders, not_found=()
    )


def test_what_can_be_meant_is_let_in() -> None:
    desk = Desk()
    ours = desk.place(buy("i")).new.cl_ord_id
    held = OrderState(cl_ord_id=ours, cum_qty=Lots(0), ended=None)
    for said in (traded(ours), traded("nobody knows it"), answer((traded(ours),), (held,))):
        assert implausible(desk, NOW, A, said) == ""
    assert implausible(desk, NOW, A, VenueUp(venue_id=A)) == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (traded("o", qty=0), "a trade of o for 0 at 100"),
        (traded("o", qty=-1), "a trade of o for -1 at 100"),
        (traded("o", px=0), "a trade of o for 1 at 0"),
        (traded("o", cum=-1), "a negative CumQty of o"),
        (corrected("o", qty=0), "a trade of o for 0 at 100"),
        (corrected("o", qty=-5), "a trade of o for -5 at 100"),
        (answer((traded("o", qty=-5),)), "a trade of o for -5 at 100"),
        (
            answer(orders=(OrderState(cl_ord_id=ClOrdID("o"), cum_qty=Lots(-1), ended=None),)),
            "a negative CumQty",
        ),
        (VenueUp(venue_id=B), "speaks for SIM-B"),
    ],
)
def test_what_cannot_is_named(said: VenueEvent | VenueUp, why: str) -> None:
    assert implausible(Desk(), NOW, A, said) == why


def test_a_venue_speaks_of_its_own_orders_only() -> None:
    desk = Desk()
    ours = desk.place(buy("i")).new.cl_ord_id
    reject = CancelRejected(cl_ord_id=ClOrdID("c"), orig_cl_ord_id=ours)
    held = OrderState(cl_ord_id=ours, cum_qty=Lots(0), ended=None)
    foreign = StatusReport(
        venue_id=B, query=0, as_of=Nanos(1), reports=(), orders=(held,), not_found=()
    )
    denial = replace(foreign, orders=(), not_found=(ours,))
    for said in (traded(ours), reject, foreign, denial):
        assert implausible(desk, NOW, B, said) == f"speaks of {ours}, which is at SIM-A"
    assert implausible(desk, NOW, A, foreign) == "answers for SIM-B"


@pytest.mark.holds("I11")
def test_also_where_an_order_has_left_state() -> None:
    """A minute after its end; else another venue's word would move money at this one."""
    desk = Desk()
    ours = desk.place(buy("i")).new.cl_ord_id
    desk.tell(report(ours, ExecType.CANCELED, "e"))
    desk.later((KEEP + EVERY) // SECOND)
    desk.tell(cancel("n", "nobody"))
    desk.wake(TIMER_ID)
    assert ours not in desk.state.orders
    assert implausible(desk, Nanos(desk.at), B, traded(ours)) == (
        f"speaks of {ours}, which is at SIM-A"
    )
    assert implausible(desk, Nanos(desk.at), A, traded(ours)) == ""
    assert implausible(desk, Nanos(desk.at), B, traded("nobody's")) == ""


@pytest.mark.parametrize("error", [Broken("its hash has changed"), msgspec.DecodeError("no")])
def test_an_archive_that_is_broken_is_no_fault_of_the_venue(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(archive: Archive, cl_ord_id: ClOrdID) -> None:
        raise error

    monkeypatch.setattr(Archive, "child", fails)
    assert implausible(Desk(), NOW, A, traded("i")) == ""


def test_denials_of_a_clock_that_is_ahead_would_prove_loss_too_early() -> None:
    ahead = StatusReport(
        venue_id=A, query=0, as_of=Nanos(NOW + 3 * SECOND), reports=(), orders=(), not_found=()
    )
    assert implausible(Desk(), NOW, A, ahead) == "its clock is 3 s ahead of ours"
    near = replace(ahead, as_of=Nanos(NOW + SECOND))
    assert implausible(Desk(), NOW, A, near) == ""


def test_what_has_a_time_to_come_would_be_newer_than_every_answer() -> None:
    """An answer about what is held counts only where it is newer than all that has moved it: after
    such a trade or payment none would, for as long as its time has not come."""
    desk = Desk()
    late = Nanos(NOW + 3 * SECOND)
    trade = replace(traded("o"), transact_at=late)
    for said in (trade, answer((trade,)), replace(answer(), fundings=(funded(A, at=late),))):
        assert implausible(desk, NOW, A, said) == "its clock is 3 s ahead of ours"
    assert implausible(desk, NOW, F, funded(F, at=late)) == "its clock is 3 s ahead of ours"
    assert implausible(desk, NOW, F, funded(F, at=NOW + SECOND)) == ""
    assert implausible(desk, NOW, A, replace(trade, transact_at=Nanos(NOW + SECOND))) == ""


@pytest.mark.parametrize("at", [-1, 1 << 63, 10**40])
def test_what_is_no_time_is_no_quote(at: int) -> None:
    """How far a clock is off, the books see to; but what has no date can be shown to nobody."""
    named = f"quotes {AT_A.instrument_id} at {at} ns, which is no time"
    assert implausible(Desk(), NOW, A, quote(at, 60_000)) == named
    for near in (0, (1 << 63) - 1):
        assert implausible(Desk(), NOW, A, quote(near, 60_000)) == ""
        assert iso(Nanos(near))


def test_a_venue_pays_and_adopts_at_home_only() -> None:
    desk = Desk()
    elsewhere = replace(answer(), fundings=(funded(VenueID("NOWHERE")),))
    assert implausible(desk, NOW, A, elsewhere) == "pays funding at NOWHERE"
    theirs = External(
        account=MAIN,
        instrument_id=AT_A.instrument_id,
        instrument_version=1,
        side=BUY,
        qty=Lots(1),
        limit_px=Ticks(100),
    )
    adopted = replace(traded("SIM-A~web"), external=theirs)
    assert implausible(desk, NOW, A, adopted) == ""
    assert "which it does not list" in implausible(desk, NOW, B, adopted)


def test_a_venue_quotes_what_it_lists_and_for_something() -> None:
    desk = Desk()
    good = quote(NOW, 60_000, AT_A)
    assert implausible(desk, NOW, A, good) == ""
    foreign = quote(NOW, 60_000, AT_B)
    assert "which it does not list" in implausible(desk, NOW, A, foreign)
    for_nothing = replace(good, bids=((Ticks(0), Lots(1)),))
    assert "at or for nothing" in implausible(desk, NOW, A, for_nothing)
