//! The way of a swap from stop to stop: the loop of `UniswapV3Pool.swap`.

use super::pool::State;
use super::swap_math::{Fee, Leg, Step};
use super::tick_math::tick_at;
use super::ticks::{Stop, Ticks};
use crate::checked::add;
use crate::mul_div::any;
use crate::{QuoteError, U256};

/// A swap under way.
pub(super) struct Walk<'a> {
    pub(super) ticks: &'a Ticks,
    pub(super) fee: Fee,
    pub(super) zero_for_one: bool,
    pub(super) limit: U256,
    /// How many initialised ticks are at the state's tick or below.
    pub(super) below: usize,
    pub(super) state: State,
    /// Of the amount that was asked for.
    pub(super) remaining: U256,
    /// Of the other token, so far.
    pub(super) counterpart: U256,
    pub(super) ticks_crossed: u32,
}

impl Walk<'_> {
    /// Until all is paid or the limit reached.
    pub(super) fn pay_all(&mut self) -> Result<(), QuoteError> {
        while self.goes_on() {
            let stop = self.next_stop()?;
            let taken = self.leg(stop).pay(self.remaining)?;
            // What a step takes never exceeds what is left: the fee is rounded within it.
            self.remaining -= taken.paid;
            self.counterpart = add(self.counterpart, taken.received)?;
            self.arrive(taken, stop)?;
        }
        Ok(())
    }

    /// Until all is received or the limit reached.
    pub(super) fn receive_all(&mut self) -> Result<(), QuoteError> {
        while self.goes_on() {
            let stop = self.next_stop()?;
            let taken = self.leg(stop).receive(self.remaining)?;
            self.remaining -= taken.received;
            self.counterpart = add(self.counterpart, taken.paid)?;
            self.arrive(taken, stop)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn goes_on(&self) -> bool {
        any(self.remaining) != 0 && !is_same(self.state.sqrt_price_x96, self.limit)
    }

    /// Where no liquidity is, nothing is paid and nothing rounded, so that words without ticks may
    /// be skipped, up to the one that the limit lies in: the tick at the end depends on its border.
    #[inline(always)]
    fn next_stop(&self) -> Result<Stop, QuoteError> {
        let from = if self.state.liquidity == 0 {
            tick_at(self.limit).ok_or(QuoteError::PriceLimit)?
        } else {
            self.state.tick
        };
        Ok(if self.zero_for_one {
            self.ticks.stop_below(from, self.below)
        } else {
            self.ticks.stop_above(from, self.below)
        })
    }

    #[inline(always)]
    fn leg(&self, stop: Stop) -> Leg {
        let target =
            if self.zero_for_one { stop.price.max(self.limit) } else { stop.price.min(self.limit) };
        Leg {
            from: self.state.sqrt_price_x96,
            target,
            liquidity: self.state.liquidity,
            fee: self.fee,
            zero_for_one: self.zero_for_one,
        }
    }

    /// A swap down leaves the tick that it reached, one up enters it.
    #[inline(always)]
    fn arrive(&mut self, taken: Step, stop: Stop) -> Result<(), QuoteError> {
        let start = self.state.sqrt_price_x96;
        self.state.sqrt_price_x96 = taken.price;
        if is_same(taken.price, stop.price) {
            if let Some(net) = stop.net {
                self.cross(net)?;
            }
            self.state.tick = if self.zero_for_one { stop.tick - 1 } else { stop.tick };
        } else if !is_same(taken.price, start) {
            self.state.tick = tick_at(taken.price).ok_or(QuoteError::Overflow)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn cross(&mut self, net: i128) -> Result<(), QuoteError> {
        let liquidity = self.state.liquidity;
        let crossed = if self.zero_for_one {
            self.below -= 1;
            liquidity.checked_sub_signed(net)
        } else {
            self.below += 1;
            liquidity.checked_add_signed(net)
        };
        self.state.liquidity = crossed.ok_or(QuoteError::Overflow)?;
        self.ticks_crossed += 1;
        Ok(())
    }
}

/// `x == y`, in registers: the comparison of arrays is a call.
#[inline(always)]
const fn is_same(x: U256, y: U256) -> bool {
    let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (x.into_limbs(), y.into_limbs());
    (x0 ^ y0) | (x1 ^ y1) | (x2 ^ y2) | (x3 ^ y3) == 0
}
