//! What is around a curve in every Balancer pool, after `BasePool`: amounts in a token's own units
//! become numbers with 18 decimals and come back rounded in the pool's favour, and the swap fee is
//! taken from what comes in, before the curve for an exact input and after it for an exact output.

use super::fixed_point::{complement, div_down, div_up, mul_down, mul_up};
use super::log_exp::ONE;
use crate::checked::sub;
use crate::{QuoteError, U256};

/// What the Vault keeps of a balance (`BalanceAllocation`): 112 bits.
pub const MAX_BALANCE: U256 = U256::from_limbs([u64::MAX, (1 << 48) - 1, 0, 0]);

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
    /// Of balances and factors; `None` where they do not belong together, or are none of a pool.
    #[must_use]
    pub fn all(balances: &[U256], factors: &[U256]) -> Option<Vec<Self>> {
        let pairs = balances.iter().zip(factors);
        let found: Vec<_> = pairs.map(|(&balance, &factor)| Self { balance, factor }).collect();
        (found.len() >= 2 && balances.len() == factors.len()).then_some(found)
    }

    /// With 18 decimals.
    ///
    /// # Errors
    /// `Overflow` where the contract reverts.
    pub fn scaled_down(&self) -> Result<U256, QuoteError> {
        upscale_down(self.balance, self.factor)
    }
}

/// A swap is given no more than the Vault can hold of a token. Of nothing it may be: within a batch
/// the step before can have brought nothing.
///
/// # Errors
/// `Token` for a pair that the pool does not have, `AmountTooLarge`.
pub fn check_request(tokens: usize, i: usize, j: usize, amount: U256) -> Result<(), QuoteError> {
    if i == j || i >= tokens || j >= tokens {
        return Err(QuoteError::Token);
    }
    if amount > MAX_BALANCE { Err(QuoteError::AmountTooLarge) } else { Ok(()) }
}

/// What the Vault holds of a token after more of it has come.
///
/// # Errors
/// `AmountTooLarge` for more than it can hold.
pub fn grown(token: &Token, came: U256) -> Result<U256, QuoteError> {
    let sum = token.balance.checked_add(came).filter(|&sum| sum <= MAX_BALANCE);
    sum.ok_or(QuoteError::AmountTooLarge)
}

/// The tokens after a swap, which the Vault must be able to hold and to pay.
///
/// # Errors
/// `AmountTooLarge`, `InsufficientLiquidity`.
pub fn moved(
    tokens: &[Token],
    (i, j): (usize, usize),
    came: U256,
    went: U256,
) -> Result<Vec<Token>, QuoteError> {
    let mut after = tokens.to_vec();
    after[i].balance = grown(&tokens[i], came)?;
    let left = after[j].balance.checked_sub(went);
    after[j].balance = left.ok_or(QuoteError::InsufficientLiquidity)?;
    Ok(after)
}
