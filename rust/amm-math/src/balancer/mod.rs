//! Balancer's pools: numbers with 18 decimals, powers by series, and two kinds of curve on top.

pub mod fixed_point;
pub mod log_exp;
pub mod scaling;
pub mod stable;
pub mod weighted;
