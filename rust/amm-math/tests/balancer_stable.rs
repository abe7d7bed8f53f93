//! Balancer's stable pools against the true solution of the invariant, taken with 100 digits by
//! mpmath: never to the pool's loss, and within a few units of it.

use amm_math::balancer::scaling::{Token, scaling_factor};
use amm_math::balancer::stable::{
    Curve, Pool, balance_up, in_given_out_up, invariant_down, invariant_up, out_given_in_down,
};
use amm_math::{QuoteError, U256};

/// A curve and what it truly gives, rounded down, and wants, rounded up.
struct Case {
    amp: u64,
    balances: &'static [&'static str],
    pair: (usize, usize),
    amount_in: &'static str,
    invariant: &'static str,
    gives: &'static str,
    amount_out: &'static str,
    wants: &'static str,
}

const CASES: [Case; 5] = [
    Case {
        amp: 100_000,
        balances: &["10000000000000000000", "12000000000000000000"],
        pair: (0, 1),
        amount_in: "1000000000000000000",
        invariant: "21999092520992127103",
        gives: "1000907478822555213",
        amount_out: "1000000000000000000",
        wants: "999092521177444787",
    },
    Case {
        amp: 100_000,
        balances: &["10000000000000000000", "12000000000000000000", "14000000000000000000"],
        pair: (2, 0),
        amount_in: "5000000000000000000",
        invariant: "35996606648215225132",
        gives: "4943584546913661423",
        amount_out: "5000000000000000000",
        wants: "5057891794624687870",
    },
    Case {
        amp: 200_000,
        balances: &[
            "3000000000000000000000000",
            "1000000000000000000000000",
            "2500000000000000000000000",
        ],
        pair: (0, 1),
        amount_in: "777777000000000000000007",
        invariant: "6496169676968752587412217",
        gives: "746515820455246570431867",
        amount_out: "777777000000000000000007",
        wants: "814986874785608138056539",
    },
    Case {
        amp: 1_000,
        balances: &["50000000000000000000", "50000000000000000000"],
        pair: (1, 0),
        amount_in: "20000000000000000000",
        invariant: "99999999999999999999",
        gives: "16575188132655246766",
        amount_out: "20000000000000000000",
        wants: "25319726474218082619",
    },
    Case {
        amp: 5_000_000,
        balances: &["1200000000000000000000000", "300000000000000000000"],
        pair: (1, 0),
        amount_in: "1000000000000000000000",
        invariant: "1106366010702241414387667",
        gives: "71957614708853305676178",
        amount_out: "1000000000000000000000",
        wants: "3465853017177656534",
    },
];

fn uint(text: &str) -> U256 {
    text.parse().unwrap()
}

/// The solver rounds up a quotient that it then multiplies by the amplification's precision and a
/// balance, and divides by about that balance: some thousand units, of 1e-18 each.
fn near(got: U256, truth: U256) -> bool {
    got.abs_diff(truth) <= U256::from(2_000)
}

#[test]
fn swaps_are_the_true_ones_and_never_to_the_pools_loss() {
    for case in &CASES {
        let amp = U256::from(case.amp);
        let balances: Vec<U256> = case.balances.iter().map(|b| uint(b)).collect();
        for (invariant, rounds_invariant_up) in
            [(invariant_down(amp, &balances), false), (invariant_up(amp, &balances), true)]
        {
            let invariant = invariant.unwrap();
            let room = U256::from(if rounds_invariant_up { 64 } else { 4 });
            assert!(invariant.abs_diff(uint(case.invariant)) <= room, "{invariant}");
            let curve = Curve { amp, rounds_invariant_up };
            let amount_in = uint(case.amount_in);
            let gives = out_given_in_down(curve, &balances, case.pair, amount_in).unwrap();
            assert!(near(gives, uint(case.gives)), "{gives} {}", case.gives);
            assert!(gives <= uint(case.gives), "{gives} {}", case.gives);
            let amount_out = uint(case.amount_out);
            let wants = in_given_out_up(curve, &balances, case.pair, amount_out).unwrap();
            assert!(near(wants, uint(case.wants)), "{wants} {}", case.wants);
            assert!(wants >= uint(case.wants), "{wants} {}", case.wants);
        }
    }
}

/// 2 000 000 of a token with 18 decimals beside 1 500 000 of one with 6.
fn pool(fee: u64) -> Pool {
    let million = U256::from(10).pow(U256::from(24));
    let tokens = vec![
        Token { balance: million * U256::from(2), factor: scaling_factor(18).unwrap() },
        Token { balance: U256::from(1_500_000_000_000_u64), factor: scaling_factor(6).unwrap() },
    ];
    let curve = Curve { amp: U256::from(200_000), rounds_invariant_up: false };
    Pool { curve, tokens, fee: U256::from(fee) }
}

#[test]
fn the_fee_is_taken_on_the_way_in_and_stays_in_the_pool() {
    let [free, dear] = [pool(0), pool(400_000_000_000_000)];
    let amount = U256::from(10).pow(U256::from(22));
    let (out, after) = dear.exact_in(0, 1, amount).unwrap();
    let net = amount * U256::from(9996) / U256::from(10_000);
    assert_eq!(Ok(out), free.amount_out_down(0, 1, net));
    assert_eq!(after.tokens[0].balance, dear.tokens[0].balance + amount);
    assert_eq!(after.tokens[1].balance, dear.tokens[1].balance - out);
    let bought = U256::from(10_000_000_000_u64);
    let net = free.exact_out(0, 1, bought).unwrap().0;
    let gross = dear.exact_out(0, 1, bought).unwrap().0;
    let (numerator, rate) = (net * U256::from(10_000), U256::from(9_996));
    assert_eq!(gross, numerator.div_ceil(rate));
}

#[test]
fn a_round_trip_does_not_pay() {
    let start = pool(0);
    let mut now = start.clone();
    let mut held = U256::from(123_456_789_012_u64);
    for _ in 0..20 {
        let (there, between) = now.exact_in(1, 0, held).unwrap();
        let (back, after) = between.exact_in(0, 1, there).unwrap();
        assert!(back <= held);
        (held, now) = (back, after);
    }
    assert!(now.tokens[0].balance >= start.tokens[0].balance);
    assert!(now.tokens[1].balance >= start.tokens[1].balance);
}

#[test]
fn what_cannot_be_is_refused() {
    let pool = pool(0);
    assert_eq!(pool.exact_in(0, 0, U256::ONE), Err(QuoteError::Token));
    assert_eq!(pool.exact_out(2, 0, U256::ONE), Err(QuoteError::Token));
    let most = U256::from((1_u128 << 112) - 1);
    assert_eq!(pool.exact_in(0, 1, most + U256::ONE), Err(QuoteError::AmountTooLarge));
    // Alone the Vault could hold so much, but not beside what it has.
    let room = most - pool.tokens[0].balance;
    assert!(pool.amount_out_down(0, 1, room).is_ok());
    let beyond = room + U256::ONE;
    assert_eq!(pool.exact_in(0, 1, beyond), Err(QuoteError::AmountTooLarge));
    assert_eq!(pool.amount_out_down(0, 1, beyond), Err(QuoteError::AmountTooLarge));
    let all = pool.tokens[1].balance;
    assert_eq!(pool.exact_out(0, 1, all), Err(QuoteError::InsufficientLiquidity));
    let amp = pool.curve.amp;
    assert_eq!(invariant_down(amp, &[U256::ZERO; 2]), Ok(U256::ZERO));
    assert_eq!(invariant_down(amp, &[U256::ONE, U256::ZERO]), Err(QuoteError::Overflow));
    assert_eq!(invariant_down(amp, &[U256::MAX, U256::ONE]), Err(QuoteError::Overflow));
    assert_eq!(balance_up(amp, &[U256::ONE; 2], U256::from(2), 2), Err(QuoteError::Token));
}
