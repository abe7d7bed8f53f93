"""Between a venue's lots and ticks and our atoms: each rounding on its right side."""

import pytest

from omnivenue.model import Atoms, Instrument, Side, Ticks
from scene import AT_A, AT_B, AT_F, BTC, BUY, ETH, SELL, USDT, A, listed


def test_lots_round_down_and_atoms_are_exact() -> None:
    assert [AT_A.lots_floor(n * AT_A.lot // 2) for n in range(5)] == [0, 0, 1, 1, 2]
    assert AT_A.atoms(AT_A.lots_floor(7 * AT_A.lot)) == 7 * AT_A.lot


@pytest.mark.parametrize(("side", "want"), [(BUY, [9, 10, 10]), (SELL, [10, 10, 11])])
def test_a_limit_in_ticks_is_never_worse_than_the_limit(side: Side, want: list[int]) -> None:
    px = AT_A.px(Ticks(10))
    assert [AT_A.limit_ticks(side, px + more) for more in (-1, 0, 1)] == want


def test_what_is_paid_rounds_up_and_what_is_received_down() -> None:
    coarse = listed(A, BTC, lot=Atoms(1), tick=Atoms(1))
    assert (coarse.cost_ceil(1, 1), coarse.proceeds_floor(1, 1)) == (1, 0)
    assert (coarse.amount(BUY, 1, 1), coarse.amount(SELL, 1, 1)) == (1, 0)
    assert coarse.cost_ceil(10**8, 7) == coarse.proceeds_floor(10**8, 7) == 7


def test_a_fee_rounds_up() -> None:
    assert [AT_A.fee_ceil(amount) for amount in (0, 1, 1000, 1001)] == [0, 1, 1, 2]


def test_a_multiplier_multiplies_what_is_exchanged() -> None:
    ten = listed(A, BTC, multiplier=10)
    assert ten.cost_ceil(10**8, 7) == ten.proceeds_floor(10**8, 7) == 70


@pytest.mark.parametrize(
    ("instrument", "side", "want"),
    [
        (AT_A, BUY, USDT),
        (AT_A, SELL, BTC),
        (AT_B, SELL, ETH),
        (AT_F, BUY, USDT),
        (AT_F, SELL, USDT),
    ],
)
def test_what_an_order_spends(instrument: Instrument, side: Side, want: str) -> None:
    assert instrument.spends(side) == want


def test_what_an_order_holds() -> None:
    atoms, px = 10**8, 60_000 * 10**8
    assert AT_A.hold_ceil(SELL, atoms, px) == atoms
    assert AT_A.hold_ceil(BUY, atoms, px) == px + px // 1000
    for side in Side:
        assert AT_F.hold_ceil(side, atoms, px) == px + px // 1000
