//! What is around a curve in every Balancer pool, after `BasePool`: amounts in a token's own units
//! become numbers with 18 decimals and come back rounded in the pool's favour, and the swap fee is
//! taken from what comes in, before the curve for an exact input and after it for an exact output.

use super::fixed_point::{complement, div_down, div_up, mul_down, mul_up};
use super::log_exp::ONE;
use crate::checked::sub;
use crate::{QuoteError, U256};

/// What an amount is multiplied by (with 18 decimals), for a token of so many decimals.
///
/// # Errors
/// `Token` for more than 18 decimals, which the pools refuse.
pub fn scaling_factor(decimals: u8) -> Result<U256, QuoteError> {
    let missing = 18_u8.checked_sub(decimals).ok_or(QuoteError::Token)?;
    Ok(ONE * U256::from(10).pow(U256::from(missing)))
}

/// To 18 decimals.
///
/// # Errors
/// `Overflow` where the contract reverts.
pub fn upscale_down(amount: U256, factor: U256) -> Result<U256, QuoteError> {
    mul_down(amount, factor)
}

/// To the token's own units, for what is received.
///
/// # Errors
/// `Overflow` where the contract reverts.
pub fn downscale_down(amount: U256, factor: U256) -> Result<U256, QuoteError> {
    div_down(amount, factor)
}

/// To the token's own units, for what is paid.
///
/// # Errors
/// `Overflow` where the contract reverts.
pub fn downscale_up(amount: U256, factor: U256) -> Result<U256, QuoteError> {
    div_up(amount, factor)
}

/// What of an exact input reaches the curve: the fee is rounded up.
///
/// # Errors
/// `Overflow` where the contract reverts.
pub fn subtract_fee_down(amount: U256, fee: U256) -> Result<U256, QuoteError> {
    sub(amount, mul_up(amount, fee)?)
}

/// What must be paid so that `amount` reaches the curve.
///
/// # Errors
/// `Overflow` where the contract reverts, also for a fee of all.
pub fn add_fee_up(amount: U256, fee: U256) -> Result<U256, QuoteError> {
    div_up(amount, complement(fee))
}

/// A token as a pool sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// In its own units.
    pub balance: U256,
    /// From [`scaling_factor`], and with the rate of the token where the pool has one.
    pub factor: U256,
}

impl Token {
    /// With 18 decimals.
    ///
    /// # Errors
    /// `Overflow` where the contract reverts.
    pub fn scaled_down(&self) -> Result<U256, QuoteError> {
        upscale_down(self.balance, self.factor)
    }
}
