//! What a swap is worth, to the last unit: pure functions over integers, in the shape of the
//! contracts that they repeat. No I/O, no clock, no floats, no Python.
//!
//! Every function that rounds says in its name which way: `_down` for what is received, `_up` for
//! what is paid. Arithmetic that the contracts check is checked here by named helpers
//! ([`checked`]), so that what reverts there is an error here, and nothing wraps in silence.

pub mod aave;
pub mod balancer;
pub mod checked;
pub mod curve;
pub mod error;

pub use error::QuoteError;
pub use ruint::aliases::{U256, U512};
