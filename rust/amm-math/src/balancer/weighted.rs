//! Pools whose tokens have weights, after Balancer's `WeightedMath` (`_calcOutGivenIn`,
//! `_calcInGivenOut`) within `BasePool.onSwap`.

use super::fixed_point::{PowRule, complement, div_down, div_up, mul_down, mul_up};
use super::log_exp::ONE;
use super::scaling::{self, Token};
use crate::checked::{add, sub};
use crate::{QuoteError, U256};

/// No swap may bring in more than this part of the balance, or take out more: 0.3.
const MAX_RATIO: U256 = U256::from_limbs([300_000_000_000_000_000, 0, 0, 0]);

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
/// `TradeTooLarge` for more than 0.3 of the balance; `Overflow` where the contract reverts.
pub fn out_given_in_down(
    rule: PowRule,
    from: Side,
    to: Side,
    amount_in: U256,
) -> Result<U256, QuoteError> {
    if amount_in > mul_down(from.balance, MAX_RATIO)? {
        return Err(QuoteError::TradeTooLarge);
    }
    let base_up = div_up(from.balance, add(from.balance, amount_in)?)?;
    let exponent_down = div_down(from.weight, to.weight)?;
    let power_up = rule.pow_up(base_up, exponent_down)?;
    mul_down(to.balance, complement(power_up))
}

/// What the curve wants for `amount_out`, without fees.
///
/// # Errors
/// `TradeTooLarge` for more than 0.3 of the balance; `Overflow` where the contract reverts.
pub fn in_given_out_up(
    rule: PowRule,
    from: Side,
    to: Side,
    amount_out: U256,
) -> Result<U256, QuoteError> {
    if amount_out > mul_down(to.balance, MAX_RATIO)? {
        return Err(QuoteError::TradeTooLarge);
    }
    let base_up = div_up(to.balance, sub(to.balance, amount_out)?)?;
    let exponent_up = div_up(to.weight, from.weight)?;
    let power_up = rule.pow_up(base_up, exponent_up)?;
    mul_up(from.balance, sub(power_up, ONE)?)
}

/// A pool, with its tokens in the vault's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// How its code takes powers: multiplied out where it can, since the second version.
    pub rule: PowRule,
    /// Balances in the tokens' own units.
    pub tokens: Vec<Token>,
    /// With 18 decimals, one in total.
    pub weights: Vec<U256>,
    /// With 18 decimals.
    pub fee: U256,
}

impl Pool {
    /// What is received for exactly `amount_in`.
    ///
    /// # Errors
    /// `Token` for a pair that it does not have, `AmountTooLarge` for more than the Vault holds;
    /// else as [`out_given_in_down`].
    pub fn amount_out_down(&self, i: usize, j: usize, amount: U256) -> Result<U256, QuoteError> {
        scaling::check_request(self.tokens.len(), i, j, amount)?;
        let net = scaling::subtract_fee_down(amount, self.fee)?;
        let net = scaling::upscale_down(net, self.tokens[i].factor)?;
        let out = out_given_in_down(self.rule, self.side_down(i)?, self.side_down(j)?, net)?;
        scaling::grown(&self.tokens[i], amount)?; // the curve alone would give something
        scaling::downscale_down(out, self.tokens[j].factor)
    }

    /// What is received for exactly `amount`, and the pool after it: the fee stays in it.
    ///
    /// # Errors
    /// As [`Pool::amount_out_down`], and `InsufficientLiquidity` or `AmountTooLarge` where the Vault
    /// could not pay or hold it.
    pub fn exact_in(&self, i: usize, j: usize, amount: U256) -> Result<(U256, Self), QuoteError> {
        let out = self.amount_out_down(i, j, amount)?;
        Ok((out, self.after((i, j), amount, out)?))
    }

    /// What is to be paid for exactly `amount`, fee included, and the pool after it.
    ///
    /// # Errors
    /// As [`Pool::exact_in`], with those of [`in_given_out_up`].
    pub fn exact_out(&self, i: usize, j: usize, amount: U256) -> Result<(U256, Self), QuoteError> {
        scaling::check_request(self.tokens.len(), i, j, amount)?;
        let scaled = scaling::upscale_down(amount, self.tokens[j].factor)?;
        let net = in_given_out_up(self.rule, self.side_down(i)?, self.side_down(j)?, scaled)?;
        let net = scaling::downscale_up(net, self.tokens[i].factor)?;
        let paid = scaling::add_fee_up(net, self.fee)?;
        Ok((paid, self.after((i, j), paid, amount)?))
    }

    fn side_down(&self, at: usize) -> Result<Side, QuoteError> {
        Ok(Side { balance: self.tokens[at].scaled_down()?, weight: self.weights[at] })
    }

    fn after(&self, pair: (usize, usize), came: U256, went: U256) -> Result<Self, QuoteError> {
        let tokens = scaling::moved(&self.tokens, pair, came, went)?;
        Ok(Self { tokens, weights: self.weights.clone(), ..*self })
    }
}
