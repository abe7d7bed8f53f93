//! What a loan on Aave v3 costs and how near it is to liquidation, after its `WadRayMath`,
//! `PercentageMath`, `MathUtils`, `DefaultReserveInterestRateStrategyV2` and `GenericLogic`.
//!
//! Rates and indexes are rays (27 decimals), health is a wad (18), thresholds are basis points.
//! The libraries round half up, so their names here end in `_half_up`; what is divided plainly in
//! the contracts ends in `_down`.

use crate::checked::{add, div_down, mul, sub};
use crate::{QuoteError, U256};

/// One with 18 decimals.
pub const WAD: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// One with 27 decimals.
pub const RAY: U256 = U256::from_limbs([0x9fd0_803c_e800_0000, 0x033b_2e3c, 0, 0]);
/// All, in basis points.
pub const ALL_BPS: U256 = U256::from_limbs([10_000, 0, 0, 0]);
/// A year of 365 days.
pub const SECONDS_PER_YEAR: U256 = U256::from_limbs([31_536_000, 0, 0, 0]);
const WAD_TO_RAY: U256 = U256::from_limbs([1_000_000_000, 0, 0, 0]);

fn ratio_half_up(a: U256, b: U256, by: U256) -> Result<U256, QuoteError> {
    div_down(add(mul(a, b)?, by >> 1)?, by)
}

/// `wadMul`.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn wad_mul_half_up(a: U256, b: U256) -> Result<U256, QuoteError> {
    ratio_half_up(a, b, WAD)
}

/// `wadDiv`.
///
/// # Errors
/// `Overflow` where it reverts, also on a divisor of zero.
pub fn wad_div_half_up(a: U256, b: U256) -> Result<U256, QuoteError> {
    ratio_half_up(a, WAD, b)
}

/// `rayMul`.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn ray_mul_half_up(a: U256, b: U256) -> Result<U256, QuoteError> {
    ratio_half_up(a, b, RAY)
}

/// `rayDiv`.
///
/// # Errors
/// `Overflow` where it reverts, also on a divisor of zero.
pub fn ray_div_half_up(a: U256, b: U256) -> Result<U256, QuoteError> {
    ratio_half_up(a, RAY, b)
}

/// `rayToWad`. Unlike the others it cannot overflow in the contract, nor here.
#[must_use]
pub fn ray_to_wad_half_up(a: U256) -> U256 {
    let (quotient, remainder) = a.div_rem(WAD_TO_RAY);
    if remainder >= WAD_TO_RAY >> 1 { quotient + U256::ONE } else { quotient }
}

/// `wadToRay`, which is exact.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn wad_to_ray(a: U256) -> Result<U256, QuoteError> {
    mul(a, WAD_TO_RAY)
}

/// `percentMul`, in basis points.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn percent_mul_half_up(value: U256, bps: U256) -> Result<U256, QuoteError> {
    ratio_half_up(value, bps, ALL_BPS)
}

/// The factor of growth over so many seconds for what is supplied: `calculateLinearInterest`.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn linear_interest_down(rate: U256, seconds: u64) -> Result<U256, QuoteError> {
    add(RAY, div_down(mul(rate, U256::from(seconds))?, SECONDS_PER_YEAR)?)
}

/// The factor of growth over so many seconds for what is borrowed, compounded each second to the
/// third term of the binomial series: `calculateCompoundedInterest`.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn compounded_interest_down(rate: U256, seconds: u64) -> Result<U256, QuoteError> {
    if seconds == 0 {
        return Ok(RAY);
    }
    let n = U256::from(seconds);
    let pairs = mul(n, n - U256::ONE)?;
    let triples = mul(pairs, U256::from(seconds.saturating_sub(2)))?;
    let squared = div_down(ray_mul_half_up(rate, rate)?, SECONDS_PER_YEAR * SECONDS_PER_YEAR)?;
    let cubed = div_down(ray_mul_half_up(squared, rate)?, SECONDS_PER_YEAR)?;
    let first = div_down(mul(rate, n)?, SECONDS_PER_YEAR)?;
    let second = mul(pairs, squared)? >> 1;
    let third = div_down(mul(triples, cubed)?, U256::from(6))?;
    add(add(add(RAY, first)?, second)?, third)
}

/// What one scaled unit of a reserve is worth at a time, and the rate by which that has grown since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// A ray.
    pub index: U256,
    /// A ray a year.
    pub rate: U256,
    /// In seconds.
    pub at: u64,
}

impl Index {
    /// Of a supply: `getReserveNormalizedIncome`.
    ///
    /// # Errors
    /// `Overflow` where it reverts.
    pub fn income_half_up(&self, now: u64) -> Result<U256, QuoteError> {
        let seconds = now.checked_sub(self.at).ok_or(QuoteError::Overflow)?;
        ray_mul_half_up(linear_interest_down(self.rate, seconds)?, self.index)
    }

    /// Of a loan: `getReserveNormalizedVariableDebt`.
    ///
    /// # Errors
    /// `Overflow` where it reverts.
    pub fn debt_half_up(&self, now: u64) -> Result<U256, QuoteError> {
        let seconds = now.checked_sub(self.at).ok_or(QuoteError::Overflow)?;
        ray_mul_half_up(compounded_interest_down(self.rate, seconds)?, self.index)
    }
}

/// How a reserve's rates follow from its use, all in rays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateStrategy {
    /// The use at which the second slope begins; above zero and below one.
    pub optimal: U256,
    /// The rate of an unused reserve.
    pub base: U256,
    /// What is added up to the optimal use.
    pub slope1: U256,
    /// What is added from there to full use.
    pub slope2: U256,
    /// As the first release does, which knows two kinds of debt: their rates are weighed by them and
    /// divided by them again, and that rounds. Later releases know one.
    pub weighs_debt: bool,
}

/// A reserve, in its own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// What is there to be borrowed.
    pub available: U256,
    /// What is borrowed.
    pub debt: U256,
    /// What was minted without backing, by a bridge.
    pub unbacked: U256,
    /// What part of the interest the treasury keeps, in basis points.
    pub reserve_factor: U256,
}

/// In rays a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// What suppliers get.
    pub liquidity: U256,
    /// What borrowers pay.
    pub borrow: U256,
}

impl RateStrategy {
    /// `calculateInterestRates`, for the reserve as it is after the deposit or loan asked about.
    ///
    /// # Errors
    /// `Overflow` where it reverts.
    pub fn rates_half_up(&self, reserve: &Reserve) -> Result<Rates, QuoteError> {
        if reserve.debt.is_zero() {
            return Ok(Rates { liquidity: U256::ZERO, borrow: self.base });
        }
        let total = add(reserve.available, reserve.debt)?;
        let borrowed = ray_div_half_up(reserve.debt, total)?;
        let supplied = ray_div_half_up(reserve.debt, add(total, reserve.unbacked)?)?;
        let slope = if borrowed > self.optimal {
            let excess = sub(borrowed, self.optimal)?;
            let part = ray_div_half_up(excess, sub(RAY, self.optimal)?)?;
            add(self.slope1, ray_mul_half_up(self.slope2, part)?)?
        } else {
            ray_div_half_up(ray_mul_half_up(self.slope1, borrowed)?, self.optimal)?
        };
        let borrow = add(self.base, slope)?;
        let earned = if self.weighs_debt {
            let weight = wad_to_ray(reserve.debt)?;
            ray_div_half_up(ray_mul_half_up(weight, borrow)?, weight)?
        } else {
            borrow
        };
        let kept = sub(ALL_BPS, reserve.reserve_factor)?;
        let liquidity = percent_mul_half_up(ray_mul_half_up(earned, supplied)?, kept)?;
        Ok(Rates { liquidity, borrow })
    }
}

/// What an account has in one reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Supplied and used as collateral, in the token's own units, interest included.
    pub collateral: U256,
    /// Borrowed, in the token's own units, interest included.
    pub debt: U256,
    /// Of one whole token, in the base currency's units.
    pub price: U256,
    /// Of the token.
    pub decimals: u8,
    /// What part of the collateral counts before liquidation, in basis points.
    pub threshold: U256,
}

/// What an account is worth, in the base currency's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Of all reserves.
    pub collateral: U256,
    /// Of all reserves.
    pub debt: U256,
    /// The mean by value, in basis points.
    pub threshold: U256,
    /// A wad: below one the account may be liquidated. The maximum where nothing is owed.
    pub health: U256,
}

/// `calculateUserAccountData` of v3.0, which rounds a debt's value down like a collateral's; some
/// later releases round it up. A threshold of zero is no collateral, as there.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn account_down(positions: &[Position]) -> Result<Account, QuoteError> {
    let mut collateral = U256::ZERO;
    let mut debt = U256::ZERO;
    let mut weighted = U256::ZERO;
    for position in positions {
        let unit = U256::from(10)
            .checked_pow(U256::from(position.decimals))
            .ok_or(QuoteError::Overflow)?;
        if !position.threshold.is_zero() {
            let value = div_down(mul(position.collateral, position.price)?, unit)?;
            collateral = add(collateral, value)?;
            weighted = add(weighted, mul(value, position.threshold)?)?;
        }
        debt = add(debt, div_down(mul(position.debt, position.price)?, unit)?)?;
    }
    let threshold = if collateral.is_zero() { U256::ZERO } else { div_down(weighted, collateral)? };
    let health = health_factor_half_up(collateral, debt, threshold)?;
    Ok(Account { collateral, debt, threshold, health })
}

/// The health factor of an account with a mean threshold.
///
/// # Errors
/// `Overflow` where the contract reverts.
pub fn health_factor_half_up(
    collateral: U256,
    debt: U256,
    threshold: U256,
) -> Result<U256, QuoteError> {
    if debt.is_zero() {
        return Ok(U256::MAX);
    }
    wad_div_half_up(percent_mul_half_up(collateral, threshold)?, debt)
}
