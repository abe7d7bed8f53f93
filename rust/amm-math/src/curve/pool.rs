//! A `StableSwap` pool's quotes, after `get_dy`, `exchange`, `calc_token_amount`,
//! `calc_withdraw_one_coin`, `remove_liquidity_one_coin` and `get_virtual_price`.
//!
//! A pool is a value: what changes it returns the next one.

use super::invariant::{Quadratic, Template, get_d_down, get_y_down};
use crate::checked::{add, div_down, mul, sub};
use crate::{QuoteError, U256};

/// Rates and prices: eighteen decimals.
const PRECISION: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// Fees: ten decimals.
const FEE_DENOMINATOR: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);

/// What the contract stores, as far as quotes need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    template: Template,
    amp: U256,
    balances: Vec<U256>,
    decimals: Vec<u8>,
    fee: U256,
    admin_fee: U256,
    supply: U256,
}

/// The amounts of a swap and the pool after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// What the pool takes.
    pub amount_in: U256,
    /// What `exchange` pays. For 3pool this can be one unit off what `get_dy` says, which rounds
    /// its fee in the token's own units.
    pub amount_out: U256,
    /// The pool after it.
    pub pool: Pool,
}

/// A withdrawal in one coin and the pool after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// What is paid.
    pub amount_out: U256,
    /// What was kept, in the same coin.
    pub fee: U256,
    /// The pool after it.
    pub pool: Pool,
}

/// How [`Quadratic`] is solved: as the contract does, or exactly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Solver {
    Contract,
    Exact,
}

impl Pool {
    /// `amp` in the template's own precision (`A` for 3pool, `A_precise` for the others); `fee` and
    /// `admin_fee` in 1e-10; balances without the admin's share.
    ///
    /// # Errors
    /// `Token` where the lists do not match or are no pool of the template; `Overflow` for decimals
    /// above 18, a fee above all, and an amplification below one.
    pub fn new(
        template: Template,
        amp: U256,
        (balances, decimals): (Vec<U256>, Vec<u8>),
        (fee, admin_fee): (U256, U256),
        supply: U256,
    ) -> Result<Self, QuoteError> {
        let coins = if template == Template::ThreePool { 3 } else { 2 };
        if balances.len() != coins || decimals.len() != coins {
            return Err(QuoteError::Token);
        }
        let too_fine = decimals.iter().any(|&d| d > 18);
        let too_dear = fee > FEE_DENOMINATOR || admin_fee > FEE_DENOMINATOR;
        if too_fine || too_dear || amp < template.amp_precision() {
            return Err(QuoteError::Overflow);
        }
        Ok(Self { template, amp, balances, decimals, fee, admin_fee, supply })
    }

    /// What the pool holds for its depositors.
    #[must_use]
    pub fn balances(&self) -> &[U256] {
        &self.balances
    }

    /// Which code it runs.
    #[must_use]
    pub const fn template(&self) -> Template {
        self.template
    }

    /// The amplification, in the template's own precision.
    #[must_use]
    pub const fn amp(&self) -> U256 {
        self.amp
    }

    /// Of each coin.
    #[must_use]
    pub fn decimals(&self) -> &[u8] {
        &self.decimals
    }

    /// What it takes, in 1e-10.
    #[must_use]
    pub const fn fee(&self) -> U256 {
        self.fee
    }

    /// The supply of the pool's own token.
    #[must_use]
    pub fn supply(&self) -> U256 {
        self.supply
    }

    /// What `get_dy` returns.
    ///
    /// # Errors
    /// `Token` for a pair that the pool does not have; `Overflow` and `NoConvergence` where the
    /// contract reverts.
    pub fn get_dy_down(&self, i: usize, j: usize, dx: U256) -> Result<U256, QuoteError> {
        self.quote_down(i, j, dx, Solver::Contract)
    }

    pub(super) fn quote_down(
        &self,
        i: usize,
        j: usize,
        dx: U256,
        solver: Solver,
    ) -> Result<U256, QuoteError> {
        self.net_down(j, self.gross_down(i, j, dx, solver)?)
    }

    /// What `get_dy` leaves of what leaves the curve.
    fn net_down(&self, j: usize, gross: U256) -> Result<U256, QuoteError> {
        if self.template == Template::ThreePool {
            let own = self.unscale_down(j, gross)?;
            return sub(own, fee_down(own, self.fee)?);
        }
        self.unscale_down(j, sub(gross, fee_down(gross, self.fee)?)?)
    }

    /// What `get_dy` says of `amount`, and the pool that `exchange` leaves, which may pay out a unit
    /// less.
    ///
    /// # Errors
    /// `ZeroAmount` for nothing; else as [`Pool::get_dy_down`].
    pub fn exact_in(&self, i: usize, j: usize, amount: U256) -> Result<(U256, Self), QuoteError> {
        self.check_pair(i, j)?;
        if amount.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        let gross = self.gross_down(i, j, amount, Solver::Contract)?;
        Ok((self.net_down(j, gross)?, self.exchanged(i, j, amount, gross)?.pool))
    }

    /// The least input whose `get_dy` is at least `amount`, and the pool that `exchange` leaves.
    ///
    /// # Errors
    /// As [`Pool::exact_out_up`].
    pub fn exact_out(&self, i: usize, j: usize, amount: U256) -> Result<(U256, Self), QuoteError> {
        let swap = self.exact_out_up(i, j, amount)?;
        Ok((swap.amount_in, swap.pool))
    }

    /// The swap of `amount_in` as `exchange` makes it.
    ///
    /// # Errors
    /// `ZeroAmount` for nothing; else as [`Pool::get_dy_down`].
    pub fn exchange_down(&self, i: usize, j: usize, amount_in: U256) -> Result<Swap, QuoteError> {
        if amount_in.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        let gross = self.gross_down(i, j, amount_in, Solver::Contract)?;
        self.exchanged(i, j, amount_in, gross)
    }

    fn exchanged(
        &self,
        i: usize,
        j: usize,
        amount_in: U256,
        gross: U256,
    ) -> Result<Swap, QuoteError> {
        let fee = fee_down(gross, self.fee)?;
        let amount_out = self.unscale_down(j, sub(gross, fee)?)?;
        let admin = self.unscale_down(j, fee_down(fee, self.admin_fee)?)?;
        let mut pool = self.clone();
        pool.balances[i] = add(pool.balances[i], amount_in)?;
        pool.balances[j] = sub(sub(pool.balances[j], amount_out)?, admin)?;
        Ok(Swap { amount_in, amount_out, pool })
    }

    /// What `calc_token_amount` returns: pool tokens for a deposit or a withdrawal of all these
    /// amounts, before fees, which the contract leaves out.
    ///
    /// # Errors
    /// `Token` where the amounts are not one for each coin; `Overflow` and `NoConvergence` where
    /// the contract reverts.
    pub fn calc_token_amount_down(
        &self,
        amounts: &[U256],
        deposit: bool,
    ) -> Result<U256, QuoteError> {
        if amounts.len() != self.balances.len() {
            return Err(QuoteError::Token);
        }
        let before = self.invariant(&self.balances)?;
        let mut balances = self.balances.clone();
        for (balance, &amount) in balances.iter_mut().zip(amounts) {
            *balance = if deposit { add(*balance, amount)? } else { sub(*balance, amount)? };
        }
        let after = self.invariant(&balances)?;
        let change = if deposit { sub(after, before)? } else { sub(before, after)? };
        div_down(mul(change, self.supply)?, before)
    }

    /// What `calc_withdraw_one_coin` returns. It burns nothing and asks for no more shares than there
    /// are: of one that is worth less than a unit, a few beyond all bring what all do.
    ///
    /// # Errors
    /// `Token` for a coin that the pool does not have; `Overflow` and `NoConvergence` where the
    /// contract reverts.
    pub fn calc_withdraw_one_coin_down(&self, burned: U256, i: usize) -> Result<U256, QuoteError> {
        Ok(self.withdrawn_down(burned, i)?.0)
    }

    /// What `remove_liquidity_one_coin` pays, with the pool that it leaves.
    ///
    /// # Errors
    /// As [`Pool::calc_withdraw_one_coin_down`], and `Overflow` for more shares than there are.
    pub fn withdraw_one_coin_down(&self, burned: U256, i: usize) -> Result<Withdrawal, QuoteError> {
        let (amount_out, fee) = self.withdrawn_down(burned, i)?;
        let mut pool = self.clone();
        let paid = add(amount_out, fee_down(fee, self.admin_fee)?)?;
        pool.balances[i] = sub(pool.balances[i], paid)?;
        pool.supply = sub(pool.supply, burned)?;
        Ok(Withdrawal { amount_out, fee, pool })
    }

    /// What is paid and what is kept (`_calc_withdraw_one_coin`).
    fn withdrawn_down(&self, burned: U256, i: usize) -> Result<(U256, U256), QuoteError> {
        let xp = self.scaled_down(&self.balances)?;
        let &held = xp.get(i).ok_or(QuoteError::Token)?;
        let before = get_d_down(self.template, self.amp, &xp)?;
        let after = sub(before, div_down(mul(burned, before)?, self.supply)?)?;
        let y = get_y_down(self.template, self.amp, &xp, i, after)?;
        let n = U256::from(xp.len());
        let rate = div_down(mul(self.fee, n)?, mul(U256::from(4), sub(n, U256::ONE)?)?)?;
        let mut reduced = xp.clone();
        for (at, x) in reduced.iter_mut().enumerate() {
            let share = div_down(mul(*x, after)?, before)?;
            let expected = if at == i { sub(share, y)? } else { sub(*x, share)? };
            *x = sub(*x, fee_down(expected, rate)?)?;
        }
        let kept = get_y_down(self.template, self.amp, &reduced, i, after)?;
        let unit = div_down(self.rate(i), PRECISION)?;
        let amount_out = div_down(sub(sub(reduced[i], kept)?, U256::ONE)?, unit)?;
        let fee = sub(div_down(sub(held, y)?, unit)?, amount_out)?;
        Ok((amount_out, fee))
    }

    /// What `get_virtual_price` returns, in 1e-18.
    ///
    /// # Errors
    /// `Overflow` and `NoConvergence` where the contract reverts, also on a supply of zero.
    pub fn virtual_price_down(&self) -> Result<U256, QuoteError> {
        div_down(mul(self.invariant(&self.balances)?, PRECISION)?, self.supply)
    }

    /// What leaves the curve before the fee, in 1e-18, less the one unit that the contracts keep.
    fn gross_down(&self, i: usize, j: usize, dx: U256, solver: Solver) -> Result<U256, QuoteError> {
        self.check_pair(i, j)?;
        let mut xp = self.scaled_down(&self.balances)?;
        let x = add(xp[i], self.scale_down(i, dx)?)?; // before the invariant: what reverts first
        let d = get_d_down(self.template, self.amp, &xp)?;
        xp[i] = x;
        let quadratic = Quadratic::new(self.template, self.amp, &xp, j, d)?;
        match solver {
            Solver::Contract => sub(sub(xp[j], quadratic.settle(self.template)?)?, U256::ONE),
            // An input too small for the unit that is kept buys nothing, where the contract reverts.
            Solver::Exact => {
                Ok(xp[j].saturating_sub(quadratic.root_down()?).saturating_sub(U256::ONE))
            }
        }
    }

    fn invariant(&self, balances: &[U256]) -> Result<U256, QuoteError> {
        get_d_down(self.template, self.amp, &self.scaled_down(balances)?)
    }

    fn scaled_down(&self, balances: &[U256]) -> Result<Vec<U256>, QuoteError> {
        balances.iter().enumerate().map(|(at, &x)| self.scale_down(at, x)).collect()
    }

    fn scale_down(&self, at: usize, amount: U256) -> Result<U256, QuoteError> {
        if !self.template.is_scaled() {
            return Ok(amount);
        }
        div_down(mul(amount, self.rate(at))?, PRECISION)
    }

    fn unscale_down(&self, at: usize, amount: U256) -> Result<U256, QuoteError> {
        if !self.template.is_scaled() {
            return Ok(amount);
        }
        div_down(mul(amount, PRECISION)?, self.rate(at))
    }

    fn check_pair(&self, i: usize, j: usize) -> Result<(), QuoteError> {
        let tokens = self.balances.len();
        if i == j || i >= tokens || j >= tokens { Err(QuoteError::Token) } else { Ok(()) }
    }

    fn rate(&self, at: usize) -> U256 {
        U256::from(10).pow(U256::from(36 - self.decimals[at]))
    }
}

fn fee_down(amount: U256, rate: U256) -> Result<U256, QuoteError> {
    div_down(mul(amount, rate)?, FEE_DENOMINATOR)
}
