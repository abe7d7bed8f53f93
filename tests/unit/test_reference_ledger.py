"""The ledger against another one that was written from the rules: no atom between them.

`make ledger` does the same a million times. Here it is long enough to find what is planted.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from omnivenue.engine import apply_money, decode_state, settle
from omnivenue.ledger import LONG, SHORT, Ledger, Leg, Position
from omnivenue.message import FundingPaid, encode
from omnivenue.model import AccountID, Fill, Instrument, Side, mul_div_floor
from reference_ledger import ReferenceLedger, core_lines, differences, units_apart
from scene import MAIN, USDT, A, Desk
from trading_floor import Floor

POSTINGS = 20_000
TO_FIND_A_BUG = 6_000


@pytest.mark.holds("T36", "I13")
@pytest.mark.parametrize("seed", [1, 2])
def test_no_unit_of_difference(seed: int) -> None:
    floor = Floor(seed)
    while floor.reference.postings < POSTINGS:
        floor.run(floor.reference.postings + POSTINGS // 10)
        assert floor.units_apart() == 0, list(
            differences(core_lines(floor.state), floor.reference.lines())
        )
    for kind in ("trades", "busts", "corrections", "fundings", "adjustments"):
        assert floor.counts[kind] >= 4, floor.counts
    fee_assets = {line[-1] for line in core_lines(floor.state) if line[0] == "fees"}
    assert fee_assets == {"USDT", "BTC", "BNB"}
    signs = {amount > 0 for line, amount in core_lines(floor.state).items() if line[0] == "fee"}
    assert signs == {True, False}, "no rebates"
    assert floor.state.quarantined == {}, "the exchanges' balances say the same"
    again = decode_state(encode(floor.state))
    assert units_apart(again, floor.reference) == 0


def test_one_atom_is_seen_wherever_it_is() -> None:
    desk, reference = Desk(), ReferenceLedger()
    for line, atoms in core_lines(desk.state).items():
        _, account, venue_id, asset = line
        reference.deposit(account, venue_id, asset, atoms)  # pyright: ignore[reportArgumentType]
    assert units_apart(desk.state, reference) == 0
    desk.state.ledger.paths[f"{MAIN}@{A}/held"] = {USDT: 1}
    assert units_apart(desk.state, reference) == 2  # more than there was, and from nowhere
    desk.state.positions[MAIN] = {"s": {"x": Position(realized=-3)}}  # pyright: ignore
    assert units_apart(desk.state, reference) == 5


# Bugs that somebody could write.

POST, TRADE, PAID = settle.post_fill, Leg.trade, Instrument.paid_ceil


def keeps_the_fee_of_a_bust(
    ledger: Ledger, account: AccountID, instrument: Instrument, side: Side, fill: Fill, sign: int
) -> int:
    if sign < 0:
        fill = msgspec.structs.replace(fill, fee=0)
    return POST(ledger, account, instrument, side, fill, sign)


def takes_rebates_for_fees(
    ledger: Ledger, account: AccountID, instrument: Instrument, side: Side, fill: Fill, sign: int
) -> int:
    fill = msgspec.structs.replace(fill, fee=abs(fill.fee))
    return POST(ledger, account, instrument, side, fill, sign)


def pays_fees_in_cash(
    ledger: Ledger, account: AccountID, instrument: Instrument, side: Side, fill: Fill, sign: int
) -> int:
    fill = msgspec.structs.replace(fill, fee_asset=instrument.cash)
    return POST(ledger, account, instrument, side, fill, sign)


def posts_one_side_only(
    ledger: Ledger, account: AccountID, instrument: Instrument, side: Side, fill: Fill, sign: int
) -> int:
    paid = POST(ledger, account, instrument, side, fill, sign)
    ledger.paths[f"world@{instrument.venue_id}"][instrument.cash] -= paid
    return paid


def rounds_for_us(self: Instrument, side: Side, atoms: int, px: int) -> int:
    exact = PAID(self, side, atoms, px)
    x, y, below = self._amount(atoms, px)  # pyright: ignore[reportPrivateUsage]
    return mul_div_floor(x, y, below) if exact > 0 else exact


def buys_inverse_like_linear(self: Instrument, side: Side, atoms: int, px: int) -> int:
    paid = PAID(self, side, atoms, px)
    return -paid if self.settle == self.base else paid


def realises_at_the_whole_cost(self: Leg, qty: int, paid: int) -> int:
    if self.qty * qty < 0 and abs(qty) < abs(self.qty):
        released, self.cost = self.cost, 0
        self.qty += qty
        self.realized += -paid - released
        return -paid - released
    return TRADE(self, qty, paid)


def rounds_average_cost_down(self: Leg, qty: int, paid: int) -> int:
    if self.qty * qty < 0 and abs(qty) < abs(self.qty):
        released = self.cost * abs(qty) // abs(self.qty)
        self.qty, self.cost = self.qty + qty, self.cost - released
        self.realized += -paid - released
        return -paid - released
    return TRADE(self, qty, paid)


def never_turns_around(self: Leg, qty: int, paid: int) -> int:
    """What goes through zero is taken to close, all of it."""
    if self.qty * qty < 0 and abs(qty) > abs(self.qty):
        released, self.cost = self.cost, 0
        self.qty += qty
        self.realized += -paid - released
        return -paid - released
    return TRADE(self, qty, paid)


def one_leg_for_all(side: Side, reduces: bool) -> str:
    return LONG if side is Side.BUY else SHORT


def every_payment_is_news(state: Any, paid: FundingPaid) -> bool:
    return True


def first_takes_all(state: Any, account: Any, instrument_id: Any, amount: int) -> Any:
    return [("s1", amount)]


def loses_what_does_not_divide(state: Any, account: Any, instrument_id: Any, amount: int) -> Any:
    return [(s, n - n % 10) for s, n in SHARES(state, account, instrument_id, amount)]


SHARES = apply_money._shares  # pyright: ignore[reportPrivateUsage]


@pytest.mark.holds("PLANT")
@pytest.mark.parametrize(
    ("where", "name", "bug"),
    [
        (settle, "post_fill", keeps_the_fee_of_a_bust),
        (settle, "post_fill", takes_rebates_for_fees),
        (settle, "post_fill", pays_fees_in_cash),
        (settle, "post_fill", posts_one_side_only),
        (settle, "leg_of", one_leg_for_all),
        (Instrument, "paid_ceil", rounds_for_us),
        (Instrument, "paid_ceil", buys_inverse_like_linear),
        (Leg, "trade", realises_at_the_whole_cost),
        (Leg, "trade", rounds_average_cost_down),
        (Leg, "trade", never_turns_around),
        (apply_money, "_is_news", every_payment_is_news),
        (apply_money, "_shares", first_takes_all),
        (apply_money, "_shares", loses_what_does_not_divide),
    ],
    ids=lambda found: getattr(found, "__name__", str(found)),
)
def test_what_is_planted_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, bug: Callable[..., object]
) -> None:
    monkeypatch.setattr(where, name, bug)
    floor = Floor(seed=2)
    floor.run(TO_FIND_A_BUG)
    assert floor.units_apart() > 0


def test_the_floor_is_the_same_for_a_seed() -> None:
    runs = [Floor(seed=5) for _ in range(2)]
    for floor in runs:
        floor.run(1_500)
    assert encode(runs[0].state) == encode(runs[1].state)
