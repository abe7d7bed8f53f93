//! A concentrated pool in real numbers: between two ticks it is a constant-product pool with
//! reserves of its own, and a swap walks from one to the next.

use amm_math::uniswap_v3::{Pool, Tick};

use crate::hop::Given;
use crate::real::{X96, real, real_u128};

const MILLION: f64 = 1e6;

/// Where a swap in one direction stands.
#[derive(Clone, Debug)]
pub(crate) struct Ranges<'a> {
    /// Of the curve from here on: `slope * x / (1 + bend * x)`.
    pub(crate) slope: f64,
    pub(crate) bend: f64,
    /// What is paid until the range ends, with the fee in it.
    pub(crate) room: f64,
    /// How many ranges have been left.
    pub(crate) left: u32,
    ticks: &'a [Tick],
    down: bool,
    kept: f64,
    liquidity: u128,
    /// How many ticks lie below.
    below: usize,
}

impl<'a> Ranges<'a> {
    /// From the pool's price on. `None` where nothing lies ahead.
    pub(crate) fn new(pool: &'a Pool, token_in: usize) -> Option<Self> {
        let state = pool.state();
        let ticks = pool.ticks();
        let mut found = Self {
            slope: 0.0,
            bend: 0.0,
            room: 0.0,
            left: 0,
            ticks: ticks.as_slice(),
            down: token_in == 0,
            kept: 1.0 - f64::from(pool.fee_pips(token_in)) / MILLION,
            liquidity: state.liquidity,
            below: ticks.count_until(state.tick),
        };
        if found.liquidity == 0 {
            return found.next().then_some(found);
        }
        let end = found.ticks.get(found.end()?)?.sqrt_price_x96();
        found.enter(real(state.sqrt_price_x96) / X96, real(end.abs_diff(state.sqrt_price_x96)));
        Some(found)
    }

    /// The tick at which the range ends.
    fn end(&self) -> Option<usize> {
        if self.down { self.below.checked_sub(1) } else { Some(self.below) }
    }

    /// Into the next range that has liquidity; `false` where there is none.
    pub(crate) fn next(&mut self) -> bool {
        loop {
            let Some(tick) = self.end().and_then(|end| self.ticks.get(end)) else {
                (self.slope, self.room) = (0.0, f64::INFINITY);
                return false;
            };
            let crossed = if self.down {
                self.below -= 1;
                self.liquidity.checked_sub_signed(tick.net)
            } else {
                self.below += 1;
                self.liquidity.checked_add_signed(tick.net)
            };
            self.left += 1;
            self.liquidity = crossed.unwrap_or(0);
            if let (1.., Some(end)) =
                (self.liquidity, self.end().and_then(|end| self.ticks.get(end)))
            {
                let (from, to) = (tick.sqrt_price_x96(), end.sqrt_price_x96());
                self.enter(real(from) / X96, real(to.abs_diff(from)));
                return true;
            }
        }
    }

    /// `distance`: to the price at which the range ends, which is known better than both prices.
    fn enter(&mut self, price: f64, distance: f64) {
        let liquidity = real_u128(self.liquidity);
        let distance = distance / X96;
        if self.down {
            self.slope = self.kept * price * price;
            self.bend = self.kept * price / liquidity;
            let end = price - distance;
            self.room = liquidity * distance / (price * end) / self.kept;
        } else {
            self.slope = self.kept / (price * price);
            self.bend = self.kept / (price * liquidity);
            self.room = liquidity * distance / self.kept;
        }
    }

    /// As far as `x` within the range.
    pub(crate) fn advance(&mut self, x: f64) {
        let below = 1.0 + self.bend * x;
        self.slope /= below * below;
        self.bend /= below;
        self.room -= x;
    }

    pub(crate) fn at(&self, x: f64) -> Given {
        let (mut here, mut rest, mut out) = (self.clone(), x, 0.0);
        while rest > here.room {
            out += here.slope * here.room / (1.0 + here.bend * here.room);
            rest -= here.room;
            if !here.next() {
                return Given { out, slope: 0.0 };
            }
        }
        out += here.slope * rest / (1.0 + here.bend * rest);
        here.advance(rest);
        Given { out, slope: here.slope }
    }

    /// The bend of a pool with the most liquidity of any range ahead, from this price on.
    pub(crate) fn least_bend(&self) -> f64 {
        let (mut liquidity, mut most) = (self.liquidity, self.liquidity);
        let ahead = |at: usize| if self.down { self.below - 1 - at } else { self.below + at };
        let count = if self.down { self.below } else { self.ticks.len() - self.below };
        for net in (0..count).map(|at| self.ticks[ahead(at)].net) {
            let crossed = if self.down {
                liquidity.checked_sub_signed(net)
            } else {
                liquidity.checked_add_signed(net)
            };
            liquidity = crossed.unwrap_or(0);
            most = most.max(liquidity);
        }
        self.bend * (real_u128(self.liquidity) / real_u128(most))
    }
}
