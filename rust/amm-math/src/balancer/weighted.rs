//! Pools whose tokens have weights, after Balancer's `WeightedMath` (`_calcOutGivenIn`,
//! `_calcInGivenOut`) within `BasePool.onSwap`.

use super::fixed_point::{PowRule, complement, div_down, div_up, mul_down, mul_up};
use super::log_exp::ONE;
use super::scaling::{self, Token};
use crate::checked::{add, sub};
use crate::{QuoteError, U256};

/// No swap may bring in more than this part of the balance, or take out more: 0.3.
const MAX_RATIO: U256 = U256::from_limbs([300_000_000_000_000_000, 0, 0, 0]);

/// Which deployed factory the pool is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Of 2021.
    V1,
    /// Of 2022: powers of 1, 2 and 4 are multiplied out.
    V2,
    /// Of 2023, in its swaps as the second.
    V4,
}

impl Version {
    /// How its code takes powers.
    #[must_use]
    pub fn pow_rule(self) -> PowRule {
        match self {
            Self::V1 => PowRule::Series,
            Self::V2 | Self::V4 => PowRule::Shortcuts,
        }
    }
}

/// What the curve sees of a token: both with 18 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// How much the pool has.
    pub balance: U256,
    /// Its part of the pool's value.
    pub weight: U256,
}

/// What the curve gives for `amount_in`, without fees.
///
/// # Errors
/// `AmountTooLarge` for more than 0.3 of the balance; `Overflow` where the contract reverts.
pub fn out_given_in_down(
    rule: PowRule,
    from: Side,
    to: Side,
    amount_in: U256,
) -> Result<U256, QuoteError> {
    if amount_in > mul_down(from.balance, MAX_RATIO)? {
        return Err(QuoteError::AmountTooLarge);
    }
    let base_up = div_up(from.balance, add(from.balance, amount_in)?)?;
    let exponent_down = div_down(from.weight, to.weight)?;
    let power_up = rule.pow_up(base_up, exponent_down)?;
    mul_down(to.balance, complement(power_up))
}

/// What the curve wants for `amount_out`, without fees.
///
/// # Errors
/// `InsufficientLiquidity` for more than 0.3 of the balance; `Overflow` where the contract reverts.
pub fn in_given_out_up(
    rule: PowRule,
    from: Side,
    to: Side,
    amount_out: U256,
) -> Result<U256, QuoteError> {
    if amount_out > mul_down(to.balance, MAX_RATIO)? {
        return Err(QuoteError::InsufficientLiquidity);
    }
    let base_up = div_up(to.balance, sub(to.balance, amount_out)?)?;
    let exponent_up = div_up(to.weight, from.weight)?;
    let power_up = rule.pow_up(base_up, exponent_up)?;
    mul_up(from.balance, sub(power_up, ONE)?)
}

/// A pool, with its tokens in the vault's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Which code it runs.
    pub version: Version,
    /// Balances in the tokens' own units.
    pub tokens: Vec<Token>,
    /// With 18 decimals, one in total.
    pub weights: Vec<U256>,
    /// With 18 decimals.
    pub fee: U256,
}

/// The amounts of a swap in the tokens' own units, and the pool after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// What the vault takes, fee included.
    pub amount_in: U256,
    /// What the vault pays.
    pub amount_out: U256,
    /// The pool after it: the fee stays in it.
    pub pool: Pool,
}

impl Pool {
    /// The swap of exactly `amount_in`.
    ///
    /// # Errors
    /// `ZeroAmount`; `Token` for a pair that it does not have; else as [`out_given_in_down`].
    pub fn given_in_down(&self, i: usize, j: usize, amount_in: U256) -> Result<Swap, QuoteError> {
        if amount_in.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        let (from, to) = self.sides_down(i, j)?;
        let net = scaling::subtract_fee_down(amount_in, self.fee)?;
        let net = scaling::upscale_down(net, self.tokens[i].factor)?;
        let out = out_given_in_down(self.version.pow_rule(), from, to, net)?;
        let amount_out = scaling::downscale_down(out, self.tokens[j].factor)?;
        self.after(i, j, amount_in, amount_out)
    }

    /// The swap for exactly `amount_out`.
    ///
    /// # Errors
    /// `ZeroAmount`; `Token` for a pair that it does not have; else as [`in_given_out_up`].
    pub fn given_out_up(&self, i: usize, j: usize, amount_out: U256) -> Result<Swap, QuoteError> {
        if amount_out.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        let (from, to) = self.sides_down(i, j)?;
        let scaled = scaling::upscale_down(amount_out, self.tokens[j].factor)?;
        let net = in_given_out_up(self.version.pow_rule(), from, to, scaled)?;
        let net = scaling::downscale_up(net, self.tokens[i].factor)?;
        self.after(i, j, scaling::add_fee_up(net, self.fee)?, amount_out)
    }

    fn sides_down(&self, i: usize, j: usize) -> Result<(Side, Side), QuoteError> {
        if i == j {
            return Err(QuoteError::Token);
        }
        let side = |at: usize| {
            let token = self.tokens.get(at).ok_or(QuoteError::Token)?;
            let &weight = self.weights.get(at).ok_or(QuoteError::Token)?;
            Ok(Side { balance: token.scaled_down()?, weight })
        };
        Ok((side(i)?, side(j)?))
    }

    fn after(
        &self,
        i: usize,
        j: usize,
        amount_in: U256,
        amount_out: U256,
    ) -> Result<Swap, QuoteError> {
        let mut pool = self.clone();
        pool.tokens[i].balance = add(pool.tokens[i].balance, amount_in)?;
        pool.tokens[j].balance = sub(pool.tokens[j].balance, amount_out)?;
        Ok(Swap { amount_in, amount_out, pool })
    }
}
