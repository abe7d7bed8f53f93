//! Pools of tokens of one value, in real numbers: the invariant that Curve and Balancer share, and
//! Solidly's.

use amm_math::curve::invariant::Template;
use amm_math::pool::Pool;
use amm_math::solidly_stable::SolidlyStable;
use amm_math::{U256, balancer, curve};

use crate::hop::{Given, ONE};
use crate::real::{real, real_usize};

const STEPS: usize = 64;
/// A step by less than this part has arrived.
const NEAR: f64 = 1e-16;

/// A direction of a pool of the `StableSwap` invariant, with 18 decimals.
#[derive(Clone, Debug)]
pub(crate) struct Stable {
    balances: Vec<f64>,
    i: usize,
    j: usize,
    /// The amplification times the number of tokens.
    amp: f64,
    invariant: f64,
    /// What of an input reaches the curve, scaled; what of what leaves it is given, scaled back.
    scale_in: f64,
    scale_out: f64,
}

impl Stable {
    /// Of pools of this kind.
    pub(crate) fn of(pool: &Pool, (i, j): (usize, usize)) -> Option<Self> {
        match pool {
            Pool::Stable(pool) => Self::balancer(pool, i, j),
            Pool::StableSwap(pool) => Self::curve(pool, i, j),
            _ => None,
        }
    }

    fn balancer(pool: &balancer::stable::Pool, i: usize, j: usize) -> Option<Self> {
        let factor = |at: usize| pool.tokens.get(at).map(|token| real(token.factor) / ONE);
        let balances =
            pool.tokens.iter().map(|token| real(token.balance) * real(token.factor) / ONE);
        let amp = real(pool.curve.amp) / real(balancer::stable::AMP_PRECISION);
        let kept = 1.0 - real(pool.fee) / ONE;
        Self::new(balances.collect(), (i, j), amp, (factor(i)? * kept, 1.0 / factor(j)?))
    }

    fn curve(pool: &curve::Pool, i: usize, j: usize) -> Option<Self> {
        let unit = |&places: &u8| {
            if pool.template() == Template::Steth {
                1.0
            } else {
                10_f64.powi(18 - i32::from(places))
            }
        };
        let units: Vec<f64> = pool.decimals().iter().map(unit).collect();
        let balances = pool.balances().iter().zip(&units).map(|(&x, unit)| real(x) * unit);
        let amp = real(pool.amp()) / real(pool.template().amp_precision());
        let kept = 1.0 - real(pool.fee()) / 1e10;
        Self::new(balances.collect(), (i, j), amp, (*units.get(i)?, kept / units.get(j)?))
    }

    fn new(
        balances: Vec<f64>,
        (i, j): (usize, usize),
        amp: f64,
        (scale_in, scale_out): (f64, f64),
    ) -> Option<Self> {
        let amp = amp * real_usize(balances.len());
        if i == j || i.max(j) >= balances.len() || balances.iter().any(|&x| x <= 0.0) {
            return None;
        }
        let invariant = invariant(&balances, amp)?;
        Some(Self { balances, i, j, amp, invariant, scale_in, scale_out })
    }

    pub(crate) fn at(&self, x: f64) -> Given {
        let n = real_usize(self.balances.len());
        let held_in = self.balances[self.i] + x * self.scale_in;
        // The product of D / (n x) over all but the token that is received, and their sum.
        let (mut product, mut sum) = (1.0, 0.0);
        for (at, &balance) in self.balances.iter().enumerate().filter(|&(at, _)| at != self.j) {
            let held = if at == self.i { held_in } else { balance };
            product *= self.invariant / (n * held);
            sum += held;
        }
        let c = self.invariant * self.invariant / (n * self.amp) * product;
        let b = self.invariant - sum - self.invariant / self.amp;
        let root = (b * b + 4.0 * c).sqrt();
        // Of the two ways to write the root the one that subtracts nothing.
        let left = if b > 0.0 { f64::midpoint(b, root) } else { 2.0 * c / (root - b) };
        let weight = self.invariant * product * self.invariant / (n * left);
        let slope = (self.amp + weight / held_in) / (self.amp + weight / left);
        let out = (self.balances[self.j] - left) * self.scale_out;
        Given { out, slope: slope * self.scale_in * self.scale_out }
    }

    /// What a unit with 18 decimals is of what is given.
    pub(crate) fn scale_out(&self) -> f64 {
        self.scale_out
    }
}

/// By Newton's steps, as the contracts take them.
fn invariant(balances: &[f64], amp: f64) -> Option<f64> {
    let n = real_usize(balances.len());
    let sum: f64 = balances.iter().sum();
    let mut d = sum;
    for _ in 0..STEPS {
        let product = balances.iter().fold(d, |product, x| product * d / (n * x));
        let next = (amp * sum + n * product) * d / ((amp - 1.0) * d + (n + 1.0) * product);
        if !next.is_finite() {
            return None;
        }
        if (next - d).abs() <= NEAR * d {
            return Some(next);
        }
        d = next;
    }
    Some(d)
}

/// A direction of Solidly's, in whole tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Solidly {
    held_in: f64,
    held_out: f64,
    kept_value: f64,
    scale_in: f64,
    scale_out: f64,
}

impl Solidly {
    pub(crate) fn new(pool: &SolidlyStable, i: usize) -> Option<Self> {
        let j = 1_usize.checked_sub(i)?;
        let ([reserves, units], fee) = ([pool.reserves(), pool.units()], pool.fee_bps());
        let unit = |at: usize| real(units[at]);
        let (x, y) = (real(reserves[i]) / unit(i), real(reserves[j]) / unit(j));
        Some(Self {
            held_in: x,
            held_out: y,
            kept_value: x * y * (x * x + y * y),
            scale_in: (1.0 - real(U256::from(fee)) / 1e4) / unit(i),
            scale_out: unit(j),
        })
    }

    pub(crate) fn at(&self, amount: f64) -> Given {
        let x = self.held_in + amount * self.scale_in;
        let mut y = self.held_out;
        for _ in 0..STEPS {
            let step = (x * y * (x * x + y * y) - self.kept_value) / (x * (x * x + 3.0 * y * y));
            y -= step;
            if step.abs() <= NEAR * y {
                break;
            }
        }
        let slope = y * (3.0 * x * x + y * y) / (x * (x * x + 3.0 * y * y));
        Given {
            out: (self.held_out - y) * self.scale_out,
            slope: slope * self.scale_in * self.scale_out,
        }
    }

    /// By how much the contract's truncations can move what is given: each is a unit of 18
    /// decimals in a product of balances, and weighs the more the smaller these are.
    pub(crate) fn slack(&self) -> f64 {
        let (x, y) = (self.held_in, self.held_out);
        let relative = (2.0 / (x * y) + 1.0 / (x * x) + 1.0 / (y * y)) / ONE;
        ((8.0 + 8.0 * y * relative * ONE) / ONE) * self.scale_out + 2.0
    }
}
