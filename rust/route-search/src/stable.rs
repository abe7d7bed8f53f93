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
/// Units by which an iteration of the contracts may end off, and to spare.
const SOLVED: f64 = 4.0;
/// Balancer rounds two quotients of its equation before it multiplies them by this.
const BALANCER_COARSE: f64 = 1e3;

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
    /// Of Balancer's equation: what is multiplied after it was rounded, and what its products lose.
    coarse: (f64, f64),
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
        let scales = (factor(i)? * kept, 1.0 / factor(j)?);
        let found = Self::new(balances.collect(), (i, j), amp, scales)?;
        let cut = found.cut();
        Some(Self { coarse: (BALANCER_COARSE, cut), ..found })
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
        Some(Self { balances, i, j, amp, invariant, scale_in, scale_out, coarse: (0.0, 0.0) })
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

    /// By how much the contracts' roundings can move what is given where that is `out`: a unit of
    /// the invariant moves the balance that is left by n + 1, or by as much more as it is above
    /// the invariant; what was rounded of Balancer's equation weighs the more the less is left.
    pub(crate) fn slack(&self, out: f64) -> f64 {
        let (n, held) = (real_usize(self.balances.len()), self.balances[self.j]);
        let left = (held - out / self.scale_out).max(1.0);
        let solved = SOLVED * (n + 1.0) * (held / self.invariant).max(1.0) + SOLVED;
        let (times, cut) = self.coarse;
        (solved + times * (1.0 + held / left) + cut) * self.scale_out
    }

    /// Balancer's products of balances are cut to units one after the other, which of a small one
    /// is a part: by so much of them the invariant and the balance that is left are moved.
    fn cut(&self) -> f64 {
        let (n, invariant) = (real_usize(self.balances.len()), self.invariant);
        let (mut product, mut part) = (invariant, 0.0);
        for balance in &self.balances {
            product *= n * balance / invariant;
            part += 1.0 / product;
        }
        2.0 * (invariant + self.balances[self.j]) * part
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

    /// By how much the contract's truncations can move what is given. Each product of balances is
    /// cut after 18 decimals, which takes `x^2 + y^2 + 2xy + 1` units of the curve's value at most,
    /// before the swap and after it; the curve rises with y by its value by y at least.
    pub(crate) fn slack(&self) -> f64 {
        let (x, y) = (self.held_in, self.held_out);
        let cut = 8.0 * (1.0 + 1.0 / (x * x + y * y)) / x + 8.0;
        cut / ONE * self.scale_out + 2.0
    }
}
