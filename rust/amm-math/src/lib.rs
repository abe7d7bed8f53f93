//! What a swap is worth, to the last unit: pure functions over integers, in the shape of the
//! contracts that they repeat. No I/O, no clock, no floats, no Python.
//!
//! Every function that rounds says in its name which way: `_down` for what is received, `_up` for
//! what is paid. Arithmetic that the contracts check is checked here by named helpers
//! ([`checked`]), so that what reverts there is an error here, and nothing wraps in silence.

#![allow(
    clippy::inline_always,
    reason = "numbers of four words that pass through memory cost more than their product"
)]

pub mod aave;
pub mod balancer;
pub mod checked;
pub mod constant_product;
pub mod curve;
pub mod error;
pub mod mul_div;
pub mod pool;
pub mod pool_error;
pub mod solidly_stable;
pub mod uniswap_v3;

pub use error::QuoteError;
pub use pool_error::PoolError;
pub use ruint::aliases::{U256, U512};
