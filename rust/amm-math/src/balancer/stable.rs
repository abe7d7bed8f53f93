//! Pools of tokens of one value, after Balancer's `StableMath` as its composable stable pools run
//! it: the invariant is rounded down, whichever way the swap goes.
//!
//! The invariant is the one of Curve's pools, its solver another: divisions are rounded up where
//! the balance that stays in the pool is found, and one unit more is kept.

use super::scaling::{self, Token};
use crate::checked::{add, div_down, div_up, mul, sub};
use crate::{QuoteError, U256};

/// The amplification comes in thousandths.
pub const AMP_PRECISION: U256 = U256::from_limbs([1_000, 0, 0, 0]);
const MAX_STEPS: usize = 255;

/// The contract's `_calculateInvariant`.
///
/// # Errors
/// `NoConvergence` and `Overflow` where it reverts.
pub fn invariant_down(amp: U256, balances: &[U256]) -> Result<U256, QuoteError> {
    let total = balances.iter().try_fold(U256::ZERO, |sum, &x| add(sum, x))?;
    if total.is_zero() {
        return Ok(total);
    }
    let n = U256::from(balances.len());
    let amp_n = mul(amp, n)?;
    let amp_total = div_down(mul(amp_n, total)?, AMP_PRECISION)?;
    let mut invariant = total;
    for _ in 0..MAX_STEPS {
        let mut product = invariant;
        for &balance in balances {
            product = div_down(mul(product, invariant)?, mul(balance, n)?)?;
        }
        let before = invariant;
        let above = mul(add(amp_total, mul(product, n)?)?, invariant)?;
        let below = add(
            div_down(mul(sub(amp_n, AMP_PRECISION)?, invariant)?, AMP_PRECISION)?,
            mul(add(n, U256::ONE)?, product)?,
        )?;
        invariant = div_down(above, below)?;
        if invariant.abs_diff(before) <= U256::ONE {
            return Ok(invariant);
        }
    }
    Err(QuoteError::NoConvergence)
}

/// The balance that token `at` must have beside the others for the invariant to be kept, after
/// `_getTokenBalanceGivenInvariantAndAllOtherBalances`. The balance that it has now only sets the
/// scale of a product: it must not be zero.
///
/// # Errors
/// `Token` for a token that the pool does not have; `NoConvergence` and `Overflow` where the
/// contract reverts.
pub fn balance_up(
    amp: U256,
    balances: &[U256],
    invariant: U256,
    at: usize,
) -> Result<U256, QuoteError> {
    let (&own, &first) = balances.get(at).zip(balances.first()).ok_or(QuoteError::Token)?;
    let n = U256::from(balances.len());
    let amp_n = mul(amp, n)?;
    let mut sum = first;
    let mut product = mul(first, n)?;
    for &balance in &balances[1..] {
        product = div_down(mul(mul(product, balance)?, n)?, invariant)?;
        sum = add(sum, balance)?;
    }
    let others = sub(sum, own)?;
    let square = mul(invariant, invariant)?;
    let c = mul(mul(div_up(square, mul(amp_n, product)?)?, AMP_PRECISION)?, own)?;
    let b = add(others, mul(div_down(invariant, amp_n)?, AMP_PRECISION)?)?;
    let mut balance = div_up(add(square, c)?, add(invariant, b)?)?;
    for _ in 0..MAX_STEPS {
        let before = balance;
        let below = sub(add(mul(balance, U256::from(2))?, b)?, invariant)?;
        balance = div_up(add(mul(balance, balance)?, c)?, below)?;
        if balance.abs_diff(before) <= U256::ONE {
            return Ok(balance);
        }
    }
    Err(QuoteError::NoConvergence)
}

/// What the curve gives for `amount_in`, without fees: `_calcOutGivenIn`.
///
/// # Errors
/// As [`balance_up`].
pub fn out_given_in_down(
    amp: U256,
    balances: &[U256],
    (i, j): (usize, usize),
    amount_in: U256,
) -> Result<U256, QuoteError> {
    check_pair(balances.len(), i, j)?;
    let invariant = invariant_down(amp, balances)?;
    let mut after = balances.to_vec();
    after[i] = add(after[i], amount_in)?;
    let kept = balance_up(amp, &after, invariant, j)?;
    sub(sub(balances[j], kept)?, U256::ONE)
}

/// What the curve wants for `amount_out`, without fees: `_calcInGivenOut`.
///
/// # Errors
/// `InsufficientLiquidity` for all of the balance or more; else as [`balance_up`].
pub fn in_given_out_up(
    amp: U256,
    balances: &[U256],
    (i, j): (usize, usize),
    amount_out: U256,
) -> Result<U256, QuoteError> {
    check_pair(balances.len(), i, j)?;
    if amount_out >= balances[j] {
        return Err(QuoteError::InsufficientLiquidity);
    }
    let invariant = invariant_down(amp, balances)?;
    let mut after = balances.to_vec();
    after[j] = sub(after[j], amount_out)?;
    let needed = balance_up(amp, &after, invariant, i)?;
    add(sub(needed, balances[i])?, U256::ONE)
}

/// A pool, with its tokens in the vault's order and without its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// In thousandths.
    pub amp: U256,
    /// Balances in the tokens' own units; the factors count the tokens' rates in.
    pub tokens: Vec<Token>,
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
    /// `ZeroAmount`; else as [`out_given_in_down`].
    pub fn given_in_down(&self, i: usize, j: usize, amount_in: U256) -> Result<Swap, QuoteError> {
        if amount_in.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        check_pair(self.tokens.len(), i, j)?;
        let net = scaling::subtract_fee_down(amount_in, self.fee)?;
        let net = scaling::upscale_down(net, self.tokens[i].factor)?;
        let out = out_given_in_down(self.amp, &self.scaled_down()?, (i, j), net)?;
        let amount_out = scaling::downscale_down(out, self.tokens[j].factor)?;
        self.after((i, j), amount_in, amount_out)
    }

    /// The swap for exactly `amount_out`.
    ///
    /// # Errors
    /// `ZeroAmount`; else as [`in_given_out_up`].
    pub fn given_out_up(&self, i: usize, j: usize, amount_out: U256) -> Result<Swap, QuoteError> {
        if amount_out.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        check_pair(self.tokens.len(), i, j)?;
        let scaled = scaling::upscale_down(amount_out, self.tokens[j].factor)?;
        let net = in_given_out_up(self.amp, &self.scaled_down()?, (i, j), scaled)?;
        let net = scaling::downscale_up(net, self.tokens[i].factor)?;
        self.after((i, j), scaling::add_fee_up(net, self.fee)?, amount_out)
    }

    fn scaled_down(&self) -> Result<Vec<U256>, QuoteError> {
        self.tokens.iter().map(Token::scaled_down).collect()
    }

    fn after(
        &self,
        (i, j): (usize, usize),
        amount_in: U256,
        amount_out: U256,
    ) -> Result<Swap, QuoteError> {
        let mut pool = self.clone();
        pool.tokens[i].balance = add(pool.tokens[i].balance, amount_in)?;
        pool.tokens[j].balance = sub(pool.tokens[j].balance, amount_out)?;
        Ok(Swap { amount_in, amount_out, pool })
    }
}

fn check_pair(tokens: usize, i: usize, j: usize) -> Result<(), QuoteError> {
    if i == j || i >= tokens || j >= tokens { Err(QuoteError::Token) } else { Ok(()) }
}
