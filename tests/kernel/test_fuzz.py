"""A little of what `make kernel-fuzz` throws, and that it would notice."""

from typing import Any

import pytest

from kernel.fuzz import fuzz, tell

compiled: Any = pytest.importorskip("omnivenue_kernel", reason="the compiled kernel is not built")


@pytest.mark.covers("D1")
def test_whatever_comes_ends_in_an_answer_or_a_typed_error() -> None:
    ended = fuzz(compiled, 8_000, seed=1)
    assert set(ended) == {"answered", "QuoteError", "ValueError", "TypeError", "OverflowError"}
    assert ended["answered"] > 1_000


def test_what_is_no_typed_error_is_a_failure() -> None:
    def panics() -> None:
        raise RuntimeError("the kernel is at fault")

    with pytest.raises(RuntimeError):
        tell(panics)


@pytest.mark.parametrize("amount", [True, 1.0, "1", None])
def test_an_amount_is_an_int_and_nothing_else(amount: Any) -> None:
    pool = compiled.V2Pool((10, 10), 30)
    with pytest.raises(TypeError, match="an int is wanted"):
        pool.exact_in(0, 1, amount)


def test_a_pool_that_contradicts_itself_is_refused() -> None:
    price = compiled.ratio_at(0)
    with pytest.raises(ValueError, match="add up"):
        compiled.V3Pool(3_000, 60, price, 0, 5, (-60, 60), (4, -4))
    with pytest.raises(ValueError, match="spacing"):
        compiled.V3Pool(3_000, 60, price, 0, 4, (-61, 60), (4, -4))
    with pytest.raises(ValueError, match="fee"):
        compiled.V2Pool((10, 10), 10_000)
    with pytest.raises(ValueError, match="weight"):
        compiled.WeightedPool((1, 2), (1, 1), (1,), 0)
