"""A person explains a difference: money or contracts come or go, and nobody earns by it."""

from typing import Any

import pytest

from derivatives import CONTRACTS, INVERSE, LINEAR, deposits
from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.engine.apply_held import total_at
from omnivenue.engine.equity import equity
from omnivenue.engine.rate import rates
from omnivenue.engine.state import Quarantined, place
from omnivenue.ledger import LONG, SHORT, contracts, free, margin
from omnivenue.message import (
    AccountOpened,
    AdjustmentInstructed,
    Alert,
    InstrumentsListed,
    ReleaseQuarantine,
)
from omnivenue.model import AssetID, InstructionID, Instrument, Nanos
from scene import (
    AT_A,
    BTC,
    MAIN,
    S1,
    USDT,
    VENUES,
    WHOLE,
    A,
    Desk,
    F,
    buy,
    names,
    quote,
    ticks,
    trade,
    without_marks,
)


def adjust(key: str, asset: str, amount: int, **more: Any) -> AdjustmentInstructed:
    given: dict[str, Any] = {"venue_id": A if asset in (USDT, AT_A.instrument_id) else F} | more
    return AdjustmentInstructed(
        instruction_id=InstructionID(key),
        body_hash=f"{asset} {amount} {given}",
        account=MAIN,
        asset=AssetID(asset),
        amount=amount,
        reason="a fill by telephone",
        **given,
    )


def funded() -> Desk:
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=CONTRACTS))
    for event in deposits((MAIN,)):
        desk.tell(event)  # pyright: ignore[reportArgumentType]
    desk.state.marks |= {
        LINEAR.instrument_id: 60_000 * WHOLE,
        INVERSE.instrument_id: 60_000 * WHOLE,
        AT_A.instrument_id: 60_000 * WHOLE,
    }
    return desk


def conserved(desk: Desk) -> bool:
    sums: dict[AssetID, int] = {}
    for balances in desk.state.ledger.paths.values():
        for asset, amount in balances.items():
            sums[asset] = sums.get(asset, 0) + amount
    return not any(sums.values())


@pytest.mark.parametrize("amount", [5, -3])
def test_money_comes_from_the_world_or_goes_there(amount: int) -> None:
    desk = Desk()
    before = desk.balance(free(MAIN, A), USDT)
    commands = desk.tell(adjust("a", USDT, amount))
    assert desk.balance(free(MAIN, A), USDT) - before == amount
    about = f"main@SIM-A/USDT: {amount:+d} atoms, a fill by telephone"
    assert without_marks(commands) == [Alert(topic="adjustment", about=about)]
    assert conserved(desk)
    desk.check_replay()


def test_its_key_answers_again_and_moves_nothing() -> None:
    desk = Desk()
    desk.tell(adjust("a", USDT, 5))
    before = desk.balance(free(MAIN, A), USDT)
    assert desk.tell(adjust("a", USDT, 5)) == []
    desk.place(buy("o"))
    assert desk.tell(adjust("o", USDT, 5)) == []  # an order has this key
    assert desk.state.requests[InstructionID("a")].seq == desk.state.seq - 4
    assert desk.balance(free(MAIN, A), USDT) <= before
    assert InstructionID("o") not in desk.state.requests


@pytest.mark.parametrize(
    ("instrument", "qty", "cost"),
    [
        (LINEAR, 2 * WHOLE, 120_000 * WHOLE),
        (LINEAR, -WHOLE, -60_000 * WHOLE),
        (INVERSE, 60_000 * WHOLE, -WHOLE),  # who buys it receives
        (INVERSE, -120_000 * WHOLE, 2 * WHOLE),
    ],
)
def test_contracts_come_at_the_mark_and_their_money_stays(
    instrument: Instrument, qty: int, cost: int
) -> None:
    desk, instrument_id = funded(), instrument.instrument_id
    had, was_worth = total_at(desk.state, MAIN, F), equity(desk.state, MAIN)
    desk.tell(adjust("a", instrument_id, qty))
    position = desk.state.positions[MAIN][EXTERNAL][instrument_id]
    assert (position.qty, position.cost, position.realized) == (qty, cost, 0)
    now = total_at(desk.state, MAIN, F)
    assert now.pop(AssetID(instrument_id)) == qty
    assert now == had  # the venue's money is another difference
    more = rates(desk.state).worth(instrument.settle, cost)
    assert equity(desk.state, MAIN) - was_worth == more  # until that is adjusted too
    assert desk.balance(contracts(MAIN, F), instrument.settle) == -cost
    exposure = desk.state.exposures[MAIN][instrument_id]
    assert (exposure.net, exposure.legs[""].cost) == (qty, cost)
    assert desk.balance(margin(MAIN, F), instrument.settle) == instrument.initial_ceil(abs(cost))
    assert conserved(desk)


def test_what_reduces_an_external_position_realises_at_the_mark() -> None:
    desk = funded()
    desk.tell(adjust("a", LINEAR.instrument_id, 2 * WHOLE))
    desk.state.marks[LINEAR.instrument_id] = 61_000 * WHOLE
    cash = desk.balance(free(MAIN, F), USDT) + desk.balance(margin(MAIN, F), USDT)
    desk.tell(adjust("b", LINEAR.instrument_id, -2 * WHOLE))
    position = desk.state.positions[MAIN][EXTERNAL][LINEAR.instrument_id]
    assert (position.qty, position.cost, position.realized) == (0, 0, 2_000 * WHOLE)
    assert desk.balance(contracts(MAIN, F), USDT) == 0
    assert desk.balance(margin(MAIN, F), USDT) == 0
    assert desk.balance(free(MAIN, F), USDT) - cash == -120_000 * WHOLE
    assert conserved(desk)


def test_other_strategies_keep_what_they_have() -> None:
    desk = funded()
    desk.books.update(quote(desk.at, 60_000, LINEAR))
    order = desk.place(buy("o", 10, instrument=LINEAR, px=60_000 * WHOLE))
    desk.tell(trade(order.new.cl_ord_id, 10, "x", ticks(60_000, LINEAR)))
    before = desk.state.positions[MAIN][S1][LINEAR.instrument_id].qty
    desk.tell(adjust("a", LINEAR.instrument_id, -before))
    assert desk.state.positions[MAIN][S1][LINEAR.instrument_id].qty == before
    assert desk.state.exposures[MAIN][LINEAR.instrument_id].net == 0


def test_a_hedging_account_closes_a_leg_where_it_can() -> None:
    desk = Desk()
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES, hedging=True))
    desk.tell(InstrumentsListed(instruments=CONTRACTS))
    desk.state.marks[LINEAR.instrument_id] = 60_000 * WHOLE

    def legs() -> dict[str, int]:
        found = desk.state.positions[MAIN][EXTERNAL][LINEAR.instrument_id].legs
        return {name: leg.qty for name, leg in found.items()}

    desk.tell(adjust("a", LINEAR.instrument_id, 2 * WHOLE))
    assert legs() == {LONG: 2 * WHOLE}
    desk.tell(adjust("b", LINEAR.instrument_id, -WHOLE))
    assert legs() == {LONG: WHOLE}
    desk.tell(adjust("c", LINEAR.instrument_id, -2 * WHOLE))  # more than there is to close
    assert legs() == {LONG: WHOLE, SHORT: -2 * WHOLE}


def test_a_spot_pair_has_a_position_and_no_money_of_its_own() -> None:
    desk = Desk()
    paths = {path: dict(found) for path, found in desk.state.ledger.paths.items()}
    desk.tell(adjust("a", AT_A.instrument_id, WHOLE))
    assert desk.state.positions[MAIN][EXTERNAL][AT_A.instrument_id].qty == WHOLE
    assert desk.state.ledger.paths == paths
    assert desk.balance(free(MAIN, A), BTC) == 100 * WHOLE


def test_it_ends_the_quarantine_of_what_it_is_about() -> None:
    desk = Desk()
    for asset in (USDT, BTC):
        desk.state.quarantined[place(MAIN, A, asset)] = Quarantined(
            account=MAIN, venue_id=A, asset=asset, difference=5, since=Nanos(0)
        )
    commands = desk.tell(adjust("a", USDT, 5))
    assert names(commands) == "Alert ReleaseQuarantine Alert"
    assert commands[1] == ReleaseQuarantine(account=MAIN, venue_id=A, asset=USDT)
    assert list(desk.state.quarantined) == [place(MAIN, A, BTC)]
