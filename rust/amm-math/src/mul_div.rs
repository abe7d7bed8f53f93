//! `x * y / z` with the product in full, as `FullMath.mulDiv` of Uniswap V3 gives it.
//!
//! This decides what a quote costs, so small numbers, which most are, do not pay for large ones:
//! a divisor of one word is divided by word after word, a product of four words stays in four.

use crate::{QuoteError, U256, U512};

/// `x * y / z`, rounded down.
///
/// # Errors
/// `Overflow` where `z` is zero or the result is beyond 2^256 - 1, on which the contract reverts.
#[inline(always)]
pub fn mul_div_down(x: U256, y: U256, z: U256) -> Result<U256, QuoteError> {
    Ok(divided(x, y, z)?.down)
}

/// `x * y / z`, rounded up.
///
/// # Errors
/// `Overflow` where `z` is zero or the result is beyond 2^256 - 1, on which the contract reverts.
#[inline(always)]
pub fn mul_div_up(x: U256, y: U256, z: U256) -> Result<U256, QuoteError> {
    divided(x, y, z)?.up()
}

/// What comes of a division. In a result a flag in place of `rest` would share a word with the
/// reason of an error, and the numbers would be moved about in pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotient {
    pub(crate) down: U256,
    /// 0 where nothing was left over.
    pub(crate) rest: u64,
}

impl Quotient {
    /// Rounded up.
    ///
    /// # Errors
    /// `Overflow` where the result is beyond 2^256 - 1.
    #[inline(always)]
    pub(crate) fn up(self) -> Result<U256, QuoteError> {
        let more = U256::from_limbs([u64::from(self.rest != 0), 0, 0, 0]);
        self.down.checked_add(more).ok_or(QuoteError::Overflow)
    }
}

#[inline(always)]
fn divided(x: U256, y: U256, z: U256) -> Result<Quotient, QuoteError> {
    if z.is_zero() {
        return Err(QuoteError::Overflow);
    }
    if x.bit_len() + y.bit_len() <= 256 {
        let (down, rest) = x.wrapping_mul(y).div_rem(z);
        return Ok(Quotient { down, rest: any(rest) });
    }
    let product: U512 = x.widening_mul(y);
    let (quotient, rest) = product.div_rem(widen(z));
    Ok(Quotient { down: narrow(quotient)?, rest: any(rest) })
}

/// The bits that are set in any of its words: 0 for nothing else than 0, without a comparison of
/// arrays, which is a call or a detour.
#[inline(always)]
#[must_use]
pub(crate) fn any<const BITS: usize, const LIMBS: usize>(x: ruint::Uint<BITS, LIMBS>) -> u64 {
    x.as_limbs().iter().fold(0, |bits, limb| bits | limb)
}

/// The same number in twice the room.
#[inline(always)]
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
#[inline(always)]
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
#[inline(always)]
pub fn to_u128(x: U256) -> Result<u128, QuoteError> {
    let [low, high, rest @ ..] = x.into_limbs();
    if rest != [0, 0] {
        return Err(QuoteError::Overflow);
    }
    Ok(u128::from(high) << 64 | u128::from(low))
}

/// A divisor of up to 20 bits, with what is needed to multiply instead of dividing: fees are parts
/// of a million, and every step of a swap takes two such quotients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallDivisor {
    divisor: u64,
    /// The quotient of 2^64 - 1.
    inverse: u64,
}

impl SmallDivisor {
    /// `None` for zero or what is beyond 20 bits.
    #[must_use]
    pub const fn new(divisor: u32) -> Option<Self> {
        if divisor == 0 || divisor >= 1 << 20 {
            return None;
        }
        let divisor = divisor as u64;
        Some(Self { divisor, inverse: u64::MAX / divisor })
    }

    /// `x * y` by the divisor, rounded down.
    ///
    /// # Errors
    /// `Overflow` where the result is beyond 2^256 - 1.
    #[inline(always)]
    pub fn mul_div_down(self, x: U256, y: u32) -> Result<U256, QuoteError> {
        Ok(self.divided(x, y)?.down)
    }

    /// `x * y` by the divisor, rounded up.
    ///
    /// # Errors
    /// `Overflow` where the result is beyond 2^256 - 1.
    #[inline(always)]
    pub fn mul_div_up(self, x: U256, y: u32) -> Result<U256, QuoteError> {
        self.divided(x, y)?.up()
    }

    #[inline(always)]
    fn divided(self, x: U256, y: u32) -> Result<Quotient, QuoteError> {
        let y = U256::from(y);
        let [.., 0, 0] = x.as_limbs() else {
            return divided(x, y, U256::from(self.divisor));
        };
        let [bottom, middle, top, _] = x.wrapping_mul(y).into_limbs();
        let (top, rest) = self.divide_word(0, top);
        let (middle, rest) = self.divide_word(rest, middle);
        let (bottom, rest) = self.divide_word(rest, bottom);
        Ok(Quotient { down: U256::from_limbs([bottom, middle, top, 0]), rest })
    }

    /// A word after the rest of those above it, in two halves: so numerators stay below 2^52.
    #[inline(always)]
    const fn divide_word(self, rest: u64, word: u64) -> (u64, u64) {
        if rest == 0 && word == 0 {
            return (0, 0);
        }
        let (high, rest) = self.divide(rest << 32 | word >> 32);
        let (low, rest) = self.divide(rest << 32 | word & 0xffff_ffff);
        (high << 32 | low, rest)
    }

    /// For numerators below 2^52 the inverse is at most one short.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "a product of words, shifted by one")]
    const fn divide(self, numerator: u64) -> (u64, u64) {
        let quotient = ((numerator as u128 * self.inverse as u128) >> 64) as u64;
        let rest = numerator - quotient * self.divisor;
        if rest >= self.divisor { (quotient + 1, rest - self.divisor) } else { (quotient, rest) }
    }
}
