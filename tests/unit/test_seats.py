"""Seats: one a connection, given back once, whatever still runs when the connection has gone."""

import pytest

from omnivenue.api import Seats
from omnivenue.api.seats import TOKEN_MAX, Full


@pytest.mark.holds("T58")
def test_a_token_has_so_many_and_each_comes_back() -> None:
    seats = Seats()
    taken = [seats.stranger(lambda: None) for _ in range(TOKEN_MAX + 1)]
    for seat in taken[:-1]:
        seat.take("a")
        seat.take("a")
    with pytest.raises(Full):
        taken[-1].take("a")
    taken[-1].take("b")
    taken[0].leave()
    taken[-1].take("a")
    for seat in taken:
        seat.leave()
        seat.leave()
    assert not seats.strangers


@pytest.mark.holds("T58")
def test_who_has_gone_takes_none() -> None:
    seats = Seats()
    for _ in range(TOKEN_MAX):
        gone = seats.stranger(lambda: None)
        gone.leave()
        gone.take("a")
    seats.stranger(lambda: None).take("a")
    assert not seats.strangers
