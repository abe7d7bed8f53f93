"""What orders and trades do to the money: through the whole core, to the atom."""

import pytest

from omnivenue.ledger import contracts, free, held, margin
from omnivenue.message import (
    InstrumentsListed,
)
from omnivenue.model import (
    AssetID,
    Atoms,
    Side,
)
from scene import (
    AT_F,
    BTC,
    BUY,
    ETH,
    LOT,
    MAIN,
    SELL,
    USDT,
    WHOLE,
    A,
    Desk,
    F,
    buy,
    deposit,
    listed,
    new_orders,
    order,
    quote,
    sell,
    ticks,
    trade,
)


def test_an_order_holds_its_cost_and_fee_and_a_fill_settles_them() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    cost = 10 * LOT * 60_000 * 1001 // 1000
    assert desk.balance(held(MAIN, A), USDT) == cost
    desk.tell(trade(placed.new.cl_ord_id, 4))
    assert desk.balance(held(MAIN, A), USDT) == cost * 6 // 10
    assert desk.balance(free(MAIN, A), BTC) == 100 * WHOLE + 4 * LOT
    spent = 10_000_000 * WHOLE - desk.balance(free(MAIN, A), USDT)
    assert spent == cost * 6 // 10 + 4 * LOT * 60_000 + 7


def test_a_spot_sale_holds_what_it_sells() -> None:
    desk = Desk()
    desk.place(sell("i"))
    assert desk.balance(held(MAIN, A), BTC) == 10 * LOT
    assert desk.balance(held(MAIN, A), USDT) == 0


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_perpetual_holds_its_fee_and_binds_margin_for_the_rest(side: Side) -> None:
    """Without tiers all of the amount; sold, at the mark, where it may fill."""
    desk = Desk()
    placed = desk.place(order("i", side, instrument=AT_F, px=60_000 * WHOLE))
    amount = 10 * AT_F.lot * 60_000
    reserved = amount if side is BUY else 10 * AT_F.lot * 60_010
    assert desk.balance(held(MAIN, F), USDT) == reserved // 1000
    assert desk.balance(margin(MAIN, F), USDT) == reserved
    desk.tell(trade(placed.new.cl_ord_id, 10, px=ticks(60_000, AT_F)))
    assert desk.balance(held(MAIN, F), USDT) == 0
    assert desk.balance(margin(MAIN, F), USDT) == amount
    path, contract = contracts(MAIN, F), AssetID(AT_F.instrument_id)
    assert desk.balance(path, contract) == side.sign * 10 * AT_F.lot
    assert desk.balance(path, USDT) == -side.sign * amount
    assert desk.balance(free(MAIN, F), USDT) == 10_000_000 * WHOLE - amount - 7


def test_closing_a_perpetual_turns_its_profit_into_cash() -> None:
    desk = Desk()
    bought = desk.place(buy("i", instrument=AT_F, px=60_000 * WHOLE))
    desk.tell(trade(bought.new.cl_ord_id, 10, "x", px=ticks(60_000, AT_F), fee=0))
    sold = desk.place(sell("j", instrument=AT_F, px=60_100 * WHOLE))
    desk.tell(trade(sold.new.cl_ord_id, 10, "y", px=ticks(60_100, AT_F), fee=0))
    profit = 10 * AT_F.lot * 100
    assert desk.balance(free(MAIN, F), USDT) == 10_000_000 * WHOLE + profit
    assert desk.balance(margin(MAIN, F), USDT) == 0
    assert not any(desk.state.ledger.paths[contracts(MAIN, F)].values())
    desk.check_replay()


def test_an_order_that_closes_binds_no_margin_for_a_second_time() -> None:
    desk = Desk()
    bought = desk.place(buy("i", instrument=AT_F, px=60_000 * WHOLE))
    desk.tell(trade(bought.new.cl_ord_id, 10, px=ticks(60_000, AT_F), fee=0))
    before = desk.balance(margin(MAIN, F), USDT)
    desk.place(sell("j", instrument=AT_F, px=60_100 * WHOLE))
    assert desk.balance(margin(MAIN, F), USDT) == before
    desk.place(sell("k", instrument=AT_F, px=60_100 * WHOLE))
    both = 20 * AT_F.lot * 60_100  # one closes, and the other is short
    assert desk.balance(margin(MAIN, F), USDT) == max(before, both - before)


def test_a_deposit_is_booked_once() -> None:
    desk = Desk()
    for _ in range(2):
        desk.tell(deposit(MAIN, A, ETH, 5))
    assert desk.balance(free(MAIN, A), ETH) == 5


def test_an_order_is_counted_in_the_version_that_it_was_sent_in() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    finer = listed(A, BTC, version=2, lot=Atoms(10**3), tick=Atoms(10**5))
    desk.tell(InstrumentsListed(instruments=(finer,)))
    desk.tell(trade(placed.new.cl_ord_id, 10))
    assert desk.parent("i").filled == 10 * LOT
    assert desk.balance(held(MAIN, A), USDT) == 0
    desk.books.update(quote(desk.at, 60_000, finer))
    (new,) = new_orders(desk.tell(buy("j")))
    assert (new.instrument_version, new.qty) == (2, 100)
    desk.check_replay()
