//! Amounts between two prices, and prices after an amount: after `SqrtPriceMath` of Uniswap V3
//! core. V4's has the same results. Prices are square roots with 96 fractional bits.

use crate::checked::{add, div_up};
use crate::mul_div::{Quotient, any, mul_div_down, mul_div_up, narrow, widen};
use crate::{QuoteError, U256, U512};

const FRACTION: usize = 96;
const LOW_FRACTION: U256 = U256::from_limbs([u64::MAX, u32::MAX as u64, 0, 0]);
/// What the contract stores of a price: `uint160`.
const MAX_PRICE: U256 = U256::from_limbs([u64::MAX, u64::MAX, u32::MAX as u64, 0]);

/// Of token 0, what `liquidity` holds between two prices (`getAmount0Delta`).
///
/// The contract divides by the higher price, then by the lower, each time in the same direction;
/// that is the one division by their product, which cannot leave 224 bits.
#[inline(always)]
fn amount_0(low: U256, high: U256, liquidity: u128) -> Result<Quotient, QuoteError> {
    let held = scaled_384(liquidity, three_words(high - low));
    let divisor: Bits384 = three_words(low).widening_mul(three_words(high));
    let (quotient, rest) = held.div_rem(divisor);
    let [low @ .., above_0, above_1] = quotient.into_limbs();
    if above_0 | above_1 != 0 {
        return Err(QuoteError::Overflow);
    }
    Ok(Quotient { down: U256::from_limbs(low), rest: any(rest) })
}

type Bits192 = ruint::Uint<192, 3>;
type Bits384 = ruint::Uint<384, 6>;

/// A price, or a difference of two, without the word that it does not have.
#[inline(always)]
const fn three_words(price: U256) -> Bits192 {
    let [x0, x1, x2, _] = price.into_limbs();
    Bits192::from_limbs([x0, x1, x2])
}

/// `liquidity * distance * 2^96`, for a distance of up to 160 bits.
#[inline(always)]
fn scaled_384(liquidity: u128, distance: Bits192) -> Bits384 {
    let liquidity = ruint::Uint::<128, 2>::from(liquidity);
    let product: ruint::Uint<320, 5> = liquidity.widening_mul(distance);
    let [p0, p1, p2, p3, p4] = product.into_limbs();
    let half = |low: u64, high: u64| low >> 32 | high << 32;
    Bits384::from_limbs([0, half(0, p0), half(p0, p1), half(p1, p2), half(p2, p3), half(p3, p4)])
}

/// Of token 0, what is paid out between two prices, `low` not above `high` and not zero.
///
/// # Errors
/// None for prices that a pool can have.
#[inline(always)]
pub fn amount_0_down(low: U256, high: U256, liquidity: u128) -> Result<U256, QuoteError> {
    Ok(amount_0(low, high, liquidity)?.down)
}

/// Of token 0, what is to be paid in between two prices, `low` not above `high` and not zero.
///
/// # Errors
/// None for prices that a pool can have.
#[inline(always)]
pub fn amount_0_up(low: U256, high: U256, liquidity: u128) -> Result<U256, QuoteError> {
    amount_0(low, high, liquidity)?.up()
}

/// Of token 1, what `liquidity` holds between two prices (`getAmount1Delta`).
#[inline(always)]
fn amount_1(low: U256, high: U256, liquidity: u128) -> Result<Quotient, QuoteError> {
    let (liquidity, distance) = (U256::from(liquidity), high - low);
    if liquidity.bit_len() + distance.bit_len() <= 256 {
        let held = liquidity.wrapping_mul(distance);
        return Ok(Quotient { down: held >> FRACTION, rest: any(held & LOW_FRACTION) });
    }
    let held: U512 = liquidity.widening_mul(distance);
    let rest = any(held & widen(LOW_FRACTION));
    Ok(Quotient { down: narrow(held >> FRACTION)?, rest })
}

/// Of token 1, what is paid out between two prices, `low` not above `high`.
///
/// # Errors
/// None for prices that a pool can have.
#[inline(always)]
pub fn amount_1_down(low: U256, high: U256, liquidity: u128) -> Result<U256, QuoteError> {
    Ok(amount_1(low, high, liquidity)?.down)
}

/// Of token 1, what is to be paid in between two prices, `low` not above `high`.
///
/// # Errors
/// None for prices that a pool can have.
#[inline(always)]
pub fn amount_1_up(low: U256, high: U256, liquidity: u128) -> Result<U256, QuoteError> {
    amount_1(low, high, liquidity)?.up()
}

/// The price once `amount` is paid in (`getNextSqrtPriceFromInput`), never moved too far.
///
/// # Errors
/// `InsufficientLiquidity` for none, `Overflow` where the price leaves its room.
pub fn price_after_input(
    price: U256,
    liquidity: u128,
    amount: U256,
    zero_for_one: bool,
) -> Result<U256, QuoteError> {
    if liquidity == 0 {
        return Err(QuoteError::InsufficientLiquidity);
    }
    if zero_for_one {
        return price_with_more_of_0_up(price, liquidity, amount);
    }
    let rise = mul_div_down(amount, U256::ONE << FRACTION, U256::from(liquidity))?;
    within_room(add(price, rise)?)
}

/// `getNextSqrtPriceFromAmount0RoundingUp`, adding. Where the exact formula leaves the word, the
/// contract falls back to one that rounds more, and so does this.
fn price_with_more_of_0_up(price: U256, liquidity: u128, amount: U256) -> Result<U256, QuoteError> {
    if amount.is_zero() {
        return Ok(price);
    }
    let scaled = U256::from(liquidity) << FRACTION;
    let exact = amount.checked_mul(price).and_then(|product| scaled.checked_add(product));
    match exact {
        Some(denominator) => mul_div_up(scaled, price, denominator),
        None => div_up(scaled, add(scaled / price, amount)?),
    }
}

/// The price once `amount` is paid out (`getNextSqrtPriceFromOutput`), moved far enough.
///
/// # Errors
/// `InsufficientLiquidity` where there is not that much, `Overflow` where the price leaves its
/// room.
pub fn price_after_output(
    price: U256,
    liquidity: u128,
    amount: U256,
    zero_for_one: bool,
) -> Result<U256, QuoteError> {
    if liquidity == 0 {
        return Err(QuoteError::InsufficientLiquidity);
    }
    if zero_for_one {
        let fall = mul_div_up(amount, U256::ONE << FRACTION, U256::from(liquidity))?;
        if fall >= price {
            return Err(QuoteError::InsufficientLiquidity);
        }
        return Ok(price - fall);
    }
    let scaled = U256::from(liquidity) << FRACTION;
    let denominator = amount
        .checked_mul(price)
        .filter(|&product| product < scaled)
        .map(|product| scaled - product)
        .ok_or(QuoteError::InsufficientLiquidity)?;
    within_room(mul_div_up(scaled, price, denominator)?)
}

fn within_room(price: U256) -> Result<U256, QuoteError> {
    if price > MAX_PRICE { Err(QuoteError::Overflow) } else { Ok(price) }
}
