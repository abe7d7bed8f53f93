//! Aave's rates, growth and health, against values worked out apart from the code: with exact
//! fractions, and for compounding by repeated growth, with 60 digits by mpmath.

use amm_math::aave::{
    Position, RAY, RateStrategy, Rates, Reserve, WAD, account_down, compounded_interest_down,
    health_factor_half_up, linear_interest_down, percent_mul_half_up, ray_div_half_up,
    ray_mul_half_up, ray_to_wad_half_up, wad_div_half_up, wad_mul_half_up, wad_to_ray,
};
use amm_math::{QuoteError, U256};

/// Rate and seconds; the contract's series and what truly compounds each second, both in rays.
const GROWTH: [(&str, u64, &str, &str); 7] = [
    (
        "50000000000000000000000000",
        0,
        "1000000000000000000000000000",
        "1000000000000000000000000000",
    ),
    (
        "50000000000000000000000000",
        1,
        "1000000001585489599188229325",
        "1000000001585489599188229325",
    ),
    (
        "50000000000000000000000000",
        2,
        "1000000003170979200890235919",
        "1000000003170979200890235919",
    ),
    (
        "50000000000000000000000000",
        3,
        "1000000004756468805106019785",
        "1000000004756468805106019787",
    ),
    (
        "50000000000000000000000000",
        86_400,
        "1000136995684207123907444230",
        "1000136995684313079420247618",
    ),
    (
        "400000000000000000000000000",
        2_592_000,
        "1033423072068137777927927232",
        "1033423122841333098770252735",
    ),
    (
        "50000000000000000000000000",
        31_536_000,
        "1051265681539063650421944000",
        "1051271096334354555011603005",
    ),
];

fn uint(text: &str) -> U256 {
    text.parse().unwrap()
}

fn percent(of: U256, part: u64) -> U256 {
    of * U256::from(part) / U256::from(100)
}

#[test]
fn halves_are_rounded_up_and_less_than_halves_down() {
    let [one, two, three] = [U256::ONE, U256::from(2), U256::from(3)];
    let half = |of: U256| of / U256::from(2);
    assert_eq!(wad_mul_half_up(half(WAD), one), Ok(one));
    assert_eq!(wad_mul_half_up(half(WAD) - one, one), Ok(U256::ZERO));
    assert_eq!(ray_mul_half_up(half(RAY), three), Ok(two));
    assert_eq!(ray_mul_half_up(half(RAY) - one, one), Ok(U256::ZERO));
    assert_eq!(wad_div_half_up(two, three), Ok(uint("666666666666666667")));
    assert_eq!(wad_div_half_up(one, three), Ok(uint("333333333333333333")));
    assert_eq!(ray_div_half_up(two, three), Ok(uint("666666666666666666666666667")));
    assert_eq!(percent_mul_half_up(one, U256::from(5_000)), Ok(one));
    assert_eq!(percent_mul_half_up(one, U256::from(4_999)), Ok(U256::ZERO));
    assert_eq!(ray_to_wad_half_up(U256::from(1_500_000_000)), two);
    assert_eq!(ray_to_wad_half_up(U256::from(1_499_999_999)), one);
    assert_eq!(wad_to_ray(WAD), Ok(RAY));
    assert_eq!(ray_to_wad_half_up(RAY), WAD);
}

#[test]
fn what_the_libraries_revert_on_is_refused() {
    let over = Err(QuoteError::Overflow);
    assert_eq!(ray_mul_half_up(U256::MAX, U256::from(2)), over);
    assert_eq!(ray_mul_half_up(U256::MAX, U256::ONE), over, "the half no longer fits");
    assert_eq!(wad_div_half_up(U256::ONE, U256::ZERO), over);
    assert_eq!(wad_to_ray(U256::MAX), over);
    assert_eq!(compounded_interest_down(U256::MAX, 1), over);
}

#[test]
fn debt_grows_by_the_series_which_is_just_below_the_truth() {
    for (rate, seconds, series, truth) in GROWTH {
        let grown = compounded_interest_down(uint(rate), seconds).unwrap();
        assert_eq!(grown, uint(series), "{rate} {seconds}");
        assert!(grown <= uint(truth));
        let short = uint(truth) - grown;
        assert!(short <= (uint(truth) - RAY) / U256::from(5_000), "{rate} {seconds}: {short}");
    }
}

#[test]
fn supply_grows_on_a_straight_line() {
    let rate = percent(RAY, 5);
    assert_eq!(linear_interest_down(rate, 0), Ok(RAY));
    assert_eq!(linear_interest_down(rate, 31_536_000), Ok(RAY + rate));
    assert_eq!(linear_interest_down(rate, 1), Ok(RAY + uint("1585489599188229325")));
}

#[test]
fn rates_bend_at_the_optimal_use() {
    let strategy = RateStrategy {
        optimal: percent(RAY, 90),
        base: percent(RAY, 1),
        slope1: percent(RAY, 4),
        slope2: percent(RAY, 60),
        weighs_debt: false,
    };
    // debt, available, unbacked; borrow and liquidity in millionths
    let table = [
        (0_u64, 1000_u64, 0_u64, 10_000_u64, 0_u64),
        (720, 280, 0, 42_000, 27_216),
        (900, 100, 0, 50_000, 40_500),
        (950, 50, 0, 350_000, 299_250),
        (950, 50, 250, 350_000, 239_400),
        (1000, 0, 0, 650_000, 585_000),
    ];
    let millionths = |n: u64| RAY / U256::from(1_000_000) * U256::from(n);
    for (debt, available, unbacked, borrow, liquidity) in table {
        let reserve = Reserve {
            available: U256::from(available),
            debt: U256::from(debt),
            unbacked: U256::from(unbacked),
            reserve_factor: U256::from(1_000),
        };
        let rates = Rates { liquidity: millionths(liquidity), borrow: millionths(borrow) };
        assert_eq!(strategy.rates_half_up(&reserve), Ok(rates), "{debt} of {available}");
    }
    let greedy = Reserve {
        available: U256::ONE,
        debt: U256::ONE,
        unbacked: U256::ZERO,
        reserve_factor: U256::from(10_001),
    };
    assert_eq!(strategy.rates_half_up(&greedy), Err(QuoteError::Overflow));
}

fn position(collateral: u64, debt: u64, price: u64, decimals: u8, threshold: u64) -> Position {
    Position {
        collateral: U256::from(collateral),
        debt: U256::from(debt),
        price: U256::from(price),
        decimals,
        threshold: U256::from(threshold),
    }
}

#[test]
fn health_is_the_collateral_that_counts_over_the_debt() {
    let dollar = 100_000_000_u64;
    let ether = position(2_000_000_000_000_000_000, 0, 2_500 * dollar, 18, 8_300);
    let bitcoin = position(10_000_000, 0, 50_000 * dollar, 8, 7_800);
    let nothing = position(5_000_000_000, 0, dollar, 6, 0);
    let owed = position(0, 4_000_000_000, dollar, 6, 7_700);
    let account = account_down(&[ether, bitcoin, nothing, owed]).unwrap();
    assert_eq!(account.collateral, U256::from(10_000 * dollar), "a threshold of zero is none");
    assert_eq!(account.debt, U256::from(4_000 * dollar));
    assert_eq!(account.threshold, U256::from(8_050));
    assert_eq!(account.health, uint("2012500000000000000"));
    // the mean of 8300 and 7800, two to one, is cut to whole basis points
    let bitcoin = position(5_000_000, 0, 50_000 * dollar, 8, 7_800);
    assert_eq!(account_down(&[ether, bitcoin]).unwrap().threshold, U256::from(8_133));
}

#[test]
fn who_owes_nothing_is_healthy_and_who_has_nothing_is_not() {
    assert_eq!(account_down(&[]).unwrap().health, U256::MAX);
    let owed = position(0, 1_000_000, 100_000_000, 6, 8_000);
    let account = account_down(&[owed]).unwrap();
    assert_eq!((account.health, account.threshold), (U256::ZERO, U256::ZERO));
    let edge = U256::from(8_000);
    let health = |debt: u64| health_factor_half_up(U256::from(10_000), U256::from(debt), edge);
    assert_eq!(health(8_000), Ok(WAD));
    assert!(health(8_001).unwrap() < WAD);
    let absurd = position(1, 1, 1, 78, 1);
    assert_eq!(account_down(&[absurd]), Err(QuoteError::Overflow));
}
