//! Between the pools' integers and the real numbers that guesses are made in.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "a guess has as many digits as it has; what counts is replayed in integers"
)]

use amm_math::U256;

const WORD: f64 = 18_446_744_073_709_551_616.0;
/// A price of concentrated pools has 96 fractional bits.
pub const X96: f64 = 79_228_162_514_264_337_593_543_950_336.0;

/// Within three parts of 2^53.
#[inline]
pub fn real(x: U256) -> f64 {
    let [x0, x1, x2, x3] = x.into_limbs();
    if x2 | x3 == 0 {
        return (u128::from(x1) << 64 | u128::from(x0)) as f64;
    }
    ((x3 as f64 * WORD + x2 as f64) * WORD + x1 as f64) * WORD + x0 as f64
}

/// Of a liquidity.
pub fn real_u128(x: u128) -> f64 {
    x as f64
}

/// Of a count.
pub fn real_usize(x: usize) -> f64 {
    x as f64
}

/// The whole part. `None` for what is no amount: negative, endless, or beyond 250 bits.
#[inline]
pub fn whole_down(x: f64) -> Option<U256> {
    if !(0.0..2_f64.powi(250)).contains(&x) {
        return None;
    }
    if x < 2_f64.powi(127) {
        return Some(U256::from(x as u128));
    }
    // All that a real number holds lies in its upper 53 bits.
    let shift = ((x.to_bits() >> 52) & 0x7ff) as usize - 1023 - 64;
    Some(U256::from((x / 2_f64.powi(shift as i32)) as u128) << shift)
}

/// A logarithm, in half the room and not below the true one. Of nothing the least there is.
pub fn log_up(x: f64) -> f32 {
    if x > 0.0 { (x.ln() as f32).next_up() } else { f32::NEG_INFINITY }
}

/// Rounded up, for what an answer may be off by.
pub fn whole_up(x: f64) -> U256 {
    whole_down(x.ceil()).unwrap_or(U256::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_keeps_what_a_real_number_holds() {
        for shift in [0, 1, 52, 63, 64, 100, 127, 128, 190, 249] {
            let x = U256::ONE << shift;
            assert_eq!(whole_down(real(x)), Some(x), "2^{shift}");
        }
        assert_eq!(real(U256::from(12_345)).to_bits(), 12_345_f64.to_bits());
    }

    #[test]
    fn what_is_no_amount_becomes_none() {
        for x in [-1.0, f64::NAN, f64::INFINITY, 2_f64.powi(251)] {
            assert_eq!(whole_down(x), None, "{x}");
        }
    }

    #[test]
    fn what_an_answer_may_be_off_by_is_rounded_up() {
        assert_eq!(whole_up(0.0), U256::ZERO);
        assert_eq!(whole_up(1.001), U256::from(2));
    }
}
