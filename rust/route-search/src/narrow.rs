//! A constant-product swap in two words, which nearly every pool's reserves leave room for.
//!
//! Searches replay little else, and a quotient of four words costs several times as much. This is
//! the formula of [`amm_math::constant_product::amount_out_down`]: the quotient is guessed twice in
//! real numbers, and what is left over says in integers where it is.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a guess of a quotient; its remainder decides"
)]

use amm_math::constant_product::ConstantProduct;
use amm_math::{QuoteError, U256};

/// Reserves and amounts have fewer bits; with the fee's 20 they stay below 117.
const BITS: u32 = 96;
const LOW: u128 = u64::MAX as u128;

/// What is received for `amount`.
#[inline]
pub fn amount_out_down(
    pool: &ConstantProduct,
    (i, j): (usize, usize),
    amount: U256,
) -> Result<U256, QuoteError> {
    let reserves = pool.reserves();
    let (Some(x), Some(y), Some(paid)) =
        (reserves.get(i).and_then(narrow), reserves.get(j).and_then(narrow), narrow(&amount))
    else {
        return pool.amount_out_down(i, j, amount);
    };
    if i == j || x == 0 || y == 0 || paid == 0 {
        return pool.amount_out_down(i, j, amount);
    }
    let counted = paid * u128::from(pool.fee().kept());
    let below = x * u128::from(pool.fee().whole()) + counted;
    Ok(U256::from(mul_div_down(counted, y, below)))
}

#[inline]
fn narrow(x: &U256) -> Option<u128> {
    let [x0, x1, x2, x3] = x.into_limbs();
    let narrow = u128::from(x1) << 64 | u128::from(x0);
    (x2 | x3 == 0 && narrow >> BITS == 0).then_some(narrow)
}

/// `x * y / z`, for a quotient of up to 96 bits and a divisor of up to 117.
#[inline]
fn mul_div_down(x: u128, y: u128, z: u128) -> u128 {
    let divisor = real(z);
    // Off by 2^-50 of itself, so by 2^46; what that leaves is known as well, so within one.
    let guess = whole(real(x) * real(y) / divisor);
    let (high, low) = mul_wide(x, y);
    let (taken_high, taken_low) = mul_wide(guess, z);
    let (left_low, borrow) = low.overflowing_sub(taken_low);
    let left_high = high.wrapping_sub(taken_high).wrapping_sub(u128::from(borrow));
    let rest = if left_high >> 127 == 0 {
        real(left_high) * 2_f64.powi(128) + real(left_low)
    } else {
        // Of a small negative number the words are large: their difference would be lost.
        let carry = u128::from(left_low == 0);
        -(real((!left_high).wrapping_add(carry)) * 2_f64.powi(128) + real(left_low.wrapping_neg()))
    };
    let more = (rest / divisor) as i64;
    let low = left_low;
    let mut quotient = guess.wrapping_add_signed(i128::from(more));
    // A few divisors at most either way, so that a word less shows it with its sign.
    let divisor = z.cast_signed();
    let mut rest = low.cast_signed().wrapping_sub(i128::from(more).wrapping_mul(divisor));
    while rest < 0 {
        quotient -= 1;
        rest += divisor;
    }
    while rest >= divisor {
        quotient += 1;
        rest -= divisor;
    }
    quotient
}

#[inline]
fn real(x: u128) -> f64 {
    (x >> 64) as u64 as f64 * 18_446_744_073_709_551_616.0 + x as u64 as f64
}

/// Of up to 97 bits, in two parts that machines convert.
#[inline]
fn whole(x: f64) -> u128 {
    let high = (x / 2_f64.powi(48)) as i64;
    let low = (x - high as f64 * 2_f64.powi(48)) as i64;
    (high as u128) << 48 | low as u128
}

/// The upper and the lower half of a product.
#[inline]
const fn mul_wide(x: u128, y: u128) -> (u128, u128) {
    let (x1, x0, y1, y0) = (x >> 64, x & LOW, y >> 64, y & LOW);
    let low = x0 * y0;
    let middle = x1 * y0 + (low >> 64);
    let carried = x0 * y1 + (middle & LOW);
    (x1 * y1 + (middle >> 64) + (carried >> 64), carried << 64 | low & LOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use amm_math::constant_product::Fee;

    /// Steele's `SplitMix64`.
    fn word(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Of every length, and often all ones or a single one.
    fn sized(state: &mut u64) -> U256 {
        let bits = 1 + word(state) % 100;
        let all = (U256::ONE << usize::try_from(bits).unwrap()) - U256::ONE;
        match word(state) % 4 {
            0 => all,
            1 => all - (all >> 1),
            _ => U256::from_limbs([word(state), word(state), 0, 0]) & all,
        }
    }

    #[test]
    fn it_is_the_librarys_answer() {
        let mut state = 7;
        for _ in 0..200_000 {
            let ppm = [0, 1, 100, 3_000, 3_001, 10_000, 999_999];
            let fee = Fee::from_ppm(ppm[usize::try_from(word(&mut state) % 7).unwrap()]).unwrap();
            let pool = ConstantProduct::new([sized(&mut state), sized(&mut state)], fee);
            let amount = sized(&mut state);
            for (i, j) in [(0, 1), (1, 0)] {
                let expected = pool.amount_out_down(i, j, amount);
                assert_eq!(amount_out_down(&pool, (i, j), amount), expected, "{pool:?} {amount}");
            }
        }
    }

    #[test]
    fn a_pair_that_the_pool_has_not_is_refused() {
        let fee = Fee::from_bps(30).unwrap();
        let pool = ConstantProduct::new([U256::from(1_000); 2], fee);
        for places in [(0, 0), (1, 1), (0, 2), (2, 1)] {
            assert_eq!(amount_out_down(&pool, places, U256::ONE), Err(QuoteError::Token));
        }
    }
}
