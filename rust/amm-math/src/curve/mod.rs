//! Curve's `StableSwap` pools, as deployed: three templates that differ by a unit here and there,
//! and a unit is what an exact quote is about.

mod exact_out;
pub mod invariant;
pub mod pool;

pub use pool::{Pool, Swap, Withdrawal};
