//! The `StableSwap` invariant and its two solvers, after Curve's `get_D`, `get_y` and `get_y_D`.
//!
//! All are Newton iterations over integers that stop as soon as a step is at most one unit, so
//! their last unit depends on the path, and the path is repeated here division by division.
//! Where the templates differ, [`Template`] says how.

use crate::checked::{add, div_down, mul, sub};
use crate::{QuoteError, U256};

/// No contract iterates longer.
const MAX_STEPS: usize = 255;

/// Which deployed code the pool runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// `StableSwap3Pool`: the amplification has no precision of its own, the fee is taken in the
    /// token's own units by `get_dy`, and an iteration that does not settle is let pass.
    ThreePool,
    /// `StableSwapSTETH`: `get_D` divides by `x * n + 1`, and amounts are not scaled.
    Steth,
    /// The base template of two coins.
    Base,
}

impl Template {
    /// By the name that the interface's programs give it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "THREE_POOL" => Some(Self::ThreePool),
            "STETH" => Some(Self::Steth),
            "BASE2" => Some(Self::Base),
            _ => None,
        }
    }

    /// `A_PRECISION`: how many units of the amplification given make one.
    #[must_use]
    pub fn amp_precision(self) -> U256 {
        match self {
            Self::ThreePool => U256::ONE,
            Self::Steth | Self::Base => U256::from(100),
        }
    }

    /// Whether amounts are brought to eighteen decimals for the curve; both of stETH's coins have
    /// them, and its contract does not multiply.
    #[must_use]
    pub(super) fn is_scaled(self) -> bool {
        self != Self::Steth
    }

    fn unsettled(self, last: U256) -> Result<U256, QuoteError> {
        match self {
            Self::ThreePool => Ok(last),
            Self::Steth | Self::Base => Err(QuoteError::NoConvergence),
        }
    }
}

/// Every division in it is rounded down, as in the contracts; the sum is neither bound.
///
/// # Errors
/// `Overflow` where the contract's arithmetic reverts, also on a balance of zero beside others;
/// `NoConvergence` where the base template gives up.
pub fn get_d_down(template: Template, amp: U256, xp: &[U256]) -> Result<U256, QuoteError> {
    let n = U256::from(xp.len());
    let precision = template.amp_precision();
    let total = xp.iter().try_fold(U256::ZERO, |sum, &x| add(sum, x))?;
    if total.is_zero() {
        return Ok(U256::ZERO);
    }
    let ann = mul(amp, n)?;
    let ann_total = div_down(mul(ann, total)?, precision)?;
    let nudge = U256::from(u8::from(template == Template::Steth));
    let mut d = total;
    for _ in 0..MAX_STEPS {
        let mut product = d;
        for &x in xp {
            product = div_down(mul(product, d)?, add(mul(x, n)?, nudge)?)?;
        }
        let before = d;
        let above = mul(add(ann_total, mul(product, n)?)?, d)?;
        let below = add(
            div_down(mul(sub(ann, precision)?, d)?, precision)?,
            mul(add(n, U256::ONE)?, product)?,
        )?;
        d = div_down(above, below)?;
        if d.abs_diff(before) <= U256::ONE {
            return Ok(d);
        }
    }
    template.unsettled(d)
}

/// The quadratic `y^2 + (b - d) y = c` for the one balance that is not given.
pub(crate) struct Quadratic {
    b: U256,
    c: U256,
    d: U256,
}

impl Quadratic {
    /// From all balances but that of `unknown`; what `xp` says there is not read.
    pub(crate) fn new(
        template: Template,
        amp: U256,
        xp: &[U256],
        unknown: usize,
        d: U256,
    ) -> Result<Self, QuoteError> {
        let n = U256::from(xp.len());
        let precision = template.amp_precision();
        let ann = mul(amp, n)?;
        let mut sum = U256::ZERO;
        let mut c = d;
        for (_, &x) in xp.iter().enumerate().filter(|&(at, _)| at != unknown) {
            sum = add(sum, x)?;
            c = div_down(mul(c, d)?, mul(x, n)?)?;
        }
        let c = div_down(mul(mul(c, d)?, precision)?, mul(ann, n)?)?;
        let b = add(sum, div_down(mul(d, precision)?, ann)?)?;
        Ok(Self { b, c, d })
    }

    fn step_down(&self, y: U256) -> Result<U256, QuoteError> {
        let below = sub(add(mul(U256::from(2), y)?, self.b)?, self.d)?;
        div_down(add(mul(y, y)?, self.c)?, below)
    }

    /// What the contract returns: the first iterate that is within one unit of the one before. At
    /// least the root rounded down, and at times one more.
    pub(crate) fn settle(&self, template: Template) -> Result<U256, QuoteError> {
        let mut y = self.d;
        for _ in 0..MAX_STEPS {
            let before = y;
            y = self.step_down(y)?;
            if y.abs_diff(before) <= U256::ONE {
                return Ok(y);
            }
        }
        template.unsettled(y)
    }

    /// The root rounded down, whatever the path: a step from anywhere ends at or above it, and the
    /// steps from above it fall until it is reached.
    pub(crate) fn root_down(&self) -> Result<U256, QuoteError> {
        let mut y = self.step_down(self.d)?;
        for _ in 0..2 * MAX_STEPS {
            let next = self.step_down(y)?;
            if next >= y {
                return Ok(y);
            }
            y = next;
        }
        Err(QuoteError::NoConvergence)
    }
}

/// The balance of `unknown` that keeps the invariant at `d`, after `get_y` and `get_y_D`.
///
/// # Errors
/// `Token` for an index that the pool does not have; else as [`get_d_down`].
pub fn get_y_down(
    template: Template,
    amp: U256,
    xp: &[U256],
    unknown: usize,
    d: U256,
) -> Result<U256, QuoteError> {
    if unknown >= xp.len() {
        return Err(QuoteError::Token);
    }
    Quadratic::new(template, amp, xp, unknown, d)?.settle(template)
}
