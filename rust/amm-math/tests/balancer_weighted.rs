//! Weighted pools: numbers returned by Balancer's `WeightedMath`, and what protects the pool.

use amm_math::balancer::fixed_point::PowRule;
use amm_math::balancer::scaling::{
    Token, add_fee_up, downscale_down, downscale_up, scaling_factor, subtract_fee_down,
    upscale_down,
};
use amm_math::balancer::weighted::{Pool, Side, in_given_out_up, out_given_in_down};
use amm_math::{QuoteError, U256};

fn side(balance: u128, weight: u128) -> Side {
    Side { balance: U256::from(balance), weight: U256::from(weight) }
}

fn ether(whole: u128) -> U256 {
    U256::from(whole) * U256::from(10).pow(U256::from(18))
}

/// 1000 of a token with 18 decimals beside 3 000 000 of one with 6.
fn pool(rule: PowRule, weights: [u128; 2], fee: u128) -> Pool {
    let tokens = vec![
        Token { balance: ether(1000), factor: scaling_factor(18).unwrap() },
        Token { balance: U256::from(3_000_000_000_000_u64), factor: scaling_factor(6).unwrap() },
    ];
    let weights = weights.iter().map(|&percent| ether(percent) / U256::from(100)).collect();
    Pool { rule, tokens, weights, fee: U256::from(fee) }
}

/// The numbers with which the services of `CoW` Protocol test their own copy, taken by its authors
/// from Balancer's contract of the first version.
#[test]
fn the_curve_returns_what_the_contract_returned() {
    let (from, to) =
        (side(10_u128.pow(23), 3 * 10_u128.pow(14)), side(10_u128.pow(19), 7 * 10_u128.pow(14)));
    let amount = U256::from(10_u128.pow(16));
    let out = out_given_in_down(PowRule::Series, from, to, amount);
    assert_eq!(out, Ok(U256::from(428_571_297_950_u64)));
    let paid = in_given_out_up(PowRule::Series, from, to, amount);
    assert_eq!(paid, Ok(U256::from(233_722_784_701_541_000_000_u128)));

    let half = 5 * 10_u128.pow(14);
    let (from, to) = (side(2 * 10_u128.pow(22), half), side(10_u128.pow(22), half));
    let out = out_given_in_down(PowRule::Series, from, to, ether(6000));
    assert_eq!(out, Ok(U256::from(2_307_692_307_692_230_750_000_u128)));
    let paid = in_given_out_up(PowRule::Series, from, to, ether(3000));
    assert_eq!(paid, Ok(U256::from(8_571_428_571_428_857_160_000_u128)));
}

#[test]
fn no_more_than_three_tenths_of_a_balance_go_in_or_out() {
    let (from, to) = (side(1000, 1), side(2000, 1));
    let rule = PowRule::Shortcuts;
    assert!(out_given_in_down(rule, from, to, U256::from(300)).is_ok());
    let more = out_given_in_down(rule, from, to, U256::from(301));
    assert_eq!(more, Err(QuoteError::TradeTooLarge));
    assert!(in_given_out_up(rule, from, to, U256::from(600)).is_ok());
    let more = in_given_out_up(rule, from, to, U256::from(601));
    assert_eq!(more, Err(QuoteError::TradeTooLarge));
}

#[test]
fn equal_weights_are_a_constant_product() {
    let (from, to) = (side(1000 * 10_u128.pow(18), 5), side(2000 * 10_u128.pow(18), 5));
    let out = out_given_in_down(PowRule::Shortcuts, from, to, ether(250)).unwrap();
    assert_eq!(out, ether(400), "2000 - 1000 * 2000 / 1250");
    let paid = in_given_out_up(PowRule::Shortcuts, from, to, ether(400)).unwrap();
    assert_eq!(paid, ether(250));
    let series = out_given_in_down(PowRule::Series, from, to, ether(250)).unwrap();
    assert!(series < out && out - series < U256::from(20_000_000), "off by 1e-14 of the balance");
}

#[test]
fn an_80_20_pool_multiplies_out_where_it_is_of_a_later_version() {
    let later = pool(PowRule::Shortcuts, [80, 20], 0);
    let first = pool(PowRule::Series, [80, 20], 0);
    let amount = ether(10);
    // 3e12 * (1 - (1000 / 1010)^4) = 117 058 966 551.55...
    let expect = U256::from(117_058_966_551_u64);
    assert_eq!(later.amount_out_down(0, 1, amount), Ok(expect));
    assert!(first.amount_out_down(0, 1, amount).unwrap() <= expect);
}

#[test]
fn the_fee_is_taken_on_the_way_in_and_stays_in_the_pool() {
    let free = pool(PowRule::Shortcuts, [50, 50], 0);
    let dear = pool(PowRule::Shortcuts, [50, 50], 3_000_000_000_000_000);
    let amount = ether(100);
    let (out, after) = dear.exact_in(0, 1, amount).unwrap();
    let net = ether(997) / U256::from(10);
    assert_eq!(Ok(out), free.amount_out_down(0, 1, net));
    assert_eq!(after.tokens[0].balance, ether(1100));
    assert_eq!(after.tokens[1].balance, dear.tokens[1].balance - out);

    let bought = U256::from(100_000_000_000_u64);
    let gross = dear.exact_out(0, 1, bought).unwrap().0;
    let net = free.exact_out(0, 1, bought).unwrap().0;
    assert_eq!(gross, add_fee_up(net, dear.fee).unwrap());
    assert!(subtract_fee_down(gross, dear.fee).unwrap() >= net - U256::ONE);
    assert_eq!(subtract_fee_down(U256::ONE, dear.fee), Ok(U256::ZERO), "a fee is rounded up");
}

#[test]
fn what_was_paid_for_an_amount_does_not_buy_less_elsewhere_than_a_unit() {
    for rule in [PowRule::Series, PowRule::Shortcuts] {
        for weights in [[50, 50], [80, 20], [33, 67]] {
            let pool = pool(rule, weights, 2_500_000_000_000_000);
            for (i, j, amount) in [(0, 1, 123_456_789_u64), (1, 0, 77_777_777_777_777)] {
                let (paid, after) = pool.exact_out(i, j, U256::from(amount)).unwrap();
                let back = after.amount_out_down(j, i, U256::from(amount)).unwrap();
                assert!(back <= paid, "a round trip does not pay");
                let again = pool.amount_out_down(i, j, paid).unwrap();
                // A power's error, and what one unit more of the input buys.
                let unit = pool.tokens[j].balance / pool.tokens[i].balance * U256::from(8);
                let room = pool.tokens[j].balance / U256::from(10_u64.pow(13)) + unit + U256::ONE;
                assert!(again.abs_diff(U256::from(amount)) <= room);
            }
        }
    }
}

#[test]
fn amounts_are_scaled_by_the_decimals_and_back_in_the_pools_favour() {
    let factor = scaling_factor(6).unwrap();
    assert_eq!(upscale_down(U256::from(7), factor), Ok(U256::from(7_000_000_000_000_u64)));
    let between = U256::from(7_000_000_000_001_u64);
    assert_eq!(downscale_down(between, factor), Ok(U256::from(7)));
    assert_eq!(downscale_up(between, factor), Ok(U256::from(8)));
    assert_eq!(scaling_factor(19), Err(QuoteError::Token));
}

#[test]
fn a_pair_that_the_pool_has_not_is_refused() {
    let pool = pool(PowRule::Shortcuts, [50, 50], 0);
    assert_eq!(pool.exact_in(0, 0, U256::ONE), Err(QuoteError::Token));
    assert_eq!(pool.exact_out(0, 2, U256::ONE), Err(QuoteError::Token));
    assert_eq!(pool.amount_out_down(0, 1, U256::ZERO), Ok(U256::ZERO), "a batch may bring it");
}

#[test]
fn the_vault_holds_no_more_than_112_bits_and_pays_no_more_than_there_is() {
    let full = U256::from((1_u128 << 112) - 1);
    let mut pool = pool(PowRule::Series, [50, 50], 0);
    assert_eq!(pool.exact_in(0, 1, full + U256::ONE), Err(QuoteError::AmountTooLarge));
    pool.tokens[0].balance = full - U256::from(9);
    assert!(pool.exact_in(0, 1, U256::from(9)).is_ok());
    assert_eq!(pool.exact_in(0, 1, U256::from(10)), Err(QuoteError::AmountTooLarge));
    assert!(pool.amount_out_down(0, 1, U256::from(9)).is_ok());
    assert_eq!(pool.amount_out_down(0, 1, U256::from(10)), Err(QuoteError::AmountTooLarge));
}
