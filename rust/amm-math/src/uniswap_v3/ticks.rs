//! The initialised ticks of a pool, and where a step must stop between them.
//!
//! The contract looks for the next tick in a bitmap, one word of 256 a step, and each step rounds.
//! So the borders of words that hold no tick are part of the price too, and are stopped at here. A
//! sorted list with the ticks' prices takes the bitmap's place: most of a step is its arithmetic.

use super::tick_math::{MAX_TICK, MIN_TICK, sqrt_ratio_up};
use crate::{PoolError, U256};

/// The widest spacing of any contract, V4's.
pub const MAX_SPACING: i32 = 32_767;

/// An initialised tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Where.
    pub index: i32,
    /// What is added when it is crossed upwards.
    pub net: i128,
    price: U256,
}

/// All of a pool's, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticks {
    spacing: i32,
    sorted: Box<[Tick]>,
}

/// Where the next step stops at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The tick, initialised or not.
    pub tick: i32,
    /// Its price.
    pub price: U256,
    /// The net liquidity of an initialised one.
    pub net: Option<i128>,
}

impl Ticks {
    /// Initialised ticks with their net liquidities, in any order.
    ///
    /// # Errors
    /// `TickSpacing`, `Tick` out of range, off the spacing or given twice, `Liquidity` that turns
    /// negative, too large for the contract, or not zero above all ticks.
    pub fn new(spacing: i32, mut nets: Vec<(i32, i128)>) -> Result<Self, PoolError> {
        if !(1..=MAX_SPACING).contains(&spacing) {
            return Err(PoolError::TickSpacing);
        }
        nets.sort_unstable_by_key(|&(index, _)| index);
        if nets.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(PoolError::Tick);
        }
        let mut liquidity = 0_u128;
        let mut sorted = Vec::with_capacity(nets.len());
        for (index, net) in nets {
            if index % spacing != 0 {
                return Err(PoolError::Tick);
            }
            let price = sqrt_ratio_up(index).ok_or(PoolError::Tick)?;
            liquidity = liquidity.checked_add_signed(net).ok_or(PoolError::Liquidity)?;
            sorted.push(Tick { index, net, price });
        }
        if liquidity != 0 {
            return Err(PoolError::Liquidity);
        }
        Ok(Self { spacing, sorted: sorted.into_boxed_slice() })
    }

    /// How far apart the contract keeps them.
    #[must_use]
    pub const fn spacing(&self) -> i32 {
        self.spacing
    }

    /// In order.
    #[must_use]
    pub fn as_slice(&self) -> &[Tick] {
        &self.sorted
    }

    /// How many are at `tick` or below.
    #[inline(always)]
    #[must_use]
    pub fn count_until(&self, tick: i32) -> usize {
        self.sorted.partition_point(|other| other.index <= tick)
    }

    /// What lies in the range of `tick`.
    #[must_use]
    pub fn liquidity_at(&self, tick: i32) -> u128 {
        self.sorted[..self.count_until(tick)]
            .iter()
            .fold(0, |liquidity, other| liquidity.wrapping_add_signed(other.net))
    }

    /// The next initialised tick at `tick` or below, or where its word ends before that; `below`
    /// counts the ticks there.
    #[inline(always)]
    #[must_use]
    pub fn stop_below(&self, tick: i32, below: usize) -> Stop {
        let border = self.word_start(tick);
        match below.checked_sub(1).and_then(|last| self.sorted.get(last)) {
            Some(next) if next.index >= border => next.stop(),
            _ => uninitialised(border),
        }
    }

    /// The next initialised tick above `tick`, or where its word ends before that.
    #[inline(always)]
    #[must_use]
    pub fn stop_above(&self, tick: i32, below: usize) -> Stop {
        let word_end = (tick.div_euclid(self.spacing) + 1) | 0xff;
        let border = (word_end * self.spacing).min(MAX_TICK);
        match self.sorted.get(below) {
            Some(next) if next.index <= border => next.stop(),
            _ => uninitialised(border),
        }
    }

    /// The lowest tick in the bitmap's word of `tick`, as far as there are ticks.
    fn word_start(&self, tick: i32) -> i32 {
        ((tick.div_euclid(self.spacing) & !0xff) * self.spacing).max(MIN_TICK)
    }
}

impl Tick {
    /// The square root of the price there, with 96 fractional bits.
    #[must_use]
    pub const fn sqrt_price_x96(&self) -> U256 {
        self.price
    }

    const fn stop(&self) -> Stop {
        Stop { tick: self.index, price: self.price, net: Some(self.net) }
    }
}

/// A tick within range, at which nothing changes.
fn uninitialised(tick: i32) -> Stop {
    // Out of range is out of the question here, and the price of the highest ends every walk.
    let price = sqrt_ratio_up(tick).unwrap_or(super::tick_math::MAX_SQRT_RATIO);
    Stop { tick, price, net: None }
}
