//! One step of a swap, within which liquidity is constant: after `SwapMath.computeSwapStep` of
//! Uniswap V3 core. V4's takes a shorter way to the same sums, and allows a fee of everything.

use super::sqrt_price_math::{
    amount_0_down, amount_0_up, amount_1_down, amount_1_up, price_after_input, price_after_output,
};
use crate::checked::add;
use crate::mul_div::SmallDivisor;
use crate::{QuoteError, U256};

/// Fees are counted in millionths.
pub const WHOLE: u32 = 1_000_000;

/// A fee in millionths of what is paid, with the divisors that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    pips: u32,
    whole: SmallDivisor,
    /// Of what is left of the whole; of nothing there is none.
    kept: Option<SmallDivisor>,
}

impl Fee {
    /// `None` for more than all.
    #[must_use]
    pub const fn new(pips: u32) -> Option<Self> {
        let (Some(whole), Some(kept)) = (SmallDivisor::new(WHOLE), WHOLE.checked_sub(pips)) else {
            return None;
        };
        Some(Self { pips, whole, kept: SmallDivisor::new(kept) })
    }

    /// In millionths.
    #[must_use]
    pub const fn pips(self) -> u32 {
        self.pips
    }

    /// What is left of `paid`.
    #[inline(always)]
    fn without_down(self, paid: U256) -> Result<U256, QuoteError> {
        self.whole.mul_div_down(paid, WHOLE - self.pips)
    }

    /// `amount` with the fee on top, in the proportion that it has of the whole.
    #[inline(always)]
    fn with_up(self, amount: U256) -> Result<U256, QuoteError> {
        match self.kept {
            Some(kept) => add(amount, kept.mul_div_up(amount, self.pips)?),
            // Only V4: nothing is ever left to move the price with, so `amount` is zero.
            None => Ok(amount),
        }
    }
}

/// Where a step may go, and in what.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// The price that it starts from.
    pub from: U256,
    /// The price that it may not pass.
    pub target: U256,
    /// What there is on the way.
    pub liquidity: u128,
    /// What is taken of what is paid.
    pub fee: Fee,
    /// Down in price.
    pub zero_for_one: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it ended.
    pub price: U256,
    /// What was paid, with the fee in it.
    pub paid: U256,
    /// What was received.
    pub received: U256,
}

impl Leg {
    /// Pay up to `remaining`.
    ///
    /// # Errors
    /// `Overflow` where the contract reverts.
    #[inline(always)]
    pub fn pay(&self, remaining: U256) -> Result<Step, QuoteError> {
        let counted = self.fee.without_down(remaining)?;
        let to_target = self.paid_until_up(self.target)?;
        let (price, paid) = if counted >= to_target {
            (self.target, self.fee.with_up(to_target)?)
        } else {
            // Less than what reaches the target ends short of it, as the price is rounded towards
            // where it was; so this is the last step, and the fee takes what rounding leaves.
            let price = price_after_input(self.from, self.liquidity, counted, self.zero_for_one)?;
            (price, remaining)
        };
        Ok(Step { price, paid, received: self.received_until_down(price)? })
    }

    /// Receive up to `remaining`.
    ///
    /// # Errors
    /// `Overflow` where the contract reverts.
    #[inline(always)]
    pub fn receive(&self, remaining: U256) -> Result<Step, QuoteError> {
        let to_target = self.received_until_down(self.target)?;
        let (price, received) = if remaining >= to_target {
            (self.target, to_target)
        } else {
            // The price is moved far enough for all of it, and what that frees beyond it stays.
            let price =
                price_after_output(self.from, self.liquidity, remaining, self.zero_for_one)?;
            (price, remaining)
        };
        let paid = self.fee.with_up(self.paid_until_up(price)?)?;
        Ok(Step { price, paid, received })
    }

    #[inline(always)]
    fn paid_until_up(&self, price: U256) -> Result<U256, QuoteError> {
        if self.zero_for_one {
            amount_0_up(price, self.from, self.liquidity)
        } else {
            amount_1_up(self.from, price, self.liquidity)
        }
    }

    #[inline(always)]
    fn received_until_down(&self, price: U256) -> Result<U256, QuoteError> {
        if self.zero_for_one {
            amount_1_down(price, self.from, self.liquidity)
        } else {
            amount_0_down(self.from, price, self.liquidity)
        }
    }
}
