"""The best input of a cycle, against every input there is."""

from collections.abc import Callable
from random import Random

import pytest

from omnivenue.reference.sizing import Size, Slack, best_size

type Pool = tuple[int, int, int]  # what comes in is held, what goes out is held, fee in bps


def through(pools: list[Pool], amount: int) -> int:
    """A round through pools of the constant-product kind, each rounding down."""
    for held_in, held_out, fee_bps in pools:
        kept = amount * (10_000 - fee_bps)
        amount = kept * held_out // (held_in * 10_000 + kept)
    return amount


def slack_of(pools: list[Pool]) -> Slack:
    """A unit for each pool, and what the pools after it make of it at their best price."""
    slack = 0
    for held_in, held_out, _ in pools:
        slack = -(-slack * held_out // held_in) + 1
    return lambda _: slack


def always(slack: int) -> Slack:
    return lambda _: slack


def earning(pools: list[Pool], most: int) -> Callable[[int], int | None]:
    return lambda amount: None if amount > most else through(pools, amount) - amount


def best_of_all(pools: list[Pool], most: int) -> tuple[int, int]:
    earned, less_in = max((through(pools, x) - x, -x) for x in range(1, most + 1))
    return earned, -less_in


def drawn(random: Random) -> list[Pool]:
    def held() -> int:
        return random.randint(1, 10 ** random.randint(1, 5))

    return [(held(), held(), random.choice((0, 5, 30, 100))) for _ in range(random.randint(1, 4))]


@pytest.mark.parametrize("seed", range(300))
def test_nothing_earns_more_and_nothing_less_in_earns_as_much(seed: int):
    random = Random(seed)
    pools, most = drawn(random), random.randint(1, 3_000)
    found = best_size(earning(pools, most), most, slack_of(pools), tried_max=64)
    assert found is not None
    earned, amount_in = best_of_all(pools, most)
    if found.within == 0:
        assert (found.earned, found.amount_in) == (earned, amount_in)
    assert earned <= found.earned + found.within
    assert found.earned == through(pools, found.amount_in) - found.amount_in


def test_most_ranges_are_narrowed_with_certainty():
    sure = 0
    for seed in range(300):
        random = Random(seed)
        pools, most = drawn(random), random.randint(1, 3_000)
        found = best_size(earning(pools, most), most, slack_of(pools))
        sure += found is not None and found.within == 0
    assert sure == 300, "so few inputs are all tried"


def test_a_cycle_worked_by_hand():
    """No fee: out = 4,000 x / (1,000 + x) bought at one unit each earns most at x = 1,000:
    the root of 1,000 * 4,000 is 2,000, less 1,000."""
    found = best_size(earning([(1_000, 4_000, 0)], 10_000), 10_000, always(1), tried_max=1_000)
    assert found == Size(earned=1_000, amount_in=1_000, within=0)


def test_a_cycle_that_only_loses_is_told_with_what_it_loses():
    assert best_size(earning([(10_000, 5_000, 30)], 10_000), 10_000, always(1)) == Size(-1, 1, 0)


def test_what_no_hop_accepts_has_no_size():
    assert best_size(lambda _: None, 1_000, always(1)) is None
    assert best_size(lambda _: 0, 0, always(1)) is None


def test_what_hops_refuse_of_large_inputs_bounds_the_size():
    pools = [(1_000, 4_000, 0)]
    found = best_size(earning(pools, 700), 10**9, always(1), tried_max=16)
    assert found is not None and found.amount_in == 700


def test_rounding_that_hides_the_best_is_told():
    """A middle token of few decimals: a million inputs in a row buy the same."""
    pools = [(10**24, 10**12, 30), (10**12, 2 * 10**24, 30)]
    found = best_size(earning(pools, 10**30), 10**30, slack_of(pools))
    assert found is not None and found.within > 0
    assert found.earned > 0


def test_what_is_lost_is_asked_again_where_less_goes_in():
    """With what may be lost of the largest input the last steps could not be told apart."""
    asked: list[int] = []

    def slack_up_to(amount: int) -> int:
        asked.append(amount)
        return 100 if amount > 5_000 else 1

    pools = [(1_000, 4_000, 0)]
    found = best_size(earning(pools, 10**4), 10**4, slack_up_to, tried_max=400)
    assert found == Size(earned=1_000, amount_in=1_000, within=0)
    assert (asked[0], len(asked)) == (10**4, 2)
    unsure = best_size(earning(pools, 10**4), 10**4, always(100), tried_max=400)
    assert unsure is not None and unsure.within == 200


def test_once_nothing_is_proven_any_more_few_are_tried():
    pools = [(10**21, 2 * 10**21, 30), (10**21, 10**21, 30)]
    tries = 0

    def earned(amount: int) -> int:
        nonlocal tries
        tries += 1
        return through(pools, amount) - amount

    found = best_size(earned, 10**21, slack_of(pools))
    assert found is not None and 0 < found.within < 20
    assert tries < 400
    best = max(earned(found.amount_in + step) for step in (-(10**9), -1, 1, 10**9))
    assert best <= found.earned + found.within
