//! Pools that keep `x^3 y + y^3 x`, for tokens that are worth the same: Solidly's, as Velodrome V2
//! and Aerodrome deploy them (`Pool.getAmountOut`, `_get_y`, `_f`, `_d`, `_k`).
//!
//! The contract nears the new balance by Newton's steps in truncated numbers, and where it stops is
//! the answer; so its steps are repeated, with one check of it that looks like a slip and is kept.

use crate::checked::{add, div_down, mul, sub};
use crate::{PoolError, QuoteError, U256};

/// One, with the eighteen decimals that the curve is computed in.
const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// Fees are counted in ten-thousandths.
const WHOLE: u32 = 10_000;
/// After so many steps the contract gives up.
const MAX_STEPS: u32 = 255;

/// A pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolidlyStable {
    reserves: [U256; 2],
    /// A whole token in its smallest units.
    units: [U256; 2],
    fee_bps: u32,
}

impl SolidlyStable {
    /// A pool, with reserves and decimals in its own order.
    ///
    /// # Errors
    /// `Reserves` where one is zero, `Decimals` above 18, `Fee` of everything.
    pub fn new(reserves: [U256; 2], decimals: [u8; 2], fee_bps: u32) -> Result<Self, PoolError> {
        if reserves.iter().any(U256::is_zero) {
            return Err(PoolError::Reserves);
        }
        if decimals.iter().any(|&places| places > 18) {
            return Err(PoolError::Decimals);
        }
        if fee_bps >= WHOLE {
            return Err(PoolError::Fee);
        }
        let units = decimals.map(|places| U256::from(10_u64.pow(u32::from(places))));
        Ok(Self { reserves, units, fee_bps })
    }

    /// What it holds, in its own order.
    #[must_use]
    pub const fn reserves(&self) -> [U256; 2] {
        self.reserves
    }

    /// A whole token of each in its smallest units.
    #[must_use]
    pub const fn units(&self) -> [U256; 2] {
        self.units
    }

    /// What it takes, in ten-thousandths.
    #[must_use]
    pub const fn fee_bps(&self) -> u32 {
        self.fee_bps
    }

    /// What is received for `amount`, and the pool after it. The fee does not stay in the pool.
    ///
    /// # Errors
    /// `Token`, `ZeroAmount`, `NoConvergence`, `Overflow`: each a revert in the contract.
    pub fn exact_in(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
    ) -> Result<(U256, Self), QuoteError> {
        check_sides(token_in, token_out)?;
        if amount.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        let fee_down = mul(amount, U256::from(self.fee_bps))? / U256::from(WHOLE);
        let counted = amount - fee_down;
        let received = self.received_down(token_in, counted)?;
        let mut after = *self;
        after.reserves[token_in] = add(self.reserves[token_in], counted)?;
        after.reserves[token_out] = sub(self.reserves[token_out], received)?;
        Ok((received, after))
    }

    /// What is to be paid for at least `amount`, and the pool after just that is taken out.
    ///
    /// The contract has no such question. This is our own inverse: an input that is answered with
    /// enough, while one unit less is not.
    ///
    /// # Errors
    /// `Token`, `ZeroAmount`, `InsufficientLiquidity` for as much as there is or where no input
    /// that the contract computes with reaches it.
    pub fn exact_out(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
    ) -> Result<(U256, Self), QuoteError> {
        check_sides(token_in, token_out)?;
        if amount.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        if amount >= self.reserves[token_out] {
            return Err(QuoteError::InsufficientLiquidity);
        }
        let paid = self.least_input(token_in, amount)?;
        let (_, mut after) = self.exact_in(token_in, token_out, paid)?;
        after.reserves[token_out] = sub(self.reserves[token_out], amount)?;
        Ok((paid, after))
    }

    /// Between an input that is not enough and one that is, halved until they are neighbours.
    fn least_input(&self, token_in: usize, amount: U256) -> Result<U256, QuoteError> {
        let is_enough = |paid| match self.exact_in(token_in, 1 - token_in, paid) {
            Ok((received, _)) => Ok(received >= amount),
            Err(QuoteError::Overflow) => Err(QuoteError::InsufficientLiquidity),
            Err(reason) => Err(reason),
        };
        let (mut too_little, mut enough) = (U256::ZERO, self.worth_down(token_in, amount)?);
        while !is_enough(enough)? {
            too_little = enough;
            enough = mul(enough, U256::from(2))?;
        }
        while enough - too_little > U256::ONE {
            let middle = too_little + (enough - too_little) / U256::from(2);
            if is_enough(middle)? {
                enough = middle;
            } else {
                too_little = middle;
            }
        }
        Ok(enough)
    }

    /// As many of the token that is paid, were both worth the same; at least a unit.
    fn worth_down(&self, token_in: usize, amount: U256) -> Result<U256, QuoteError> {
        let worth = mul(amount, self.units[token_in])? / self.units[1 - token_in];
        Ok(worth.max(U256::ONE))
    }

    /// The contract's `_getAmountOut`.
    fn received_down(&self, token_in: usize, counted: U256) -> Result<U256, QuoteError> {
        let token_out = 1 - token_in;
        let kept = self.product(self.reserves[0], self.reserves[1])?;
        let reserve_in = scaled_down(self.reserves[token_in], self.units[token_in])?;
        let reserve_out = scaled_down(self.reserves[token_out], self.units[token_out])?;
        let paid = scaled_down(counted, self.units[token_in])?;
        let left = self.balance_for(add(paid, reserve_in)?, kept, reserve_out)?;
        Ok(mul(sub(reserve_out, left)?, self.units[token_out])? / ONE)
    }

    /// What keeps `kept` beside `x`, from `y` on by Newton's steps (`_get_y`). Where the last step
    /// is less than a unit, the unit above or this one is taken, so that `kept` is kept.
    fn balance_for(&self, x: U256, kept: U256, mut y: U256) -> Result<U256, QuoteError> {
        for _ in 0..MAX_STEPS {
            let now = curve(x, y)?;
            if now < kept {
                let step = div_down(mul(kept - now, ONE)?, slope(x, y)?)?;
                // The contract asks `_k` here, which scales by the tokens' decimals although both
                // are scaled, and in the pool's order whichever comes in.
                if step.is_zero() && self.product(x, add(y, U256::ONE)?)? > kept {
                    return Ok(y + U256::ONE);
                }
                y = add(y, step.max(U256::ONE))?;
            } else {
                let step = div_down(mul(now - kept, ONE)?, slope(x, y)?)?;
                if step.is_zero() && (now == kept || curve(x, sub(y, U256::ONE)?)? < kept) {
                    return Ok(y);
                }
                y = sub(y, step.max(U256::ONE))?;
            }
        }
        Err(QuoteError::NoConvergence)
    }

    /// The curve over balances in the tokens' own units (`_k`).
    fn product(&self, balance_0: U256, balance_1: U256) -> Result<U256, QuoteError> {
        curve(scaled_down(balance_0, self.units[0])?, scaled_down(balance_1, self.units[1])?)
    }
}

const fn check_sides(token_in: usize, token_out: usize) -> Result<(), QuoteError> {
    match (token_in, token_out) {
        (0, 1) | (1, 0) => Ok(()),
        _ => Err(QuoteError::Token),
    }
}

/// With eighteen decimals.
fn scaled_down(balance: U256, unit: U256) -> Result<U256, QuoteError> {
    Ok(mul(balance, ONE)? / unit)
}

fn times_down(x: U256, y: U256) -> Result<U256, QuoteError> {
    Ok(mul(x, y)? / ONE)
}

/// `x y (x^2 + y^2)` (`_f`).
fn curve(x: U256, y: U256) -> Result<U256, QuoteError> {
    times_down(times_down(x, y)?, add(times_down(x, x)?, times_down(y, y)?)?)
}

/// How it grows with `y`: `3 x y^2 + x^3` (`_d`).
fn slope(x: U256, y: U256) -> Result<U256, QuoteError> {
    let first = times_down(mul(U256::from(3), x)?, times_down(y, y)?)?;
    add(first, times_down(times_down(x, x)?, x)?)
}
