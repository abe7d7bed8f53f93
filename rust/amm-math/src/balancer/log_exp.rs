//! Powers of numbers with 18 decimals, after Balancer's `LogExpMath` (`pow`, `exp`, `ln`).
//!
//! The contract takes both arguments apart into powers of e that it knows and a rest for which it
//! sums a few terms of a series, in 20 decimals (36 for logarithms near one). Every truncation is
//! part of its answer and is repeated. A signed division truncates toward zero there, so each
//! signed number here is a sign and a magnitude: its magnitude goes the same way.

use crate::checked::{add, div_down, mul, sub};
use crate::{QuoteError, U256};

/// One, with 18 decimals.
pub const ONE: U256 = scaled(1, 18);
const ONE_20: U256 = scaled(1, 20);
const ONE_36: U256 = scaled(1, 36);
/// Below it a power is less than 1e-18; beyond the other it does not fit 256 bits with 20 decimals.
const MIN_EXPONENT: U256 = scaled(41, 18);
const MAX_EXPONENT: U256 = scaled(130, 18);
/// How near to one a logarithm is taken with 36 decimals.
const NEAR: U256 = scaled(1, 17);

/// Exponents with 18 decimals, and e to them as a whole number.
const LARGE: [(U256, U256); 2] = [
    (scaled(128, 18), scaled(388_770_840_599_459_509_222, 35)),
    (scaled(64, 18), scaled(623_514_908_081_161_688_291, 7)),
];

/// Exponents and e to them, both with 20 decimals.
const SMALL: [(U256, U256); 10] = [
    (scaled(32, 20), scaled(78_962_960_182_680_695_161, 14)),
    (scaled(16, 20), scaled(888_611_052_050_787_263_676, 6)),
    (scaled(8, 20), scaled(298_095_798_704_172_827_474, 3)),
    (scaled(4, 20), scaled(5_459_815_003_314_423_907_810, 0)),
    (scaled(2, 20), scaled(738_905_609_893_065_022_723, 0)),
    (scaled(1, 20), scaled(271_828_182_845_904_523_536, 0)),
    (scaled(5, 19), scaled(164_872_127_070_012_814_685, 0)),
    (scaled(25, 18), scaled(128_402_541_668_774_148_407, 0)),
    (scaled(125, 17), scaled(113_314_845_306_682_631_683, 0)),
    (scaled(625, 16), scaled(106_449_445_891_785_942_956, 0)),
];
/// `exp` leaves the two smallest to its series.
const SMALL_OF_EXP: usize = 8;

/// A number with 18 decimals and a sign; zero has either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whether it is below zero.
    pub negative: bool,
    /// How far from zero.
    pub magnitude: U256,
}

/// `x^y`, neither up nor down for sure: within 1e-14 of it, relatively.
///
/// # Errors
/// `Overflow` where the contract reverts: a base of 2^255 or more, an exponent of 2^254/1e20 or
/// more, a logarithm of the result beyond -41 or 130.
pub fn pow(x: U256, y: U256) -> Result<U256, QuoteError> {
    if y.is_zero() {
        return Ok(ONE);
    }
    if x.is_zero() {
        return Ok(U256::ZERO);
    }
    if x.bit(255) || y >= (U256::ONE << 254) / ONE_20 {
        return Err(QuoteError::Overflow);
    }
    let (negative, product) = if is_near_one(x) {
        let log = ln_36(x)?;
        let (whole, rest) = log.magnitude.div_rem(ONE);
        (log.negative, add(mul(whole, y)?, div_down(mul(rest, y)?, ONE)?)?)
    } else {
        let log = ln_18(x)?;
        (log.negative, mul(log.magnitude, y)?)
    };
    exp(Signed { negative, magnitude: product / ONE })
}

/// `e^x`.
///
/// # Errors
/// `Overflow` where the contract reverts: below -41 and above 130.
pub fn exp(x: Signed) -> Result<U256, QuoteError> {
    let most = if x.negative { MIN_EXPONENT } else { MAX_EXPONENT };
    if x.magnitude > most {
        return Err(QuoteError::Overflow);
    }
    let power = exp_positive(x.magnitude)?;
    if x.negative && !x.magnitude.is_zero() { div_down(ONE_36, power) } else { Ok(power) }
}

/// The natural logarithm.
///
/// # Errors
/// `Overflow` where the contract reverts: at zero, and from 2^255 on, where it is no signed number.
pub fn ln(a: U256) -> Result<Signed, QuoteError> {
    if a.is_zero() || a.bit(255) {
        return Err(QuoteError::Overflow);
    }
    if is_near_one(a) {
        let Signed { negative, magnitude } = ln_36(a)?;
        return Ok(Signed { negative, magnitude: magnitude / ONE });
    }
    ln_18(a)
}

fn exp_positive(mut x: U256) -> Result<U256, QuoteError> {
    let mut whole = U256::ONE;
    if let Some(&(exponent, power)) = LARGE.iter().find(|&&(exponent, _)| x >= exponent) {
        x -= exponent;
        whole = power;
    }
    x = mul(x, U256::from(100))?;
    let mut product = ONE_20;
    for &(exponent, power) in &SMALL[..SMALL_OF_EXP] {
        if x >= exponent {
            x -= exponent;
            product = mul(product, power)? / ONE_20;
        }
    }
    let mut series = add(ONE_20, x)?;
    let mut term = x;
    for order in 2..=12_u8 {
        term = mul(term, x)? / ONE_20 / U256::from(order);
        series = add(series, term)?;
    }
    Ok(mul(mul(product, series)? / ONE_20, whole)? / U256::from(100))
}

fn ln_18(a: U256) -> Result<Signed, QuoteError> {
    if a >= ONE {
        return Ok(Signed { negative: false, magnitude: ln_18_above_one(a)? });
    }
    Ok(Signed { negative: true, magnitude: ln_18_above_one(div_down(ONE_36, a)?)? })
}

fn ln_18_above_one(mut a: U256) -> Result<U256, QuoteError> {
    let mut sum = U256::ZERO;
    for (exponent, power) in LARGE {
        if a >= mul(power, ONE)? {
            a /= power;
            sum = add(sum, exponent)?;
        }
    }
    sum = mul(sum, U256::from(100))?;
    a = mul(a, U256::from(100))?;
    for (exponent, power) in SMALL {
        if a >= power {
            a = mul(a, ONE_20)? / power;
            sum = add(sum, exponent)?;
        }
    }
    let z = mul(sub(a, ONE_20)?, ONE_20)? / add(a, ONE_20)?;
    let twice = mul(atanh_series(z, ONE_20, 11)?, U256::from(2))?;
    Ok(add(sum, twice)? / U256::from(100))
}

/// With 36 decimals.
fn ln_36(x: U256) -> Result<Signed, QuoteError> {
    let x = mul(x, ONE)?;
    let z = mul(x.abs_diff(ONE_36), ONE_36)? / add(x, ONE_36)?;
    let magnitude = mul(atanh_series(z, ONE_36, 15)?, U256::from(2))?;
    Ok(Signed { negative: x < ONE_36, magnitude })
}

/// `z + z^3/3 + z^5/5 ...` up to the order given: half the logarithm of `(1 + z) / (1 - z)`.
fn atanh_series(z: U256, one: U256, last: u8) -> Result<U256, QuoteError> {
    let square = mul(z, z)? / one;
    let mut power = z;
    let mut sum = z;
    for order in (3..=last).step_by(2) {
        power = mul(power, square)? / one;
        sum = add(sum, power / U256::from(order))?;
    }
    Ok(sum)
}

fn is_near_one(x: U256) -> bool {
    x.abs_diff(ONE) < NEAR
}

/// `digits * 10^zeros`, for the constants.
#[allow(clippy::cast_possible_truncation)] // the lower half of a number is what is meant
const fn scaled(digits: u128, zeros: u32) -> U256 {
    let mut limbs = [digits as u64, (digits >> 64) as u64, 0, 0];
    let mut left = zeros;
    while left > 0 {
        let mut carry = 0_u128;
        let mut at = 0;
        while at < limbs.len() {
            let product = limbs[at] as u128 * 10 + carry;
            limbs[at] = product as u64;
            carry = product >> 64;
            at += 1;
        }
        assert!(carry == 0);
        left -= 1;
    }
    U256::from_limbs(limbs)
}
