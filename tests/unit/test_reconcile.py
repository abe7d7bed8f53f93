"""What a venue says that we have, against what we believe: what nobody explains is quarantined."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from derivatives import FEES, SPOT_FEES
from omnivenue.engine.apply_held import total_at
from omnivenue.message import (
    Alert,
    Command,
    ExecType,
    Held,
    InstrumentsListed,
    Quarantine,
    Refuse,
    ReleaseQuarantine,
)
from omnivenue.model import SECOND, AssetID, Atoms, VenueID
from scene import (
    AT_A,
    AT_F,
    BTC,
    ETH,
    LOT,
    MAIN,
    OTHER,
    S2,
    USDT,
    WHOLE,
    A,
    B,
    Desk,
    F,
    adjustment,
    answer,
    buy,
    cancel,
    names,
    new_orders,
    report,
    sell,
    ticks,
    trade,
)
from scene import replace as change

P = AssetID(AT_F.instrument_id)


def held(desk: Desk, venue_id: VenueID, more: dict[str, int] | None = None) -> Iterable[Held]:
    """As we have it, and so much `more`; of `main`."""
    for account in (MAIN, OTHER):
        found = total_at(desk.state, account, venue_id)
        if account == MAIN:
            for asset, amount in (more or {}).items():
                found[AssetID(asset)] = found.get(AssetID(asset), 0) + amount
        for asset, total in found.items():
            if total:
                yield Held(account=account, asset=asset, total=total)


def say(
    desk: Desk, at: int, more: dict[str, int] | None = None, venue_id: VenueID = A
) -> list[Command]:
    told = tuple(held(desk, venue_id, more))
    return desk.tell(answer(venue_id, desk.last_query(venue_id), at, held=told))


def about_quarantine(commands: list[Command]) -> list[Command]:
    return [c for c in commands if isinstance(c, Quarantine | ReleaseQuarantine)]


def quarantined(asset: str = "USDT") -> Desk:
    desk = Desk()
    for second in (1, 3):
        say(desk, second * SECOND, {asset: 5})
    assert desk.state.quarantined
    return desk


def traded() -> Desk:
    """Holds a perpetual, money in orders, and has paid fees."""
    desk = Desk()
    for n, instrument in enumerate((AT_F, AT_A)):
        order = desk.place(buy(f"o{n}", 10, instrument=instrument))
        cl_ord_id = order.new.cl_ord_id
        desk.tell(trade(cl_ord_id, 4, f"x{n}", ticks(60_000, instrument)))
    return desk


@pytest.mark.holds("I12")
def test_what_agrees_stays_unsaid() -> None:
    desk = traded()
    for venue_id in (A, F):
        for second in (1, 5, 9):
            assert about_quarantine(say(desk, second * SECOND, None, venue_id)) == []
    assert (desk.state.differences, desk.state.quarantined) == ({}, {})
    assert total_at(desk.state, MAIN, F)[P] == 4 * AT_F.lot
    for venue_id, instrument in ((A, AT_A), (F, AT_F)):  # also what is held for orders, or bound
        spent = 4 * instrument.lot * 60_000 + 7
        assert total_at(desk.state, MAIN, venue_id)[USDT] == 10_000_000 * WHOLE - spent


@pytest.mark.holds("T35")
@pytest.mark.parametrize(("asset", "amount"), [("USDT", 5), ("BTC", -1), ("XAUT", 3)])
def test_the_same_difference_in_two_answers_is_quarantined_with_an_alarm(
    asset: str, amount: int
) -> None:
    desk = Desk()
    assert about_quarantine(say(desk, SECOND, {asset: amount})) == []
    assert about_quarantine(say(desk, 3 * SECOND - 1, {asset: amount})) == []
    commands = say(desk, 3 * SECOND, {asset: amount})
    found = Quarantine(account=MAIN, venue_id=A, asset=AssetID(asset), difference=amount)
    assert about_quarantine(commands) == [found]
    text = f"main@SIM-A/{asset}: the venue has {amount:+d} atoms more than we know of"
    assert Alert(topic="quarantine", about=text) in commands
    assert about_quarantine(say(desk, 9 * SECOND, {asset: amount})) == []  # once
    desk.check_replay()


@pytest.mark.holds("T35")
def test_a_position_is_looked_at_like_money() -> None:
    desk = traded()
    say(desk, SECOND, {P: -AT_F.lot}, F)
    (found,) = about_quarantine(say(desk, 3 * SECOND, {P: -AT_F.lot}, F))
    assert isinstance(found, Quarantine)
    assert (found.asset, found.difference) == (P, -AT_F.lot)


def test_what_the_venue_leaves_out_is_nothing() -> None:
    desk = Desk()
    for second in (1, 3):
        told = tuple(h for h in held(desk, A) if (h.account, h.asset) != (MAIN, BTC))
        commands = desk.tell(answer(A, desk.last_query(), second * SECOND, held=told))
    (found,) = about_quarantine(commands)  # pyright: ignore[reportPossiblyUnboundVariable]
    assert isinstance(found, Quarantine)
    assert found.difference == -100 * WHOLE


def test_a_venue_that_does_not_say_what_is_held_says_nothing() -> None:
    desk = Desk()
    for second in (1, 3, 9):
        commands = desk.tell(answer(A, desk.last_query(), second * SECOND))
        assert about_quarantine(commands) == []
    assert desk.state.differences == {}


def test_a_difference_that_changes_begins_anew() -> None:
    desk = Desk()
    for second, more in ((1, 5), (3, 6), (4, 7), (5, 5)):
        assert about_quarantine(say(desk, second * SECOND, {"USDT": more})) == []
    assert about_quarantine(say(desk, 7 * SECOND, {"USDT": 5})) != []


def test_a_difference_that_goes_away_in_time_was_on_its_way() -> None:
    desk = Desk()
    say(desk, SECOND, {"USDT": 5})
    say(desk, 2 * SECOND)
    assert about_quarantine(say(desk, 4 * SECOND, {"USDT": 5})) == []


@pytest.mark.holds("T35")
def test_an_answer_older_than_what_we_know_says_nothing() -> None:
    """The fill reached us before the answer did, and the answer was made before the fill."""
    desk = Desk()
    order = desk.place(buy("o", 10))
    before = tuple(held(desk, A))
    fill = trade(order.new.cl_ord_id, 10, "x")
    desk.tell(replace(fill, transact_at=5 * SECOND, cum_qty=10))
    for second in (2, 4):
        desk.tell(answer(A, desk.last_query(), second * SECOND, held=before))
    assert desk.state.differences == {}
    desk.tell(answer(A, desk.last_query(), 5 * SECOND, held=before))
    assert desk.state.differences != {}


@pytest.mark.holds("T35")
def test_a_late_fill_makes_what_we_know_no_older() -> None:
    desk = Desk()
    orders = [desk.place(buy(key, 5)) for key in ("late", "o")]
    before = tuple(held(desk, A))
    for order, at in ((orders[1], 5), (orders[0], 3)):
        fill = trade(order.new.cl_ord_id, 5, f"x{at}")
        desk.tell(replace(fill, transact_at=at * SECOND, cum_qty=5))
    assert desk.state.venues[A].latest == 5 * SECOND
    desk.tell(answer(A, desk.last_query(), 4 * SECOND, held=before))
    assert desk.state.differences == {}


def test_differences_are_of_one_account_at_one_venue() -> None:
    desk = quarantined()
    assert names(desk.tell(buy("other", account=OTHER))).startswith("Accept")
    assert names(say(desk, 9 * SECOND, None, B)) == ""
    assert list(desk.state.quarantined) == ["main@SIM-A/USDT"]


@pytest.mark.holds("T35")
@pytest.mark.parametrize("asset", ["USDT", "BTC"])
def test_nothing_new_moves_what_is_in_quarantine(asset: str) -> None:
    desk = quarantined(asset)
    for n, event in enumerate((buy("b"), sell("s"), buy("c", strategy_id=S2))):
        (refused,) = [c for c in desk.tell(event) if isinstance(c, Refuse)]
        assert [(r.code, r.value) for r in refused.reasons] == [("RISK-016", asset)], n


def test_what_does_not_touch_it_goes_on() -> None:
    desk = quarantined(ETH)
    assert new_orders(desk.tell(buy("b")))
    assert ETH in next(iter(desk.state.quarantined))


def test_a_contract_in_quarantine_is_not_traded_and_its_neighbours_are() -> None:
    desk = Desk()
    for second in (1, 3):
        say(desk, second * SECOND, {P: AT_F.lot}, F)
    (refused,) = [c for c in desk.tell(buy("b", instrument=AT_F)) if isinstance(c, Refuse)]
    assert [(r.code, r.value) for r in refused.reasons] == [("RISK-016", P)]
    assert new_orders(desk.tell(buy("a")))


@pytest.mark.holds("T35")
def test_what_is_out_can_be_cancelled_and_stays_otherwise() -> None:
    desk = Desk()
    desk.place(buy("o", 10))
    for second in (1, 3):
        say(desk, second * SECOND, {"USDT": 5})
    assert "CancelOrder" in names(desk.tell(cancel("c", "o")))


def test_it_is_over_when_the_venue_agrees_again() -> None:
    desk = quarantined()
    commands = say(desk, 5 * SECOND)
    assert about_quarantine(commands) == [ReleaseQuarantine(account=MAIN, venue_id=A, asset=USDT)]
    assert Alert(topic="quarantine is over", about="main@SIM-A/USDT: the venue agrees again") in (
        commands
    )
    assert new_orders(desk.tell(buy("b")))


def test_another_difference_takes_its_place() -> None:
    desk = quarantined()
    assert about_quarantine(say(desk, 5 * SECOND, {"USDT": 8})) == []
    (found,) = about_quarantine(say(desk, 7 * SECOND, {"USDT": 8}))
    assert isinstance(found, Quarantine)
    assert found.difference == 8


def adjusted(desk: Desk, amount: int) -> None:
    desk.tell(adjustment(f"adjust {amount}", amount))


def test_an_adjustment_of_all_of_it_ends_it_for_good() -> None:
    desk = quarantined()
    adjusted(desk, 5)
    assert new_orders(desk.tell(buy("b")))
    for second in (5, 9):
        assert about_quarantine(say(desk, second * SECOND)) == []


def test_what_an_adjustment_leaves_is_a_new_difference() -> None:
    desk = quarantined()
    adjusted(desk, 3)
    assert desk.state.quarantined == {}
    assert about_quarantine(say(desk, 5 * SECOND, {"USDT": 2})) == []
    (found,) = about_quarantine(say(desk, 7 * SECOND, {"USDT": 2}))
    assert isinstance(found, Quarantine)
    assert found.difference == 2


@pytest.mark.holds("T35")
@pytest.mark.parametrize(("asset", "venue_id"), [(P, F), ("XAUT", A)])
def test_what_we_never_had_is_explained_when_the_venue_has_none_either(
    asset: str, venue_id: VenueID
) -> None:
    """A venue names nothing of which there is nothing."""
    desk = Desk()
    for second in (1, 3):
        say(desk, second * SECOND, {asset: 1_000}, venue_id)
    (released,) = about_quarantine(say(desk, 5 * SECOND, None, venue_id))
    assert isinstance(released, ReleaseQuarantine)
    assert (desk.state.differences, desk.state.quarantined) == ({}, {})
    desk.check_replay()


@pytest.mark.holds("T35")
@pytest.mark.parametrize(("lots", "is_sent"), [(14, False), (6, True)])
def test_a_replace_that_waited_for_its_turn_waits_on_if_it_asks_for_more(
    lots: int, is_sent: bool
) -> None:
    desk = Desk()
    desk.equip()
    cl_ord_id = desk.place(buy("o", 10)).new.cl_ord_id
    assert names(desk.tell(change("r", "o", qty=Atoms(lots * LOT)))) == "AmendParent"
    for second in (1, 3):
        say(desk, second * SECOND, {"USDT": 5})
    commands = desk.tell(report(cl_ord_id, ExecType.NEW, "n"))
    assert ("ReplaceOrder" in names(commands)) is is_sent
    if not is_sent:
        assert names(commands) == "ArmTimer"
        say(desk, 5 * SECOND)
        desk.later(1)
        assert "ReplaceOrder" in names(desk.wake("retry/o"))
    desk.check_replay()


@pytest.mark.holds("T35")
def test_nothing_is_cancelled_to_be_sent_anew_while_that_would_be_refused() -> None:
    desk = Desk()
    cl_ord_id = desk.place(buy("o", 10)).new.cl_ord_id
    desk.tell(change("r", "o", qty=Atoms(6 * LOT)))
    for second in (1, 3):
        say(desk, second * SECOND, {"USDT": 5})
    assert names(desk.tell(report(cl_ord_id, ExecType.NEW, "n"))) == "ArmTimer"


@pytest.mark.holds("T35")
def test_what_fees_are_paid_in_is_moved_too() -> None:
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=(SPOT_FEES,)))
    assert "RISK-016" not in refused_for(desk.tell(buy("before", instrument=SPOT_FEES)))
    for second in (1, 3):
        say(desk, second * SECOND, {FEES: 5}, F)
    assert refused_for(desk.tell(buy("b", instrument=SPOT_FEES)))["RISK-016"] == FEES


def refused_for(commands: list[Command]) -> dict[str, str]:
    return {r.code: r.value for c in commands if isinstance(c, Refuse) for r in c.reasons}
