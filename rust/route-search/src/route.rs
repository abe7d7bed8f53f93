//! A way through pools, replayed in their own integers.

use amm_math::{QuoteError, U256};

use crate::graph::PoolGraph;
use crate::size::Terms;
use crate::slack::Step;

/// What is earned is kept as this much more, so that less than nothing is a number too.
pub(crate) const ZERO: U256 = U256::from_limbs([0, 0, 0, 1 << 63]);
/// Amounts below it leave room for that.
const AMOUNT_END: U256 = U256::from_limbs([0, 0, 0, 1 << 61]);
const BPS: U256 = U256::from_limbs([10_000, 0, 0, 0]);

/// Edges, each from where the last one goes, through no pool twice.
#[derive(Clone, Copy)]
pub(crate) struct Route<'a> {
    pub(crate) graph: &'a PoolGraph,
    pub(crate) edges: &'a [u32],
}

/// A replay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried {
    pub(crate) amount_in: U256,
    pub(crate) amount_out: U256,
    /// What is earned before gas, with [`ZERO`] added.
    pub(crate) earned: U256,
    /// The curve earns at most so much more for the same.
    pub(crate) slack: f64,
}

impl Tried {
    /// It does not earn what it must, but what earns more by up to `within` does.
    pub(crate) fn may_earn_only(&self, within: U256, terms: &Terms) -> bool {
        let least = terms.needed().and_then(|needed| ZERO.checked_add(needed));
        least
            .is_some_and(|least| self.earned < least && least <= self.earned.saturating_add(within))
    }
}

impl<'a> Route<'a> {
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step<'a>> {
        let graph = self.graph;
        self.edges.iter().map(move |&number| graph.step(number))
    }

    /// What `amount` gives at the end. Where a pool gives nothing, nothing is given.
    pub(crate) fn replay(&self, amount: U256) -> Result<U256, QuoteError> {
        let mut amount = amount;
        for step in self.steps() {
            amount = step.amount_out_down(amount)?;
            if amount.is_zero() {
                break;
            }
        }
        Ok(amount)
    }

    /// What is earned with `amount` before gas, [`ZERO`] added; `None` where it is refused.
    pub(crate) fn earned(&self, terms: &Terms, amount: U256) -> Option<U256> {
        terms.earned(amount, self.replay(amount).ok()?)
    }

    /// As [`Route::earned`], with what rounding took.
    pub(crate) fn tried(&self, terms: &Terms, amount_in: U256) -> Option<Tried> {
        let (mut amount, mut slack) = (amount_in, 0.0);
        for step in self.steps() {
            if amount.is_zero() {
                slack = step.rate.slope * (slack + 1.0);
            } else {
                (amount, slack) = step.give(amount, slack).ok()?;
            }
        }
        let earned = terms.earned(amount_in, amount)?;
        // The loan's fee is rounded up.
        Some(Tried { amount_in, amount_out: amount, earned, slack: slack + 1.0 })
    }
}

impl Terms {
    /// Before gas, with [`ZERO`] added.
    pub(crate) fn earned(&self, amount_in: U256, amount_out: U256) -> Option<U256> {
        if amount_in >= AMOUNT_END || amount_out >= AMOUNT_END {
            return None;
        }
        let fee_up = if self.loan_fee_bps == 0 {
            U256::ZERO
        } else {
            let fee = amount_in.checked_mul(U256::from(self.loan_fee_bps))?;
            fee.checked_add(BPS - U256::ONE)? / BPS
        };
        (ZERO + amount_out - amount_in).checked_sub(fee_up)
    }

    /// What must be earned before gas.
    pub(crate) fn needed(&self) -> Option<U256> {
        self.gas.checked_add(self.min_profit.max(U256::ONE))
    }

    /// What a unit that is sent costs: itself and the loan's fee.
    pub(crate) fn cost(&self) -> f64 {
        1.0 + f64::from(self.loan_fee_bps) / 1e4
    }
}
