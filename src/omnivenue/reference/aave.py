"""What a loan on Aave V3 costs, and how near it is to liquidation.

Source: `rayMul`, `rayDiv` and `wadDiv` of WadRayMath, `percentMul` of PercentageMath,
`calculateLinearInterest` and `calculateCompoundedInterest` of MathUtils, `calculateInterestRates`
of DefaultReserveInterestRateStrategy, `calculateUserAccountData` of GenericLogic. Rates
and indexes are rays (27 decimals), health is a wad (18), shares are basis points. What the
libraries round half up ends in `_half_up`; what the contracts divide plainly, in `_down`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from omnivenue.reference.checked import WORD_MAX, add, div_down, mul, sub, whole, word

WAD = 10**18
RAY = 10**27
WAD_TO_RAY = 10**9
ALL_BPS = 10_000
SECONDS_PER_YEAR = 365 * 24 * 60 * 60
WORD_DECIMALS = 78
"""The first power of ten that no word of the chain holds."""


def ray_mul_half_up(a: int, b: int) -> int:
    return _ratio_half_up(a, b, RAY)


def ray_div_half_up(a: int, b: int) -> int:
    return _ratio_half_up(a, RAY, b)


def percent_mul_half_up(value: int, bps: int) -> int:
    """Also what a flash loan costs, with the pool's FLASHLOAN_PREMIUM_TOTAL."""
    return _ratio_half_up(value, bps, ALL_BPS)


def _ratio_half_up(a: int, b: int, by: int) -> int:
    return div_down(add(mul(a, b), by // 2), by)


def linear_interest_down(rate: int, seconds: int) -> int:
    """The factor by which what is supplied grows, a ray."""
    return add(RAY, mul(rate, seconds) // SECONDS_PER_YEAR)


def compounded_interest_down(rate: int, seconds: int) -> int:
    """The factor by which what is borrowed grows, each second upon the last, to the third term of
    the binomial series; a ray."""
    if seconds == 0:
        return RAY
    pairs = mul(seconds, seconds - 1)
    triples = mul(pairs, max(0, seconds - 2))
    squared = ray_mul_half_up(rate, rate) // SECONDS_PER_YEAR**2
    cubed = ray_mul_half_up(squared, rate) // SECONDS_PER_YEAR
    first = mul(rate, seconds) // SECONDS_PER_YEAR
    return add(add(add(RAY, first), mul(pairs, squared) // 2), mul(triples, cubed) // 6)


@dataclass(frozen=True, slots=True)
class Index:
    """What one scaled unit of a reserve is worth at `at`, a time in seconds, and the rate a year by
    which that has grown since."""

    index: int
    rate: int
    at: int

    def income_half_up(self, now: int) -> int:
        """Of a supply: `getReserveNormalizedIncome`."""
        return ray_mul_half_up(linear_interest_down(self.rate, now - self.at), self.index)

    def debt_half_up(self, now: int) -> int:
        """Of a loan: `getReserveNormalizedVariableDebt`."""
        return ray_mul_half_up(compounded_interest_down(self.rate, now - self.at), self.index)


@dataclass(frozen=True, slots=True)
class RateStrategy:
    """How a reserve's rates follow from how much of it is borrowed; all rays. `slope1` is added up
    to the `optimal` use, `slope2` from there to the full one. `weighs_debt`: as the first release
    does, which knows two kinds of debt: their rates are weighed by them and divided by them again,
    and that rounds. Later releases (DefaultReserveInterestRateStrategyV2) know one."""

    optimal: int
    base: int
    slope1: int
    slope2: int
    weighs_debt: bool = False

    def rates_half_up(
        self, available: int, debt: int, unbacked: int, reserve_factor: int
    ) -> tuple[int, int]:
        """What suppliers get and borrowers pay a year. Amounts in the token's units, `unbacked` of
        them minted by bridges; the treasury keeps `reserve_factor` of the interest."""
        if debt == 0:
            return 0, self.base
        total = add(available, debt)
        borrowed = ray_div_half_up(debt, total)
        supplied = ray_div_half_up(debt, add(total, unbacked))
        if borrowed > self.optimal:
            part = ray_div_half_up(sub(borrowed, self.optimal), sub(RAY, self.optimal))
            slope = add(self.slope1, ray_mul_half_up(self.slope2, part))
        else:
            slope = ray_div_half_up(ray_mul_half_up(self.slope1, borrowed), self.optimal)
        borrow = add(self.base, slope)
        earned = borrow
        if self.weighs_debt:
            weight = mul(debt, WAD_TO_RAY)
            earned = ray_div_half_up(ray_mul_half_up(weight, borrow), weight)
        kept = sub(ALL_BPS, reserve_factor)
        return percent_mul_half_up(ray_mul_half_up(earned, supplied), kept), borrow


@dataclass(frozen=True, slots=True)
class Position:
    """What an account has in one reserve: `collateral` that it lets count and `debt`, in the
    token's units with interest; the `price` of a whole token in the base currency's units; and the
    `threshold`, the share of the collateral that counts before liquidation."""

    collateral: int
    debt: int
    price: int
    decimals: int
    threshold: int


@dataclass(frozen=True, slots=True)
class Account:
    """Worth in the base currency's units; the mean `threshold`; `health` below a wad may be
    liquidated, and is 2^256 - 1 where nothing is owed."""

    collateral: int
    debt: int
    threshold: int
    health: int


def account_down(positions: Sequence[Position]) -> Account:
    """Collateral without a threshold does not count at all, as in the contract."""
    collateral = debt = weighted = 0
    for position in positions:
        unit = _unit(position.decimals)
        if position.threshold:
            value = mul(position.collateral, position.price) // unit
            collateral = add(collateral, value)
            weighted = add(weighted, mul(value, position.threshold))
        debt = add(debt, mul(position.debt, position.price) // unit)
    threshold = weighted // collateral if collateral else 0
    return Account(collateral, debt, threshold, _health_half_up(collateral, debt, threshold))


def _unit(decimals: int) -> int:
    """A whole token. Beyond a word it is none, and below one there is none: 10**-1 is a float."""
    if whole(decimals) < 0:
        raise ValueError(f"a token's decimals must be 0 or more, not {decimals}")
    return word(10 ** min(decimals, WORD_DECIMALS))


def _health_half_up(collateral: int, debt: int, threshold: int) -> int:
    if debt == 0:
        return WORD_MAX
    return _ratio_half_up(percent_mul_half_up(collateral, threshold), WAD, debt)
