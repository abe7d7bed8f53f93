//! Where no size can be tried out: inputs at all distances from what is told earn no more than
//! that and `within`. Pools whose rounding weighs much, or whose ranges end together.

mod market;

use std::sync::Arc;

use amm_math::U256;
use amm_math::balancer::scaling::{Token, scaling_factor};
use amm_math::balancer::stable;
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::pool::Pool;
use amm_math::solidly_stable::SolidlyStable;
use amm_math::uniswap_v3::{self, State, Ticks};
use market::draw::Draw;
use market::{Listed, free, graph, profit, replay};
use route_search::Leg;

/// How many rounds were told.
fn check(pools: [Pool; 2]) -> usize {
    let listed: Vec<Listed> = pools.into_iter().map(|pool| (pool, vec![0, 1])).collect();
    let found = graph(&listed).cycles(&[(0, free())], 2, None);
    for cycle in &found.cycles {
        let most = i128::try_from((cycle.profit + cycle.within).to::<u128>()).unwrap();
        for amount in nearby(cycle.amount_in) {
            if let Some(out) = replay(&listed, &cycle.legs, amount) {
                let earned = profit(&free(), amount, out);
                assert!(earned <= most, "{amount} earns {earned}: {cycle:?}");
            }
        }
    }
    found.cycles.len()
}

fn nearby(amount: U256) -> Vec<U256> {
    let mut draw = Draw(1);
    let mut found = Vec::new();
    for bits in 1..=amount.bit_len() {
        for _ in 0..8 {
            let off = draw.sized(bits.try_into().unwrap());
            found.extend([amount + off, amount.saturating_sub(off).max(U256::ONE)]);
        }
    }
    found
}

fn off_balance(draw: &mut Draw, most: u64) -> [U256; 2] {
    let x = most / 4 + draw.below(most * 3 / 4);
    [x, x * 4 / 5 + draw.below(x * 2 / 5)].map(U256::from)
}

#[test]
fn balancers_equation_is_rounded_before_it_is_multiplied() {
    let mut draw = Draw(31);
    let pool = |both: [U256; 2]| {
        let factor = scaling_factor(18).unwrap();
        let tokens = both.map(|balance| Token { balance, factor }).to_vec();
        let curve = stable::Curve { amp: U256::from(200_000), rounds_invariant_up: true };
        Pool::Stable(stable::Pool { curve, tokens, fee: U256::ZERO })
    };
    let mut told = 0;
    for zeros in 9..19 {
        told += check([(); 2].map(|()| pool(off_balance(&mut draw, 10_u64.pow(zeros)))));
    }
    assert!(told > 5, "{told}");
}

#[test]
fn solidlys_curve_is_coarse_below_a_token() {
    let mut draw = Draw(32);
    let mut told = 0;
    for _ in 0..20 {
        let most = 10_u64.pow(15 + u32::try_from(draw.below(3)).unwrap());
        let pool = |both| Pool::SolidlyStable(SolidlyStable::new(both, [18, 18], 0).unwrap());
        told += check([(); 2].map(|()| pool(off_balance(&mut draw, most))));
    }
    assert!(told > 5, "{told}");
}

/// Of pools with about a token every other input; others beside it are taken.
#[test]
fn what_solidlys_solver_refuses_by_chance_ends_nothing() {
    let pool = |both: [u64; 2], fee| {
        Pool::SolidlyStable(SolidlyStable::new(both.map(U256::from), [6, 6], fee).unwrap())
    };
    let first = [pool([2_910_117, 557_078], 5), pool([4_069_498, 328_233], 5)];
    let second = [pool([213_447, 1_295_838], 5), pool([707_805, 770_565], 30)];
    assert!(check(first) + check(second) > 1);
}

/// One sells down from tick 34 to 33, the other up from 21 to 25: what fills the first range fills
/// the second, but for what real numbers make of it.
#[test]
fn two_pools_leave_their_ranges_at_the_same_input() {
    let pool = |price: &str, tick, nets: Vec<(i32, i128)>| {
        let ticks = Arc::new(Ticks::new(1, nets).unwrap());
        let sqrt_price_x96 = price.parse().unwrap();
        let state = State { sqrt_price_x96, tick, liquidity: ticks.liquidity_at(tick) };
        Pool::Concentrated(uniswap_v3::Pool::v3(state, 0, ticks).unwrap())
    };
    let (thin, thick) = (158_630_714_361_457_911_564_636_140_000, 15_863_071_436_145_791_156);
    let (thick, rest) =
        (thick * 10_i128.pow(12) + 463_614_000_000, thick * 10_i128.pow(9) + 463_614_000);
    let other = 39_678_503_234_422_052_033_351_670_000;
    let mut down = vec![(-67, thin), (-17, thick), (26, -thick), (33, thick), (34, -thick)];
    down.extend([(48, rest), (68, -rest), (134, -thin)]);
    let up = vec![(-79, other), (21, 100 * other), (25, -100 * other), (125, -other)];
    let first = pool("79362958194733618082949624972", 34, down);
    let second = pool("79311391611148398362399947978", 21, up);
    assert_eq!(check([first, second]), 1);
}

/// Prices that differ by a part of 10^-16, of which 2^112 units earn some dozens. Of one unit only
/// chance decides whether it is found.
#[test]
fn prices_that_real_numbers_cannot_tell_apart_are_not_missed() {
    let mut draw = Draw(33);
    let fee = Fee::from_bps(0).unwrap();
    let pair = |x, y| (Pool::ConstantProduct(ConstantProduct::new([x, y], fee)), vec![0, 1]);
    let legs = [1, 0].map(|pool| {
        let token_in = u8::from(pool == 0);
        Leg { pool, token_in, token_out: 1 - token_in }
    });
    let mut told = 0;
    for number in 0..60_u64 {
        let [x, y] = [(); 2].map(|()| (U256::ONE << 111) + (draw.sized(111) >> 1));
        let (parts, whole) = (U256::from(2 + number / 10), U256::from(10_u64.pow(16)));
        let listed: Vec<Listed> = vec![pair(x, y), pair(x, y + y * parts / whole)];
        // Half the difference in price is gone by then.
        let best = (1..16).map(|part| {
            let amount = x * parts / whole * U256::from(part) / U256::from(32);
            profit(&free(), amount, replay(&listed, &legs, amount).unwrap())
        });
        let best = best.max().unwrap();
        let found = graph(&listed).cycles(&[(0, free())], 2, None);
        let cycle = found.cycles.iter().find(|cycle| *cycle.legs == legs);
        if best > 1 {
            let most = cycle.map_or(U256::ZERO, |cycle| cycle.profit + cycle.within);
            assert!(U256::from(best.cast_unsigned()) <= most, "{best}: {cycle:?}");
            told += 1;
        }
    }
    assert!(told > 30, "{told}");
}
