//! `x * y / z` with the product in full, as `FullMath.mulDiv` of Uniswap V3 gives it.
//!
//! This decides what a quote costs, so small numbers, which most are, do not pay for large ones:
//! a divisor of one word is divided by word after word, a product of four words stays in four.

use crate::{QuoteError, U256, U512};

/// `x * y / z`, rounded down.
///
/// # Errors
/// `Overflow` where `z` is zero or the result is beyond 2^256 - 1, on which the contract reverts.
#[inline]
pub fn mul_div_down(x: U256, y: U256, z: U256) -> Result<U256, QuoteError> {
    Ok(mul_div_rem(x, y, z)?.0)
}

/// `x * y / z`, rounded up.
///
/// # Errors
/// `Overflow` where `z` is zero or the result is beyond 2^256 - 1, on which the contract reverts.
#[inline]
pub fn mul_div_up(x: U256, y: U256, z: U256) -> Result<U256, QuoteError> {
    let (quotient, is_exact) = mul_div_rem(x, y, z)?;
    if is_exact {
        return Ok(quotient);
    }
    quotient.checked_add(U256::ONE).ok_or(QuoteError::Overflow)
}

/// The quotient rounded down, and whether nothing was left over.
#[inline]
fn mul_div_rem(x: U256, y: U256, z: U256) -> Result<(U256, bool), QuoteError> {
    if z.is_zero() {
        return Err(QuoteError::Overflow);
    }
    if x.bit_len() + y.bit_len() <= 256 {
        let (quotient, remainder) = x.wrapping_mul(y).div_rem(z);
        return Ok((quotient, remainder.is_zero()));
    }
    let product: U512 = x.widening_mul(y);
    let (quotient, remainder) = product.div_rem(widen(z));
    Ok((narrow(quotient)?, remainder.is_zero()))
}

/// The same number in twice the room.
#[inline]
#[must_use]
pub fn widen(x: U256) -> U512 {
    let mut limbs = [0; 8];
    limbs[..4].copy_from_slice(x.as_limbs());
    U512::from_limbs(limbs)
}

/// The same number in half the room.
///
/// # Errors
/// `Overflow` where it does not fit.
#[inline]
pub fn narrow(x: U512) -> Result<U256, QuoteError> {
    let [low @ .., h0, h1, h2, h3] = x.into_limbs();
    if h0 | h1 | h2 | h3 != 0 {
        return Err(QuoteError::Overflow);
    }
    Ok(U256::from_limbs(low))
}

/// A number that is known to fit two words.
///
/// # Errors
/// `Overflow` where it does not.
#[inline]
pub fn to_u128(x: U256) -> Result<u128, QuoteError> {
    let [low, high, rest @ ..] = x.into_limbs();
    if rest != [0, 0] {
        return Err(QuoteError::Overflow);
    }
    Ok(u128::from(high) << 64 | u128::from(low))
}
