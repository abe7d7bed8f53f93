//! Products and quotients against a division that knows only shifting and subtracting.

mod draw;

use amm_math::mul_div::{SmallDivisor, mul_div_down, mul_div_up, narrow, to_u128, widen};
use amm_math::{QuoteError, U256, U512};
use draw::Draw;

/// The quotient and what is left, one bit at a time.
fn long_division(product: U512, divisor: U512) -> (U512, U512) {
    let (mut quotient, mut rest) = (U512::ZERO, U512::ZERO);
    for bit in (0..512).rev() {
        rest = (rest << 1) | U512::from(u8::from(product.bit(bit)));
        quotient <<= 1;
        if rest >= divisor {
            rest -= divisor;
            quotient |= U512::ONE;
        }
    }
    (quotient, rest)
}

#[test]
fn agrees_with_long_division_for_numbers_of_every_size() {
    let mut draw = Draw(1);
    let (mut fits, mut overflows) = (0, 0);
    for _ in 0..20_000 {
        let (x, y, z) = (draw.sized(256), draw.sized(256), draw.sized(256));
        let (quotient, rest) = long_division(x.widening_mul(y), widen(z));
        let rounded_up = if rest.is_zero() { quotient } else { quotient + U512::ONE };
        assert_eq!(mul_div_down(x, y, z), narrow(quotient), "{x} * {y} / {z}");
        assert_eq!(mul_div_up(x, y, z), narrow(rounded_up), "{x} * {y} / {z}");
        if narrow(quotient).is_ok() {
            fits += 1;
        } else {
            overflows += 1;
        }
    }
    assert!(fits > 5_000 && overflows > 2_000, "{fits} fit, {overflows} do not");
}

#[test]
fn the_last_number_that_fits_can_be_lost_by_rounding_up() {
    // (2^256 - 2) * (2^255 + 4) = (2^256 - 1) * (2^255 + 3) + 2^255 - 5: a rest, at the very end.
    let half = U256::ONE << 255;
    let (x, y, z) = (U256::MAX - U256::ONE, half + U256::from(4), half + U256::from(3));
    assert_eq!(mul_div_down(x, y, z), Ok(U256::MAX));
    assert_eq!(mul_div_up(x, y, z), Err(QuoteError::Overflow));
    assert_eq!(mul_div_up(U256::MAX, z, z), Ok(U256::MAX));
    assert_eq!(mul_div_down(U256::MAX, z, z - U256::ONE), Err(QuoteError::Overflow));
}

#[test]
fn nothing_is_divided_by_zero() {
    assert_eq!(mul_div_down(U256::ONE, U256::ONE, U256::ZERO), Err(QuoteError::Overflow));
    assert_eq!(mul_div_up(U256::ZERO, U256::MAX, U256::ZERO), Err(QuoteError::Overflow));
    assert_eq!(mul_div_up(U256::ZERO, U256::MAX, U256::ONE), Ok(U256::ZERO));
}

#[test]
fn numbers_change_rooms_only_where_they_fit() {
    assert_eq!(narrow(widen(U256::MAX)), Ok(U256::MAX));
    assert_eq!(narrow(widen(U256::MAX) + U512::ONE), Err(QuoteError::Overflow));
    assert_eq!(to_u128(U256::from(u128::MAX)), Ok(u128::MAX));
    assert_eq!(to_u128(U256::from(u128::MAX) + U256::ONE), Err(QuoteError::Overflow));
}

#[test]
fn small_divisors_agree_with_division() {
    let mut draw = Draw(11);
    for _ in 0..50_000 {
        let mut small = || 1 + u32::try_from(draw.below(1_000_000)).unwrap();
        let (y, z) = (small(), small());
        let x = draw.sized(256);
        let by_inverse = SmallDivisor::new(z).unwrap();
        let (wide_y, wide_z) = (U256::from(y), U256::from(z));
        assert_eq!(
            by_inverse.mul_div_down(x, y),
            mul_div_down(x, wide_y, wide_z),
            "{x} * {y} / {z}"
        );
        assert_eq!(by_inverse.mul_div_up(x, y), mul_div_up(x, wide_y, wide_z), "{x} * {y} / {z}");
    }
    let all = U256::from(u128::MAX);
    for z in [1, 2, 3, (1 << 20) - 1] {
        let by_inverse = SmallDivisor::new(z).unwrap();
        assert_eq!(
            by_inverse.mul_div_down(all, u32::MAX),
            mul_div_down(all, U256::from(u32::MAX), U256::from(z))
        );
        assert_eq!(by_inverse.mul_div_up(all, z), Ok(all));
    }
    assert_eq!(SmallDivisor::new(0), None);
    assert_eq!(SmallDivisor::new(1 << 20), None);
}
