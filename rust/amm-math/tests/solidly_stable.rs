//! Solidly's stable pools against the curve in wide numbers, which truncate nothing.

mod draw;

use amm_math::solidly_stable::SolidlyStable;
use amm_math::{PoolError, QuoteError, U256};
use draw::Draw;

type Wide = ruint::Uint<1024, 16>;

fn ether(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10_u64.pow(18))
}

/// `x y (x^2 + y^2)`, to the last digit.
fn curve(x: U256, y: U256) -> Wide {
    let (x, y) = (Wide::from(x), Wide::from(y));
    x * y * (x * x + y * y)
}

/// Reserves from one token on, neither more than thirty times the other.
fn drawn_pool(draw: &mut Draw, decimals: [u8; 2], fee: u32) -> SolidlyStable {
    let first = ether(1) + ether(1_000_000) * U256::from(draw.below(1_000_000)) / U256::from(1_000);
    let second = first * U256::from(100 + draw.below(2_900)) / U256::from(3_000);
    let scaled = [first, second.max(ether(1))];
    let reserves = [0, 1].map(|i| scaled[i] / U256::from(10_u64.pow(18 - u32::from(decimals[i]))));
    SolidlyStable::new(reserves, decimals, fee).unwrap()
}

#[test]
fn near_balance_a_token_is_worth_a_token() {
    let million = U256::from(1_000_000_000_000_u64);
    let pool = SolidlyStable::new([million, million], [6, 6], 0).unwrap();
    // The curve is flat to the third order there: of 1000 in 10^6 less than a millionth is lost.
    let thousand = U256::from(1_000_000_000_u64);
    let (out, after) = pool.exact_in(0, 1, thousand).unwrap();
    assert!(out < thousand && out > thousand - U256::from(1_000));
    assert_eq!(after.reserves(), [million + thousand, million - out]);
    // With five ten-thousandths taken first, as much as if so much less came in; it leaves.
    let with_fee = SolidlyStable::new([million, million], [6, 6], 5).unwrap();
    let counted = U256::from(999_500_000_u64);
    let (less, after) = with_fee.exact_in(0, 1, thousand).unwrap();
    assert_eq!(less, pool.exact_in(0, 1, counted).unwrap().0);
    assert_eq!(after.reserves(), [million + counted, million - less]);
}

#[test]
fn what_is_left_is_the_true_balance_within_three_units() {
    let mut draw = Draw(7);
    for _ in 0..4_000 {
        let pool = drawn_pool(&mut draw, [18, 18], 0);
        let (from, to) = if draw.below(2) == 0 { (0, 1) } else { (1, 0) };
        let amount = draw.sized(90) % (pool.reserves()[from] * U256::from(3)) + U256::ONE;
        let (out, after) = pool.exact_in(from, to, amount).unwrap();
        let [before_x, before_y] = pool.reserves();
        let [x, left] = [after.reserves()[from], after.reserves()[to]];
        let kept = curve(before_x, before_y);
        assert!(out < pool.reserves()[to]);
        let three = U256::from(3);
        assert!(curve(x, left + three) >= kept, "too much is given for {amount}");
        assert!(curve(x, left - three) <= kept, "too little is given for {amount}");
    }
}

#[test]
fn decimals_scale_what_goes_in_and_comes_out() {
    let mut draw = Draw(8);
    let grain = U256::from(1_000_000_000_000_u64);
    for _ in 0..500 {
        let coarse = drawn_pool(&mut draw, [6, 18], 0);
        let [first, second] = coarse.reserves();
        let fine = SolidlyStable::new([first * grain, second], [18, 18], 0).unwrap();
        let amount = draw.sized(40);
        let (out, same) = (
            coarse.exact_in(0, 1, amount).unwrap().0,
            fine.exact_in(0, 1, amount * grain).unwrap().0,
        );
        assert!(out.abs_diff(same) <= U256::ONE);
        let amount = draw.sized(70);
        let (out, same) =
            (coarse.exact_in(1, 0, amount).unwrap().0, fine.exact_in(1, 0, amount).unwrap().0);
        assert!(out.abs_diff(same / grain) <= U256::ONE);
    }
}

#[test]
fn a_doubly_scaled_check_ends_the_search_a_unit_early() {
    // The same balances, once with 6 and once with 18 decimals: the contract's last check of the
    // first pool scales what is scaled, passes, and gives the unit that the second goes on to find.
    let grain = U256::from(1_000_000_000_000_u64);
    for (first, second, amount, left) in [
        (38_462, 10_169_399_571_161_896_960, 650, 10_112_747_496_357_499_482),
        (106_370, 1_803_259_572_848_468_736, 2_164, 1_791_079_797_816_033_712),
        (34_395, 23_215_282_094_601_674_752_u128, 106, 23_191_482_215_657_267_904_u128),
    ] {
        let [first, second, amount, left] = [first, second, amount, left].map(U256::from);
        let coarse = SolidlyStable::new([first, second], [6, 18], 0).unwrap();
        let fine = SolidlyStable::new([first * grain, second], [18, 18], 0).unwrap();
        assert_eq!(coarse.exact_in(0, 1, amount).unwrap().1.reserves()[1], left);
        assert_eq!(fine.exact_in(0, 1, amount * grain).unwrap().1.reserves()[1], left + U256::ONE);
    }
}

#[test]
fn exact_out_is_enough_and_one_less_is_not() {
    let mut draw = Draw(10);
    for _ in 0..300 {
        let decimals =
            [[18, 18], [6, 18], [18, 6], [6, 6]][usize::try_from(draw.below(4)).unwrap()];
        let pool = drawn_pool(&mut draw, decimals, 5);
        let (from, to) = if draw.below(2) == 0 { (0, 1) } else { (1, 0) };
        let amount = U256::ONE + draw.sized(60) % (pool.reserves()[to] / U256::from(2));
        let (paid, after) = pool.exact_out(from, to, amount).unwrap();
        assert!(pool.exact_in(from, to, paid).unwrap().0 >= amount);
        if paid > U256::ONE {
            assert!(pool.exact_in(from, to, paid - U256::ONE).unwrap().0 < amount);
        }
        assert_eq!(after.reserves()[to], pool.reserves()[to] - amount);
    }
}

#[test]
fn what_the_contract_refuses() {
    let pool = SolidlyStable::new([ether(10), ether(10)], [18, 18], 30).unwrap();
    assert_eq!(pool.exact_in(0, 1, U256::ZERO), Err(QuoteError::ZeroAmount));
    assert_eq!(pool.exact_out(0, 1, U256::ZERO), Err(QuoteError::ZeroAmount));
    assert_eq!(pool.exact_in(0, 1, U256::MAX), Err(QuoteError::Overflow));
    assert_eq!(pool.exact_in(0, 1, U256::ONE << 130), Err(QuoteError::Overflow));
    assert_eq!(pool.exact_out(0, 1, ether(10)), Err(QuoteError::InsufficientLiquidity));
    let almost = ether(10) - U256::ONE;
    let (paid, _) = pool.exact_out(0, 1, almost).unwrap();
    assert!(paid > ether(10_000_000), "x^3 is 2 * 10^4 tokens over the one unit that is left");
    for (from, to) in [(0, 0), (1, 1), (0, 2), (3, 0)] {
        assert_eq!(pool.exact_in(from, to, U256::ONE), Err(QuoteError::Token));
        assert_eq!(pool.exact_out(from, to, U256::ONE), Err(QuoteError::Token));
    }
    let ten = [ether(10); 2];
    assert_eq!(SolidlyStable::new(ten, [19, 18], 1), Err(PoolError::Decimals));
    assert_eq!(SolidlyStable::new(ten, [18, 18], 10_000), Err(PoolError::Fee));
    assert_eq!(SolidlyStable::new([U256::ZERO, ten[0]], [6, 6], 1), Err(PoolError::Reserves));
}
