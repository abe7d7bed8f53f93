"""Quotes are measured on requests that are what they say, and by a clock that is fair."""

from time import sleep
from typing import Any

import pytest

from omnivenue.cli.bench import quotes, timing
from omnivenue.cli.bench.draws import PRICE_ONE, Draws, Token
from omnivenue.cli.bench.quotes import Request
from omnivenue.kernel import PoolGraph, V2Pool

PAIR = (Token(3_000 * PRICE_ONE // 10**18, 18), Token(PRICE_ONE // 10**6, 6))


@pytest.mark.parametrize("crossed", [0, 1, 3, 6])
def test_so_much_goes_in_that_it_ends_between_two_ticks(crossed: int) -> None:
    draws = Draws(1)
    pools = [quotes.with_ticks(draws, PAIR) for _ in range(3)]
    for _ in range(6):
        number, token_in, token_out, amount = quotes.to_tick(draws, pools, crossed)
        done = pools[number].swap(token_in, token_out, amount, by_in=True)
        assert (done.ticks_crossed, done.is_partial) == (crossed, False)
        more = pools[number].swap(token_in, token_out, amount * 102 // 100, by_in=True)
        assert more.ticks_crossed > crossed


def test_quotes_of_one_range_stay_in_it() -> None:
    pool = quotes.with_ticks(Draws(1), PAIR)
    amounts = quotes.within_a_range(pool, 10)
    assert len(set(amounts)) == 10
    crossed = [pool.swap(0, 1, amount, by_in=True).ticks_crossed for amount in amounts]
    assert crossed == [0] * 10


def test_a_batch_asks_all_pools_for_little_of_what_they_have() -> None:
    draws = Draws(1)
    pools = [quotes.weighted(draws) for _ in range(5)]
    requests = quotes.shares(draws, pools, 40)
    assert {request.pool for request in requests} == set(range(5))
    for number, token_in, token_out, amount in requests:
        assert token_in != token_out
        assert 0 < amount <= pools[number].balances[token_in] // 100


class Wrong:
    """A kernel whose batches are off by one unit."""

    def __init__(self, *graph: Any) -> None:
        self._right = PoolGraph(*graph)

    def quotes(self, requests: bytes, amounts: bytes) -> tuple[bytes, bytes]:
        outs, states = self._right.quotes(requests, amounts)
        return bytes([outs[0] ^ 1]) + outs[1:], states


def test_a_batch_that_answers_otherwise_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    pools = [V2Pool((10**20, 10**20), 30)]
    asked = [Request(0, 0, 1, 10**15)]
    assert quotes.in_batch("x", pools, asked, 1.0, "").value > 0
    monkeypatch.setattr(quotes, "PoolGraph", Wrong)
    with pytest.raises(AssertionError):
        quotes.in_batch("x", pools, asked, 1.0, "")


def test_the_quickest_run_counts_and_preparing_is_not_timed() -> None:
    waits = iter([0.03, 0.01, 0.03])
    made: list[int] = []

    def run() -> int:
        sleep(next(waits, 0.02))
        return len(made)

    seconds, last = timing.quickest(run, prepare=lambda: made.append(1) or sleep(0.001))
    assert 0.01 <= seconds < 0.02
    assert last == len(made) >= timing.RUNS_MIN


def test_a_slow_thing_is_not_run_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "ENOUGH", 0.01)
    calls: list[Any] = []
    timing.quickest(lambda: calls.append(sleep(0.06)))
    assert len(calls) == 2, "ten times what is enough is too much"


def test_each_is_the_time_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "ENOUGH", 0.0)
    assert 900 < timing.each(lambda _: sleep(0.001), [1, 2, 3]) < 5_000
