//! Concentrated liquidity: Uniswap V3, and V4's pools without hooks, whose swaps are the same
//! arithmetic. They differ in what they accept ([`Rules`]).

mod pool;
mod sqrt_price_math;
mod swap_math;
pub mod tick_math;
mod ticks;
mod walk;

pub use pool::{Pool, Rules, State, Swap};
pub use ticks::{MAX_SPACING, Stop, Tick, Ticks};
