//! Pools as nobody would make them: whatever they are, a search ends in an answer.

mod market;

use std::sync::Arc;

use amm_math::U256;
use amm_math::balancer::fixed_point::PowRule;
use amm_math::balancer::scaling::Token;
use amm_math::balancer::{stable, weighted};
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::curve::{self, invariant::Template};
use amm_math::pool::Pool;
use amm_math::solidly_stable::SolidlyStable;
use amm_math::uniswap_v3::tick_math::{MAX_TICK, sqrt_ratio_up};
use amm_math::uniswap_v3::{self, State, Ticks};
use market::draw::Draw;
use market::{Listed, graph, profit, replay};
use route_search::{Part, Terms};

fn maybe_none(draw: &mut Draw, bits: u64) -> U256 {
    if draw.below(12) == 0 { U256::ZERO } else { draw.sized(bits) }
}

fn ranges(draw: &mut Draw) -> Option<Pool> {
    let ends = [draw.below(2_000_000), draw.below(2_000_000)];
    let [low, high] = ends.map(|end| i32::try_from(end).unwrap() - 1_000_000);
    let net = draw.sized_u128(110).cast_signed();
    let nets = vec![(low.min(high), net), (low.max(high), -net), (MAX_TICK, 0)];
    let ticks = Arc::new(Ticks::new(1, nets).ok()?);
    let tick = i32::try_from(draw.below(1_774_000)).unwrap() - 887_000;
    let sqrt_price_x96 = sqrt_ratio_up(tick)?;
    let state = State { sqrt_price_x96, tick, liquidity: ticks.liquidity_at(tick) };
    let fees = [draw.below(1_000_001), draw.below(1_000_001)];
    let fees = fees.map(|fee| u32::try_from(fee).unwrap());
    Some(Pool::Concentrated(uniswap_v3::Pool::v4(state, fees, ticks).ok()?))
}

fn strange(draw: &mut Draw) -> Pool {
    let bits = [20, 112, 256][usize::try_from(draw.below(3)).unwrap()];
    let both = [maybe_none(draw, bits), maybe_none(draw, bits)];
    let tokens =
        |draw: &mut Draw| both.map(|balance| Token { balance, factor: draw.sized(128) }).to_vec();
    let fallback = Pool::ConstantProduct(ConstantProduct::new(
        both,
        Fee::from_ppm(u32::try_from(draw.below(1_000_000)).unwrap()).unwrap(),
    ));
    match draw.below(6) {
        0 => ranges(draw).unwrap_or(fallback),
        1 => Pool::Weighted(weighted::Pool {
            rule: PowRule::Series,
            tokens: tokens(draw),
            weights: vec![maybe_none(draw, 64), maybe_none(draw, 64)],
            fee: draw.sized(60),
        }),
        2 => Pool::Stable(stable::Pool {
            curve: stable::Curve { amp: maybe_none(draw, 40), rounds_invariant_up: true },
            tokens: tokens(draw),
            fee: draw.sized(60),
        }),
        3 => {
            let coins = (both.to_vec(), vec![18, 0]);
            let fees = (draw.sized(33), U256::ZERO);
            curve::Pool::new(Template::Base, draw.sized(30), coins, fees, U256::ZERO)
                .map_or(fallback, Pool::StableSwap)
        }
        4 => SolidlyStable::new(both, [18, 0], 9_999).map_or(fallback, Pool::SolidlyStable),
        _ => fallback,
    }
}

#[test]
fn whatever_the_pools_are_there_is_an_answer() {
    let mut draw = Draw(41);
    let mut told = [0; 2];
    for _ in 0..400 {
        let listed: Vec<Listed> = (0..5)
            .map(|_| {
                let first = u32::try_from(draw.below(3)).unwrap();
                (strange(&mut draw), vec![first, (first + 1) % 3])
            })
            .collect();
        let graph = graph(&listed);
        let terms = Terms {
            loan_fee_bps: u32::try_from(draw.below(20_000)).unwrap(),
            gas: maybe_none(&mut draw, 20),
            min_profit: U256::ZERO,
        };
        for cycle in graph.cycles(&[(0, terms), (1, terms)], 4, Some(&[0, 1, 2, 3, 4])).cycles {
            assert_eq!(replay(&listed, &cycle.legs, cycle.amount_in), Some(cycle.amount_out));
            if cycle.amount_out.max(cycle.amount_in).bit_len() < 100 {
                let earned = profit(&terms, cycle.amount_in, cycle.amount_out);
                assert_eq!(U256::from(earned.cast_unsigned()), cycle.profit);
            }
            told[0] += 1;
        }
        let amount = draw.sized(256);
        for Part { legs, amount_in, amount_out } in
            graph.split((0, 1), amount, 4, 3).map(|split| split.parts).unwrap_or_default()
        {
            assert_eq!(replay(&listed, &legs, amount_in), Some(amount_out));
            told[1] += 1;
        }
    }
    assert!(told.iter().all(|&told| told > 50), "{told:?}");
}
