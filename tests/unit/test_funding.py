"""Funding: paid once for each id, to the atom, to whom it is due."""

import pytest

from derivatives import CONTRACTS, INVERSE, deposits
from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.engine.apply_money import KEEP
from omnivenue.ledger import Position, free
from omnivenue.message import Alert, Event, FundingPaid, InstrumentsListed
from omnivenue.model import SECOND, AccountID, InstrumentID, Nanos, StrategyID
from scene import AT_F, BTC, MAIN, S1, S2, USDT, A, Desk, F, answer, buy, sell, ticks, trade

FREE = free(MAIN, F)


def paid(funding_id: str, amount: int, at: int = 0, instrument: str = "") -> FundingPaid:
    return FundingPaid(
        funding_id=funding_id,
        account=MAIN,
        venue_id=F,
        instrument_id=InstrumentID(instrument or AT_F.instrument_id),
        amount=amount,
        at=Nanos(at),
    )


def fill(desk: Desk, event: Event, lots: int) -> None:
    order = desk.place(event)  # pyright: ignore[reportArgumentType]
    name = order.new.cl_ord_id
    desk.tell(trade(name, lots, f"{name} x", ticks(60_000, AT_F)))


def held_by(*lots: int) -> Desk:
    """By s1, s2 and so on: so many lots of the perpetual, negative where short."""
    desk = Desk()
    for n, qty in enumerate(lots, 1):
        make = buy if qty > 0 else sell
        strategy = StrategyID(f"s{n}")
        fill(desk, make(f"o{n}", abs(qty), strategy_id=strategy, instrument=AT_F), abs(qty))
    return desk


def fundings(desk: Desk, account: AccountID = MAIN) -> dict[StrategyID, int]:
    positions = desk.state.positions[account]
    found = {s: p[AT_F.instrument_id].funding for s, p in positions.items()}
    return {s: amount for s, amount in found.items() if amount}


@pytest.mark.parametrize(
    ("lots", "amount", "shares"),
    [
        ((10,), -70, {"s1": -70}),
        ((10, 20), -90, {"s1": -30, "s2": -60}),
        ((10, 20), 100, {"s1": 33, "s2": 67}),
        ((10, 20), -100, {"s1": -34, "s2": -66}),
        ((7, 7, 7), 10, {"s1": 3, "s2": 3, "s3": 4}),
        ((30, -10), -20, {"s1": -30, "s2": 10}),  # the short one receives
        ((-30, 10), 7, {"s1": 10, "s2": -3}),
        ((5, -5), 9, {"EXTERNAL": 9}),  # together they hold nothing
    ],
)
def test_funding_is_shared_by_what_each_holds(
    lots: tuple[int, ...], amount: int, shares: dict[str, int]
) -> None:
    desk = held_by(*lots)
    before = desk.balance(FREE, USDT)
    desk.tell(paid("f1", amount))
    assert desk.balance(FREE, USDT) - before == amount
    assert fundings(desk) == shares
    desk.check_replay()


def test_funding_of_an_account_without_positions_is_its_own() -> None:
    desk = Desk()
    desk.tell(paid("f1", 5))
    assert fundings(desk) == {EXTERNAL: 5}


@pytest.mark.holds("T17")
def test_the_same_payment_twice_is_one_however_it_comes() -> None:
    desk = held_by(10)
    before = desk.balance(FREE, USDT)
    for event in (paid("f1", -70, 5), paid("f1", -70, 5), paid("f2", -7, 6)):
        desk.tell(event)
    desk.tell(answer(F, desk.last_query(F), 10, fundings=(paid("f1", -70, 5), paid("f3", -1, 7))))
    assert desk.balance(FREE, USDT) - before == -78
    assert fundings(desk) == {S1: -78}
    assert desk.state.venues[F].latest == 7


def test_an_id_means_a_payment_of_one_venue() -> None:
    desk = held_by(10)
    desk.tell(paid("f1", -70))
    elsewhere = FundingPaid(
        funding_id="f1",
        account=MAIN,
        venue_id=A,
        instrument_id=AT_F.instrument_id,
        amount=3,
        at=Nanos(0),
    )
    before = desk.balance(free(MAIN, A), USDT)
    desk.tell(elsewhere)
    assert desk.balance(free(MAIN, A), USDT) - before == 3


def test_ids_are_forgotten_once_their_time_has_been_told_of_long_ago() -> None:
    desk = held_by(10)
    for n in range(5):
        desk.tell(paid(f"f{n}", -1, n * SECOND))
    desk.tell(answer(F, desk.last_query(F), 3 * SECOND + KEEP))
    before = desk.balance(FREE, USDT)
    desk.tell(paid("f9", -1, KEEP))
    assert sorted(desk.state.fundings[F]) == ["f3", "f4", "f9"]
    desk.tell(paid("f1", -1, SECOND))  # again, after it was forgotten
    desk.tell(paid("f4", -1, 4 * SECOND))
    assert desk.balance(FREE, USDT) - before == -1
    desk.check_replay()


def test_funding_is_paid_in_what_the_contract_settles_in() -> None:
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=CONTRACTS))
    for event in deposits((MAIN,)):
        desk.tell(event)  # pyright: ignore[reportArgumentType]
    before = desk.balance(FREE, BTC)
    desk.tell(paid("f1", 12, instrument=INVERSE.instrument_id))
    assert desk.balance(FREE, BTC) - before == 12


def test_funding_of_what_is_not_listed_is_told_and_moves_nothing() -> None:
    desk = Desk()
    ledger = desk.state.ledger.paths.copy()
    commands = desk.tell(paid("f1", 5, instrument="SIM-F:PERPETUAL:NO-NE"))
    assert commands == [
        Alert(topic="unknown funding", about="f1: SIM-F:PERPETUAL:NO-NE is not listed")
    ]
    assert desk.state.ledger.paths == ledger
    told = answer(F, desk.last_query(F), 9, fundings=(paid("f2", 5, instrument="NONE"),))
    assert any(isinstance(c, Alert) and c.about.startswith("f2") for c in desk.tell(told))


def test_a_position_tells_funding_from_its_trades() -> None:
    desk = held_by(10)
    desk.tell(paid("f1", -70))
    position: Position = desk.state.positions[MAIN][S1][AT_F.instrument_id]
    assert (position.funding, position.realized) == (-70, 0)
    assert S2 not in desk.state.positions[MAIN]
