//! Pools that keep `x * y`: Uniswap V2 and its many forks, which differ in the fee alone.
//!
//! The library's formulas (`UniswapV2Library.getAmountOut`, `getAmountIn`) answer for any reserves
//! and any amount until their arithmetic reverts, and so do these: that a pair stores no more than
//! 112 bits of a balance, a swap finds out and a quote does not.

use crate::checked::{add, mul, sub};
use crate::{PoolError, QuoteError, U256};

/// A fee in the contract's own terms: of `whole` parts of what is paid, `kept` parts count.
///
/// Which `whole` it is shows only where a product overflows, and there it decides. Uniswap
/// computes in thousandths, forks with finer fees in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    kept: u64,
    whole: u64,
}

impl Fee {
    /// From parts per million.
    ///
    /// # Errors
    /// `Fee` where nothing would be left.
    pub fn from_ppm(ppm: u32) -> Result<Self, PoolError> {
        let ppm = u64::from(ppm);
        if ppm >= 1_000_000 {
            return Err(PoolError::Fee);
        }
        let whole = [1_000, 10_000, 100_000, 1_000_000]
            .into_iter()
            .find(|whole| ppm * whole % 1_000_000 == 0)
            .unwrap_or(1_000_000);
        Ok(Self { kept: whole - ppm * whole / 1_000_000, whole })
    }

    /// From hundredths of a percent.
    ///
    /// # Errors
    /// `Fee` where nothing would be left.
    pub fn from_bps(bps: u32) -> Result<Self, PoolError> {
        Self::from_ppm(bps.checked_mul(100).ok_or(PoolError::Fee)?)
    }

    /// What counts of `whole`.
    #[must_use]
    pub const fn kept(self) -> u64 {
        self.kept
    }

    /// What the fee is counted in.
    #[must_use]
    pub const fn whole(self) -> u64 {
        self.whole
    }
}

/// What the library says is received for `amount_in`.
///
/// # Errors
/// `ZeroAmount`, `InsufficientLiquidity` for an empty reserve, `Overflow`: each a revert there.
#[inline(always)]
pub fn amount_out_down(
    reserve_in: U256,
    reserve_out: U256,
    fee: Fee,
    amount_in: U256,
) -> Result<U256, QuoteError> {
    if amount_in.is_zero() {
        return Err(QuoteError::ZeroAmount);
    }
    if reserve_in.is_zero() || reserve_out.is_zero() {
        return Err(QuoteError::InsufficientLiquidity);
    }
    let counted = mul(amount_in, U256::from(fee.kept))?;
    let numerator = mul(counted, reserve_out)?;
    let denominator = add(mul(reserve_in, U256::from(fee.whole))?, counted)?;
    Ok(numerator / denominator)
}

/// What the library says is to be paid for `amount_out`: a unit more than the quotient even where
/// that is exact, so at most one unit above the least.
///
/// # Errors
/// `ZeroAmount`, `InsufficientLiquidity` for an empty reserve or as much as there is, `Overflow`:
/// each a revert there.
#[inline(always)]
pub fn amount_in_up(
    reserve_in: U256,
    reserve_out: U256,
    fee: Fee,
    amount_out: U256,
) -> Result<U256, QuoteError> {
    if amount_out.is_zero() {
        return Err(QuoteError::ZeroAmount);
    }
    if reserve_in.is_zero() || reserve_out.is_zero() || amount_out >= reserve_out {
        return Err(QuoteError::InsufficientLiquidity);
    }
    let numerator = mul(mul(reserve_in, amount_out)?, U256::from(fee.whole))?;
    let denominator = mul(sub(reserve_out, amount_out)?, U256::from(fee.kept))?;
    add(numerator / denominator, U256::ONE)
}

/// A pair at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConstantProduct {
    reserves: [U256; 2],
    fee: Fee,
}

impl ConstantProduct {
    /// A pair with its reserves in the pair's order. One that is empty answers nothing.
    #[must_use]
    pub const fn new(reserves: [U256; 2], fee: Fee) -> Self {
        Self { reserves, fee }
    }

    /// What it holds, in the pair's order.
    #[must_use]
    pub const fn reserves(&self) -> [U256; 2] {
        self.reserves
    }

    /// What it takes.
    #[must_use]
    pub const fn fee(&self) -> Fee {
        self.fee
    }

    /// What is received for `amount`.
    ///
    /// # Errors
    /// `Token`, and as [`amount_out_down`].
    #[inline(always)]
    pub fn amount_out_down(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
    ) -> Result<U256, QuoteError> {
        let (reserve_in, reserve_out) = self.sides(token_in, token_out)?;
        amount_out_down(reserve_in, reserve_out, self.fee, amount)
    }

    /// What is received for `amount`, and the pair after it.
    ///
    /// # Errors
    /// `Token`, and as [`amount_out_down`].
    pub fn exact_in(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
    ) -> Result<(U256, Self), QuoteError> {
        let out = self.amount_out_down(token_in, token_out, amount)?;
        Ok((out, self.moved(token_in, amount, out)?))
    }

    /// What is to be paid for `amount`, and the pair after it.
    ///
    /// # Errors
    /// `Token`, and as [`amount_in_up`].
    pub fn exact_out(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
    ) -> Result<(U256, Self), QuoteError> {
        let (reserve_in, reserve_out) = self.sides(token_in, token_out)?;
        let paid = amount_in_up(reserve_in, reserve_out, self.fee, amount)?;
        Ok((paid, self.moved(token_in, paid, amount)?))
    }

    #[inline(always)]
    fn sides(&self, token_in: usize, token_out: usize) -> Result<(U256, U256), QuoteError> {
        match (token_in, token_out) {
            (0, 1) => Ok((self.reserves[0], self.reserves[1])),
            (1, 0) => Ok((self.reserves[1], self.reserves[0])),
            _ => Err(QuoteError::Token),
        }
    }

    #[inline(always)]
    fn moved(&self, token_in: usize, paid: U256, received: U256) -> Result<Self, QuoteError> {
        let mut reserves = self.reserves;
        reserves[token_in] = add(reserves[token_in], paid)?;
        reserves[1 - token_in] = sub(reserves[1 - token_in], received)?;
        Ok(Self { reserves, fee: self.fee })
    }
}
