"""What the contracts of Curve answer at the ends of a pool: both kernels alike.

The contract's view `_calc_withdraw_one_coin` takes `_token_amount * D0 / total_supply` off the
invariant and does not ask whether there are so many shares; `calc_token_amount` computes the
invariant before it touches a balance.
"""

from types import ModuleType
from typing import Any

import pytest

from omnivenue import reference
from omnivenue.reference import QuoteError, Template, Why

compiled: Any = pytest.importorskip("omnivenue_kernel", reason="the compiled kernel is not built")
both = pytest.mark.parametrize("kernel", [compiled, reference])


@both
def test_a_share_beyond_all_is_told_like_all_where_it_is_worth_less_than_a_unit(
    kernel: ModuleType,
) -> None:
    supply = 12_585_039_033_033_950_890_968_200_387
    held, decimals = (3_326_400_082_514, 3_326_400_082_514), (8, 8)
    pool = kernel.CurvePool(Template.BASE2, held, decimals, 1_000, 10**9, 0, supply)
    assert pool.withdraw_one_coin_down(supply, 0) == held[0] - 1
    assert pool.withdraw_one_coin_down(supply + 1, 0) == held[0] - 1
    with pytest.raises(QuoteError) as told:
        pool.withdraw_one_coin_down(2 * supply, 0)
    assert told.value.code is Why.OVERFLOW


@both
def test_a_pool_that_does_not_settle_says_so_before_it_says_that_it_has_too_little(
    kernel: ModuleType,
) -> None:
    pool = kernel.CurvePool(Template.BASE2, (1, 712), (8, 18), 1_000, 4 * 10**6, 0, 10**18)
    with pytest.raises(QuoteError) as told:
        pool.token_amount_down((2, 0), is_deposit=False)
    assert told.value.code is Why.NO_CONVERGENCE


@both
@pytest.mark.parametrize(
    ("held", "amp", "out", "needed"),
    [
        ((970_502_669, 970_502_669), 200, 970_502_668, 21_378_322_219_832),
        ((11, 11), 100, 10, 30),
        (
            (754_704_918_938_504_133_916_851_902, 1_509_409_837_877_008_267_833_703_804),
            200_000,
            1_509_409_837_877_008_267_833_703_803,
            None,
        ),
    ],
)
def test_all_but_a_unit_can_be_bought_where_get_dy_gives_it(
    kernel: ModuleType, held: tuple[int, int], amp: int, out: int, needed: int | None
) -> None:
    fee = 10**6 if held == (11, 11) else 0
    pool = kernel.CurvePool(Template.STETH, held, (18, 18), amp, fee, 0, 10**18)
    paid, after = pool.exact_out(0, 1, out)
    assert needed is None or paid == needed
    assert pool.exact_in(0, 1, paid)[0] == out
    assert after.balances == (held[0] + paid, 1)
    less = pool.exact_in(0, 1, paid - 1)[0]
    assert less < out


@both
def test_a_pool_that_never_settles_says_so_whatever_is_bought(kernel: ModuleType) -> None:
    held = (1_462_562_506_398_175_308_910, 6_921_380_144_143_690)
    pool = kernel.CurvePool(Template.STETH, held, (18, 18), 100, 10**9, 5 * 10**9, 1)
    for ask in (pool.exact_in, pool.exact_out):
        for amount in (1, held[1] // 2, held[1] - 3):
            with pytest.raises(QuoteError) as told:
                ask(0, 1, amount)
            assert told.value.code is Why.NO_CONVERGENCE
