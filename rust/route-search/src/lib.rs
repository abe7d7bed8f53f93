//! Which rounds of swaps earn, and how much to send; which way a trade is best sent. Pure functions
//! over the pools of [`amm_math`].
//!
//! Real numbers (`f64`) guess and bound here: where an optimum lies, and what cannot earn. They
//! decide no amount. Every answer is a replay through the pools in their own integers, and says how
//! far from the best over all integers it can be at most.
//!
//! What cannot earn by the pools' curves is not replayed. So a round that has nothing to give but
//! what a stable pool's solver rounded up is not told: a unit or two, and more of dust.

mod batch;
mod best;
mod bounds;
mod enumerate;
mod graph;
mod hop;
mod lane;
mod legs;
mod narrow;
mod paths;
mod ranges;
mod rate;
mod real;
mod refine;
mod route;
mod size;
mod slack;
mod split;
mod stable;
mod watch;

pub use batch::{Amount, Request};
pub use best::{CYCLES_MAX, TOLD_MAX};
pub use graph::{GraphError, Leg, PoolGraph};
pub use legs::Legs;
pub use paths::Path;
pub use size::{Cycle, Found, Terms};
pub use split::{Part, Split};

/// No cycle and no path is longer, whatever is asked for.
pub const MAX_HOPS: usize = 8;
