//! The most that a swap can give: a constant-product curve on or above the pool's own.
//!
//! Such curves compose (a swap after a swap is one again), have their best input in closed form,
//! and for constant-product pools they are the pool's own. So the same two numbers decide what can
//! not earn, and say how much to send where they are exact.

use crate::hop::Hop;
use crate::ranges::Ranges;

/// At most `slope * x / (1 + bend * x)` is given for `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    pub(crate) slope: f64,
    pub(crate) bend: f64,
}

/// Above what roundings of the real numbers in a few hops come to, relatively.
const MARGIN: f64 = 1e-13;
/// And in the solution of a stable pool's invariant.
const SOLVED_MARGIN: f64 = 1e-9;
/// How far a weighted pool may be bought into at once.
const WEIGHTED_REACH: f64 = 0.3;

impl Rate {
    pub(crate) const SAME: Self = Self { slope: 1.0, bend: 0.0 };
    const NOTHING: Self = Self { slope: 0.0, bend: 0.0 };

    pub(crate) fn of(hop: Option<Hop<'_>>) -> Self {
        let rate = match hop {
            Some(Hop::Product(rate)) => rate,
            Some(Hop::Ranges(ranges)) => ranges_bound(&ranges),
            Some(Hop::Weighted(pool)) => {
                // (1 + z)^e is at least its chord over the reach for e below 1, for others its
                // tangent: z is what comes in, by the balance.
                let exponent = f64::midpoint(1.0, pool.power);
                let chord = ((1.0 + WEIGHTED_REACH).powf(exponent) - 1.0) / WEIGHTED_REACH;
                let bend = chord.min(1.0) * (1.0 - SOLVED_MARGIN) * pool.kept / pool.held_in;
                Self { slope: pool.slope() * (1.0 + SOLVED_MARGIN), bend }
            }
            Some(hop) => Self { slope: hop.at(0.0).slope * (1.0 + SOLVED_MARGIN), bend: 0.0 },
            None => Self::NOTHING,
        };
        if rate.slope.is_finite() && rate.bend.is_finite() { rate } else { Self::NOTHING }
    }

    /// This swap, and with what it gives the next.
    #[inline]
    pub(crate) fn then(self, next: Self) -> Self {
        Self { slope: self.slope * next.slope, bend: self.bend + self.slope * next.bend }
    }

    /// No input earns more, where each unit of it costs `cost`.
    #[inline]
    pub(crate) fn most(self, cost: f64) -> f64 {
        if self.slope * (1.0 + 4.0 * MARGIN) <= cost {
            return 0.0; // as what follows says too, but for its roots
        }
        let gap = self.slope.sqrt() * (1.0 + MARGIN) - cost.sqrt();
        if gap <= 0.0 { 0.0 } else { gap * gap / self.bend * (1.0 + MARGIN) }
    }

    /// The input that earns most on the curve.
    #[inline]
    pub(crate) fn best_input(self, cost: f64) -> f64 {
        ((self.slope / cost).sqrt() - 1.0) / self.bend
    }
}

/// With as much liquidity everywhere as there is at most anywhere ahead.
fn ranges_bound(ranges: &Ranges<'_>) -> Rate {
    let bend = ranges.least_bend();
    Rate { slope: ranges.slope * (1.0 + MARGIN), bend: bend * (1.0 - MARGIN) }
}
