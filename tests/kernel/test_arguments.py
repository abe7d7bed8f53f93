"""What comes to a kernel that is no amount, token or list: both say so and leave nothing behind."""

import gc
import sys
from collections.abc import Callable
from enum import IntEnum
from types import ModuleType
from typing import Any, override

import pytest

from omnivenue import reference
from omnivenue.reference import Template, Terms

compiled: Any = pytest.importorskip("omnivenue_kernel", reason="the compiled kernel is not built")

ONE = 10**18
HUGE = 2**200 + 12_345
RESERVES = (2**100 + 1, 2**101 + 7)


class Five(IntEnum):
    FIVE = 5


class Odd(int):
    @override
    def __mul__(self, other: int) -> int:
        return 0


class Boast(list[int]):
    @override
    def __len__(self) -> int:
        return 2**62


def pools(kernel: Any) -> list[Any]:
    return [
        kernel.V2Pool((ONE, ONE), 30),
        kernel.V3Pool(500, 10, 2**96, 0, ONE, (-10, 10), (ONE, -ONE)),
        kernel.SolidlyStablePool((ONE, ONE), (18, 18), 1),
        kernel.WeightedPool((ONE, ONE), (ONE, ONE), (ONE // 2, ONE // 2), 10**15),
        kernel.StablePool((ONE, ONE), (ONE, ONE), 200_000, 10**14),
        kernel.CurvePool(Template.BASE2, (ONE, ONE), (18, 18), 20_000, 10**6, 0, 2 * ONE),
    ]


@pytest.mark.parametrize("kernel", [compiled, reference])
@pytest.mark.parametrize("number", [True, False, 5.0, "5", None, Five.FIVE, Odd(5)])
def test_what_is_no_int_is_no_amount_token_or_limit(kernel: ModuleType, number: Any) -> None:
    for pool in pools(kernel):
        asks: list[Callable[[], Any]] = [
            lambda p=pool: p.exact_in(0, 1, number),
            lambda p=pool: p.exact_out(0, 1, number),
            lambda p=pool: p.swap(number, 1, 1_000, by_in=True),
            lambda p=pool: p.swap(0, number, 1_000, by_in=True),
        ]
        if number is not None:
            asks.append(lambda p=pool: p.swap(0, 1, 1_000, number, by_in=True))
        if hasattr(pool, "virtual_price_down"):
            asks += [
                lambda p=pool: p.token_amount_down((number, 1), is_deposit=True),
                lambda p=pool: p.withdraw_one_coin_down(number, 0),
                lambda p=pool: p.withdraw_one_coin_down(1, number),
            ]
        for ask in asks:
            with pytest.raises(TypeError, match="int is wanted"):
                ask()


def test_a_list_that_says_it_is_huge_does_not_end_the_process() -> None:
    pool = pools(compiled)[-1]
    graph = compiled.PoolGraph([pool], [(0, 1)])
    for row in (range(2**62), Boast([1, 2])):
        asks: list[Callable[[], Any]] = [
            lambda r=row: pool.token_amount_down(r, is_deposit=True),
            lambda r=row: graph.cycles(r),
            lambda r=row: graph.cycles([], 4, r),
            lambda r=row: graph.update(r),
            lambda r=row: compiled.PoolGraph(r, r),
            lambda r=row: compiled.WeightedPool(r, (ONE,), (ONE,), 1),
            lambda r=row: compiled.V3Pool(500, 10, 2**96, 0, 0, r, ()),
        ]
        for ask in asks:
            with pytest.raises((MemoryError, OverflowError)):
                ask()
    for text in ("", "12"):
        with pytest.raises(TypeError, match="a list is wanted, not str"):
            pool.token_amount_down(text, is_deposit=True)


@pytest.mark.parametrize("kernel", [compiled, reference])
def test_no_pool_of_a_graph_is_counted_from_its_end(kernel: ModuleType) -> None:
    pool, other = kernel.V2Pool((ONE, ONE), 30), kernel.V2Pool((ONE, 2 * ONE), 30)
    graph = kernel.PoolGraph([pool, pool], [(0, 1), (0, 1)])
    for number in (-1, 2, 2**40):
        with pytest.raises((ValueError, OverflowError)):
            graph.update([(number, other)])
    assert len(graph.cycles([(0, Terms())])) == 0


@pytest.mark.parametrize("kernel", [compiled, reference])
def test_more_hops_than_there_are_tokens_take_no_longer(kernel: ModuleType) -> None:
    pool, other = kernel.V2Pool((ONE, ONE), 30), kernel.V2Pool((ONE, 2 * ONE), 30)
    graph = kernel.PoolGraph([pool, other], [(0, 1), (0, 1)])
    assert len(graph.cycles([(0, Terms())], 2**62)) == 1


def _counts(objects: list[Any]) -> list[int]:
    gc.collect()
    return [sys.getrefcount(each) for each in objects]


def test_no_call_keeps_or_drops_a_reference() -> None:
    pool = compiled.V2Pool(RESERVES, 30)
    graph = compiled.PoolGraph([pool, pool], [(0, 1), (0, 1)])
    request, amount = bytes(6) + b"\1\0", HUGE.to_bytes(32, "little")
    asks: list[Callable[[], Any]] = [
        lambda: pool.exact_in(0, 1, HUGE - 2**200),
        lambda: pool.exact_out(0, 1, 2**70),
        lambda: pool.exact_in(0, 1, HUGE),
        lambda: pool.exact_in(0, 1, -HUGE),
        lambda: pool.exact_in(HUGE, 1, HUGE),
        lambda: pool.exact_in(0, 1, True),
        lambda: pool.swap(0, 1, 2**70, HUGE, by_in=True),
        lambda: compiled.V2Pool(RESERVES, HUGE),
        lambda: compiled.V2Pool(RESERVES, 30).reserves,
        lambda: graph.quotes(request, amount),
        lambda: graph.update([(0, pool), (9, pool)]),
        lambda: list(graph.cycles([(0, Terms())])),
        lambda: compiled.PoolGraph([pool], [RESERVES]),
    ]
    held = [HUGE, RESERVES, *RESERVES, pool, graph, request, amount, compiled.V2Pool]
    held += [reference.V2Pool, reference.QuoteError, reference.Swap]
    for ask in asks:
        _often(ask, 20)  # what is made once
        before = _counts(held)
        _often(ask, 500)
        after = _counts(held)
        assert max(abs(x - y) for x, y in zip(before, after, strict=True)) < 20


def _often(ask: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        try:
            ask()
        except (ValueError, TypeError, OverflowError):
            continue
