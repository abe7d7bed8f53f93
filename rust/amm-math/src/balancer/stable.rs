//! Pools of tokens of one value, after Balancer's `StableMath`.
//!
//! The invariant is the one of Curve's pools, its solver another: divisions are rounded up where
//! the balance that stays in the pool is found, and one unit more is kept.

use super::scaling::{self, Token};
use crate::checked::{add, div_down, div_up, mul, sub};
use crate::{QuoteError, U256};

/// The amplification comes in thousandths.
pub const AMP_PRECISION: U256 = U256::from_limbs([1_000, 0, 0, 0]);
const MAX_STEPS: usize = 255;

/// What a pool keeps, and how its code rounds that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curve {
    /// In thousandths.
    pub amp: U256,
    /// As the first version does in swaps; later ones round each division down, as Curve does.
    pub rounds_invariant_up: bool,
}

impl Curve {
    fn invariant(self, balances: &[U256]) -> Result<U256, QuoteError> {
        let solve = if self.rounds_invariant_up { invariant_up } else { invariant_down };
        solve(self.amp, balances)
    }
}

/// The contract's `_calculateInvariant` with its `roundUp`, which the first version has.
///
/// # Errors
/// `NoConvergence` and `Overflow` where it reverts.
pub fn invariant_up(amp: U256, balances: &[U256]) -> Result<U256, QuoteError> {
    let total = balances.iter().try_fold(U256::ZERO, |sum, &x| add(sum, x))?;
    if total.is_zero() {
        return Ok(total);
    }
    let n = U256::from(balances.len());
    let amp_n = mul(amp, n)?;
    let amp_total = mul(amp_n, total)?;
    let mut invariant = total;
    for _ in 0..MAX_STEPS {
        let mut product = mul(balances[0], n)?;
        for &balance in &balances[1..] {
            product = div_up(mul(mul(product, balance)?, n)?, invariant)?;
        }
        let before = invariant;
        let above = add(
            mul(mul(n, invariant)?, invariant)?,
            div_up(mul(amp_total, product)?, AMP_PRECISION)?,
        )?;
        let below = add(
            mul(add(n, U256::ONE)?, invariant)?,
            div_down(mul(sub(amp_n, AMP_PRECISION)?, product)?, AMP_PRECISION)?,
        )?;
        invariant = div_up(above, below)?;
        if invariant.abs_diff(before) <= U256::ONE {
            return Ok(invariant);
        }
    }
    Err(QuoteError::NoConvergence)
}

/// The contract's `_calculateInvariant` of later versions.
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
/// `NoConvergence` and `Overflow` where the contract reverts.
pub fn out_given_in_down(
    curve: Curve,
    balances: &[U256],
    (i, j): (usize, usize),
    amount_in: U256,
) -> Result<U256, QuoteError> {
    let invariant = curve.invariant(balances)?;
    let mut after = balances.to_vec();
    after[i] = add(after[i], amount_in)?;
    let kept = balance_up(curve.amp, &after, invariant, j)?;
    sub(sub(balances[j], kept)?, U256::ONE)
}

/// What the curve wants for `amount_out`, without fees: `_calcInGivenOut`.
///
/// # Errors
/// `InsufficientLiquidity` for all of the balance or more; `NoConvergence` and `Overflow` where
/// the contract reverts.
pub fn in_given_out_up(
    curve: Curve,
    balances: &[U256],
    (i, j): (usize, usize),
    amount_out: U256,
) -> Result<U256, QuoteError> {
    if amount_out >= balances[j] {
        return Err(QuoteError::InsufficientLiquidity);
    }
    let invariant = curve.invariant(balances)?;
    let mut after = balances.to_vec();
    after[j] = sub(after[j], amount_out)?;
    let needed = balance_up(curve.amp, &after, invariant, i)?;
    add(sub(needed, balances[i])?, U256::ONE)
}

/// A pool, with its tokens in the vault's order and without its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// What it keeps.
    pub curve: Curve,
    /// Balances in the tokens' own units; the factors count the tokens' rates in.
    pub tokens: Vec<Token>,
    /// With 18 decimals.
    pub fee: U256,
}

impl Pool {
    /// What is received for exactly `amount`.
    ///
    /// # Errors
    /// `Token` for a pair that it does not have, `AmountTooLarge` for more than the Vault holds;
    /// else as [`out_given_in_down`].
    pub fn amount_out_down(&self, i: usize, j: usize, amount: U256) -> Result<U256, QuoteError> {
        scaling::check_request(self.tokens.len(), i, j, amount)?;
        let net = scaling::subtract_fee_down(amount, self.fee)?;
        let net = scaling::upscale_down(net, self.tokens[i].factor)?;
        let out = out_given_in_down(self.curve, &self.scaled_down()?, (i, j), net)?;
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
        let net = in_given_out_up(self.curve, &self.scaled_down()?, (i, j), scaled)?;
        let net = scaling::downscale_up(net, self.tokens[i].factor)?;
        let paid = scaling::add_fee_up(net, self.fee)?;
        Ok((paid, self.after((i, j), paid, amount)?))
    }

    fn scaled_down(&self) -> Result<Vec<U256>, QuoteError> {
        self.tokens.iter().map(Token::scaled_down).collect()
    }

    fn after(&self, pair: (usize, usize), came: U256, went: U256) -> Result<Self, QuoteError> {
        Ok(Self { tokens: scaling::moved(&self.tokens, pair, came, went)?, ..*self })
    }
}
