//! A swap in real numbers: what is given for an input, and what a little more of it would give.
//! For guesses only.

use amm_math::pool::Pool;
use amm_math::{U256, balancer, constant_product::ConstantProduct};

use crate::ranges::Ranges;
use crate::rate::Rate;
use crate::real::real;
use crate::stable::{Solidly, Stable};

/// 18 decimals.
pub(crate) const ONE: f64 = 1e18;
/// A weighted pool takes so much of a balance at once.
const MOST_OF_BALANCE: f64 = 0.3;

/// What a swap gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub(crate) out: f64,
    /// What a little more would give, in parts of it.
    pub(crate) slope: f64,
}

/// One direction of a pool.
#[derive(Clone, Debug)]
pub(crate) enum Hop<'a> {
    Product(Rate),
    Ranges(Ranges<'a>),
    Weighted(Weighted),
    Stable(&'a Stable),
    Solidly(Solidly),
}

impl<'a> Hop<'a> {
    /// `None` where the pool gives nothing. `stable`: what was solved of such a pool.
    pub(crate) fn of(
        pool: &'a Pool,
        (i, j): (usize, usize),
        stable: Option<&'a Stable>,
    ) -> Option<Self> {
        Some(match pool {
            Pool::ConstantProduct(pool) => Self::Product(product(pool, i, j)?),
            Pool::Concentrated(pool) => Self::Ranges(Ranges::new(pool, i)?),
            Pool::Weighted(pool) => Self::Weighted(Weighted::new(pool, i, j)?),
            Pool::Stable(_) | Pool::StableSwap(_) => Self::Stable(stable?),
            Pool::SolidlyStable(pool) => Self::Solidly(Solidly::new(pool, i)?),
        })
    }

    pub(crate) fn at(&self, x: f64) -> Given {
        match self {
            Self::Product(rate) => {
                let below = 1.0 + rate.bend * x;
                Given { out: rate.slope * x / below, slope: rate.slope / (below * below) }
            }
            Self::Ranges(ranges) => ranges.at(x),
            Self::Weighted(pool) => pool.at(x),
            Self::Stable(pool) => pool.at(x),
            Self::Solidly(pool) => pool.at(x),
        }
    }
}

fn product(pool: &ConstantProduct, i: usize, j: usize) -> Option<Rate> {
    let reserves = pool.reserves();
    let (x, y) = (reserves.get(i)?, reserves.get(j)?);
    if x.is_zero() || y.is_zero() {
        return None;
    }
    let kept = real(U256::from(pool.fee().kept())) / real(U256::from(pool.fee().whole()));
    let bend = kept / real(*x);
    Some(Rate { slope: bend * real(*y), bend })
}

/// A weighted pool, in the tokens' own units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighted {
    pub(crate) held_in: f64,
    held_out: f64,
    /// Of what is paid.
    pub(crate) kept: f64,
    /// The weight of what is paid by that of what is received.
    pub(crate) power: f64,
}

impl Weighted {
    fn new(pool: &balancer::weighted::Pool, i: usize, j: usize) -> Option<Self> {
        let (token_in, token_out) = (pool.tokens.get(i)?, pool.tokens.get(j)?);
        let (weight_in, weight_out) = (pool.weights.get(i)?, pool.weights.get(j)?);
        if token_in.balance.is_zero() || token_out.balance.is_zero() || weight_out.is_zero() {
            return None;
        }
        Some(Self {
            held_in: real(token_in.balance),
            held_out: real(token_out.balance),
            kept: 1.0 - real(pool.fee) / ONE,
            power: real(*weight_in) / real(*weight_out),
        })
    }

    pub(crate) fn slope(&self) -> f64 {
        self.kept * self.power * self.held_out / self.held_in
    }

    fn at(&self, x: f64) -> Given {
        let grown = 1.0 + self.kept * x / self.held_in;
        if grown > 1.0 + MOST_OF_BALANCE {
            let left = (1.0 + MOST_OF_BALANCE).powf(-self.power);
            return Given { out: self.held_out * (1.0 - left), slope: 0.0 };
        }
        let left = grown.powf(-self.power);
        Given { out: self.held_out * (1.0 - left), slope: self.slope() * left / grown }
    }
}
