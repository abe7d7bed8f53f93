//! Pairs against what defines them: the pair lets a swap through as long as its product, counted
//! without the fee, does not fall. The best answer is the last one that it lets through.

mod draw;

use amm_math::constant_product::{ConstantProduct, Fee, amount_in_up, amount_out_down};
use amm_math::mul_div::widen;
use amm_math::{PoolError, QuoteError, U256, U512};
use draw::Draw;

fn pair(x: u128, y: u128) -> ConstantProduct {
    ConstantProduct::new([x, y].map(U256::from), Fee::from_bps(30).unwrap())
}

/// The check at the end of a pair's swap, with each side of the product as large as it comes.
fn pair_accepts(reserves: (U256, U256), fee: Fee, paid: U256, received: U256) -> bool {
    let whole = U512::from(fee.whole());
    let (from, to) = (widen(reserves.0), widen(reserves.1));
    let Some(left) = to.checked_sub(widen(received)) else { return false };
    (from * whole + widen(paid) * U512::from(fee.kept())) * left >= from * whole * to
}

#[test]
fn a_quote_worked_by_hand() {
    // 100 of 1000 / 1000 at 0.3 %: 99.7 count, 1000 * 99.7 / 1099.7 = 90.66.
    let (out, after) = pair(1_000, 1_000).exact_in(0, 1, U256::from(100)).unwrap();
    assert_eq!((out, after.reserves()), (U256::from(90), [1_100, 910].map(U256::from)));
    // Back for 90: 1000 * 90 / 910 / 0.997 = 99.197, and always one more than the floor.
    let (paid, after) = pair(1_000, 1_000).exact_out(1, 0, U256::from(90)).unwrap();
    assert_eq!((paid, after.reserves()), (U256::from(100), [910, 1_100].map(U256::from)));
    // Without a fee 500 of 1000 / 1000 cost exactly 1000, and the library says 1001.
    let free = ConstantProduct::new([U256::from(1_000); 2], Fee::from_ppm(0).unwrap());
    assert_eq!(free.exact_out(0, 1, U256::from(500)).unwrap().0, U256::from(1_001));
}

#[test]
fn what_is_received_is_the_most_that_the_pair_lets_out() {
    let mut draw = Draw(2);
    for _ in 0..20_000 {
        let (x, y) = (draw.sized(112), draw.sized(112));
        let fee = Fee::from_ppm(u32::try_from(draw.below(1_000_000)).unwrap()).unwrap();
        let amount = draw.sized(112);
        let out = amount_out_down(x, y, fee, amount).unwrap();
        assert!(out < y);
        assert!(pair_accepts((x, y), fee, amount, out));
        assert!(!pair_accepts((x, y), fee, amount, out + U256::ONE));
    }
}

#[test]
fn what_is_paid_is_at_most_one_more_than_the_least_that_the_pair_lets_in() {
    let mut draw = Draw(3);
    let (mut least, mut one_more) = (0, 0);
    for _ in 0..20_000 {
        let (x, y) = (draw.sized(112), draw.sized(40) + U256::ONE);
        let fee = Fee::from_bps(u32::try_from(draw.below(10_000)).unwrap()).unwrap();
        let amount = U256::ONE + draw.sized(40) % (y - U256::ONE);
        if amount >= y {
            continue;
        }
        let paid = amount_in_up(x, y, fee, amount).unwrap();
        assert!(pair_accepts((x, y), fee, paid, amount));
        if pair_accepts((x, y), fee, paid - U256::ONE, amount) {
            one_more += 1;
        } else {
            least += 1;
        }
        let two_less = paid.saturating_sub(U256::from(2));
        assert!(two_less.is_zero() || !pair_accepts((x, y), fee, two_less, amount));
    }
    assert!(least > 10_000 && one_more > 0, "{least} least, {one_more} one more");
}

#[test]
fn the_library_answers_beyond_what_a_pair_stores() {
    let most = (1_u128 << 112) - 1;
    let (out, after) = pair(most, most).exact_in(0, 1, U256::from(most)).unwrap();
    assert!(out < U256::from(most / 2), "the fee");
    assert_eq!(after.reserves(), [U256::from(most) * U256::from(2), U256::from(most) - out]);
    let full = ConstantProduct::new([U256::MAX, U256::ONE], Fee::from_bps(30).unwrap());
    assert_eq!(full.exact_in(0, 1, U256::ONE), Err(QuoteError::Overflow));
}

#[test]
fn the_library_reverts_where_its_products_leave_the_word() {
    let fee = Fee::from_bps(30).unwrap();
    let one = U256::ONE;
    // 997 * amount is the first product; 2^256 - 1 divided by it is the last that fits.
    let last = U256::MAX / U256::from(997);
    assert!(amount_out_down(one, one, fee, last - one).is_ok());
    assert_eq!(amount_out_down(one, one, fee, last + one), Err(QuoteError::Overflow));
    // Then that by the other reserve.
    let two = U256::from(2);
    assert_eq!(amount_out_down(one, two, fee, last), Err(QuoteError::Overflow));
    // A fork that counts in ten-thousandths reverts earlier.
    let finer = Fee::from_bps(25).unwrap();
    assert_eq!(amount_out_down(one, one, finer, last - one), Err(QuoteError::Overflow));
    let big = U256::ONE << 200;
    assert_eq!(amount_in_up(big, big, fee, big - one), Err(QuoteError::Overflow));
}

#[test]
fn what_the_library_refuses() {
    let fee = Fee::from_bps(30).unwrap();
    let (zero, ten) = (U256::ZERO, U256::from(10));
    assert_eq!(amount_out_down(ten, ten, fee, zero), Err(QuoteError::ZeroAmount));
    assert_eq!(amount_in_up(ten, ten, fee, zero), Err(QuoteError::ZeroAmount));
    assert_eq!(amount_out_down(zero, ten, fee, ten), Err(QuoteError::InsufficientLiquidity));
    assert_eq!(amount_in_up(ten, zero, fee, ten), Err(QuoteError::InsufficientLiquidity));
    assert_eq!(amount_in_up(ten, ten, fee, ten), Err(QuoteError::InsufficientLiquidity));
    assert!(amount_in_up(ten, ten, fee, U256::from(9)).is_ok());
    for (from, to) in [(0, 0), (1, 1), (0, 2), (2, 1), (usize::MAX, 0)] {
        assert_eq!(pair(9, 9).exact_in(from, to, ten), Err(QuoteError::Token));
        assert_eq!(pair(9, 9).exact_out(from, to, ten), Err(QuoteError::Token));
    }
}

#[test]
fn fees_are_counted_as_the_contracts_count_them() {
    let parts = |fee: Fee| (fee.kept(), fee.whole());
    assert_eq!(Fee::from_bps(30).map(parts), Ok((997, 1_000)));
    assert_eq!(Fee::from_bps(25).map(parts), Ok((9_975, 10_000)));
    assert_eq!(Fee::from_bps(0).map(parts), Ok((1_000, 1_000)));
    assert_eq!(Fee::from_ppm(1).map(parts), Ok((999_999, 1_000_000)));
    assert_eq!(Fee::from_bps(9_999).map(parts), Ok((1, 10_000)));
    assert_eq!(Fee::from_bps(10_000), Err(PoolError::Fee));
    assert_eq!(Fee::from_ppm(1_000_000), Err(PoolError::Fee));
    assert_eq!(Fee::from_bps(u32::MAX), Err(PoolError::Fee));
}
