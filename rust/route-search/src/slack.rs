//! What rounding takes away: how far an answer in the pools' integers can lie below the curve that
//! it follows, at most. Carried from hop to hop: what is missing before a hop is missing after it
//! times its price there, for the curve rises least where most goes in; and the hop rounds itself.

use amm_math::pool::Pool;
use amm_math::{QuoteError, U256, uniswap_v3};

use crate::hop::{Hop, ONE};
use crate::narrow;
use crate::rate::Rate;
use crate::real::{X96, real, real_u128};
use crate::stable::{Solidly, Stable};

/// A direction of a pool, with the bound of its rate.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) i: usize,
    pub(crate) j: usize,
    pub(crate) rate: Rate,
    pub(crate) stable: Option<&'a Stable>,
}

impl<'a> Step<'a> {
    pub(crate) fn hop(&self) -> Option<Hop<'a>> {
        Hop::of(self.pool, (self.i, self.j), self.stable)
    }

    /// What is given for all of `amount`.
    #[inline]
    pub(crate) fn amount_out_down(&self, amount: U256) -> Result<U256, QuoteError> {
        match self.pool {
            Pool::ConstantProduct(pool) => narrow::amount_out_down(pool, (self.i, self.j), amount),
            pool => pool.amount_out_down(self.i, self.j, amount),
        }
    }

    /// What is given for `amount`, and by how much less than the curve for what is `missing` more.
    pub(crate) fn give(&self, amount: U256, missing: f64) -> Result<(U256, f64), QuoteError> {
        if let Pool::Concentrated(pool) = self.pool {
            return self.walk(pool, amount, missing);
        }
        let out = self.amount_out_down(amount)?;
        let slope = self.rate.slope;
        let slack = match self.pool {
            Pool::ConstantProduct(_) => {
                let below = 1.0 + self.rate.bend * real(amount);
                return Ok((out, missing * slope / (below * below) + 1.0));
            }
            // A power is off by 1e-14, and moved by as much again; its base and exponent by 1e-18.
            Pool::Weighted(pool) => {
                let held = pool.tokens.get(self.j).map_or(0.0, |token| real(token.balance));
                held * 4e-14 + 2.0 + 2.0 * slope
            }
            Pool::Stable(_) | Pool::StableSwap(_) => {
                self.stable.map_or(ONE, |hop| hop.slack(real(out))) + 2.0 + 2.0 * slope
            }
            Pool::SolidlyStable(pool) => {
                Solidly::new(pool, self.i).map_or(ONE, |hop| hop.slack()) + slope
            }
            Pool::Concentrated(_) => 0.0,
        };
        Ok((out, missing * slope + slack))
    }

    /// Every step of a walk rounds what is paid, its fee and what is received, the last one also
    /// the price that it reaches.
    fn walk(
        &self,
        pool: &uniswap_v3::Pool,
        amount: U256,
        missing: f64,
    ) -> Result<(U256, f64), QuoteError> {
        let swap = pool.exact_in(self.i, self.j, amount, U256::ZERO)?;
        if swap.is_partial {
            return Err(QuoteError::InsufficientLiquidity);
        }
        let word = f64::from(256 * pool.ticks().spacing());
        let words = f64::from(swap.after.tick.abs_diff(pool.state().tick)) / word;
        let steps = f64::from(swap.ticks_crossed) + words + 2.0;
        let kept = 1.0 - f64::from(pool.fee_pips(self.i)) / 1e6;
        let price = real(swap.after.sqrt_price_x96) / X96;
        let liquidity = real_u128(swap.after.liquidity) / X96;
        let (slope, moved) = if self.i == 0 {
            (kept * price * price, liquidity)
        } else {
            (kept / (price * price), liquidity / (price * price))
        };
        let paid = self.rate.slope * (1.0 / kept + 3.0);
        Ok((swap.amount_out, missing * slope + steps * (paid + 1.0) + moved))
    }
}
