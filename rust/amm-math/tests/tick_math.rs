//! Ticks and prices: the ends that the contract states, every tick there is, and the true root.

use amm_math::U256;
use amm_math::uniswap_v3::tick_math::{
    MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK, sqrt_ratio_up, tick_at,
};

#[test]
fn the_ends_are_the_contracts() {
    assert_eq!(MIN_SQRT_RATIO.to_string(), "4295128739");
    assert_eq!(MAX_SQRT_RATIO.to_string(), "1461446703485210103287273052203988822378723970342");
    assert_eq!(sqrt_ratio_up(MIN_TICK), Some(MIN_SQRT_RATIO));
    assert_eq!(sqrt_ratio_up(MAX_TICK), Some(MAX_SQRT_RATIO));
    assert_eq!(sqrt_ratio_up(MIN_TICK - 1), None);
    assert_eq!(sqrt_ratio_up(MAX_TICK + 1), None);
    assert_eq!(sqrt_ratio_up(i32::MIN), None);
    assert_eq!(sqrt_ratio_up(0), Some(U256::ONE << 96));
    assert_eq!(tick_at(MIN_SQRT_RATIO - U256::ONE), None);
    assert_eq!(tick_at(MIN_SQRT_RATIO), Some(MIN_TICK));
    assert_eq!(tick_at(MAX_SQRT_RATIO - U256::ONE), Some(MAX_TICK - 1));
    assert_eq!(tick_at(MAX_SQRT_RATIO), None);
    assert_eq!(tick_at(U256::ZERO), None);
    assert_eq!(tick_at(U256::MAX), None);
}

#[test]
fn every_tick_begins_at_its_price_and_not_before() {
    // What is between two prices lies in the range of the lower: the estimate only grows.
    let mut before = None;
    for tick in MIN_TICK..MAX_TICK {
        let price = sqrt_ratio_up(tick).unwrap();
        assert!(before.is_none_or(|before| before < price), "tick {tick}");
        assert_eq!(tick_at(price), Some(tick));
        if tick > MIN_TICK {
            assert_eq!(tick_at(price - U256::ONE), Some(tick - 1));
        }
        before = Some(price);
    }
}

type U1024 = ruint::Uint<1024, 16>;

/// `2^192 * 1.0001^tick`, over numbers that cannot overflow.
fn squared_price(tick: i32) -> U1024 {
    let (mut above, mut below) = (U1024::ONE << 192, U1024::ONE);
    for _ in 0..tick.unsigned_abs() {
        let (more, less) = if tick > 0 { (10_001, 10_000) } else { (10_000, 10_001) };
        above *= U1024::from(more);
        below *= U1024::from(less);
    }
    above / below
}

#[test]
fn near_one_the_prices_are_the_true_roots() {
    for tick in -50..=50 {
        let (ours, squared) = (sqrt_ratio_up(tick).unwrap(), squared_price(tick));
        let [less, more] =
            [ours - U256::from(2), ours + U256::from(2)].map(|root| U1024::from(root));
        assert!(less * less <= squared && squared <= more * more, "tick {tick}: {ours}");
    }
    assert_eq!(sqrt_ratio_up(-1).unwrap().to_string(), "79224201403219477170569942574");
    assert_eq!(sqrt_ratio_up(1).unwrap().to_string(), "79232123823359799118286999568");
}

#[test]
fn each_price_is_the_last_one_times_the_root_of_the_tick() {
    // price(t + 1)^2 * 10000 = price(t)^2 * 10001, but for the last unit of both, and for what
    // twenty products in 128 bits lose: a bit more with each of the 13,863 ticks that halve them.
    for tick in (MIN_TICK..MAX_TICK).step_by(997) {
        let [low, high] =
            [tick, tick + 1].map(|tick| amm_math::mul_div::widen(sqrt_ratio_up(tick).unwrap()));
        let [left, right] = [high * high * u512(10_000), low * low * u512(10_001)];
        let lost = 121 - tick.unsigned_abs() as usize / 13_863;
        let tolerance = left / low * u512(4) + (left >> lost);
        assert!(left.abs_diff(right) <= tolerance, "tick {tick}");
    }
}

fn u512(x: u64) -> amm_math::U512 {
    amm_math::U512::from(x)
}
