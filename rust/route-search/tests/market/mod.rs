//! Small markets that are the same every time, and what is found in them by trying everything: no
//! formula of the search is used here.

#![allow(dead_code, reason = "each test file uses what it needs")]

#[path = "../../../amm-math/tests/draw/mod.rs"]
pub mod draw;

use std::collections::BTreeMap;
use std::sync::Arc;

use amm_math::balancer::fixed_point::PowRule;
use amm_math::balancer::scaling::{Token, scaling_factor};
use amm_math::balancer::{stable, weighted};
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::curve::invariant::Template;
use amm_math::pool::Pool;
use amm_math::solidly_stable::SolidlyStable;
use amm_math::uniswap_v3::tick_math::{sqrt_ratio_up, tick_at};
use amm_math::uniswap_v3::{self, State, Ticks};
use amm_math::{U256, curve::Pool as CurvePool};
use draw::Draw;
use route_search::{Leg, PoolGraph, Terms};

pub type Listed = (Pool, Vec<u32>);

/// What kinds of pools are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    Products,
    Ranges,
    All,
}

pub fn free() -> Terms {
    Terms { loan_fee_bps: 0, gas: U256::ZERO, min_profit: U256::ZERO }
}

/// Of `count` pools between `tokens`, with up to `most` of each token in them.
pub fn market(draw: &mut Draw, tokens: u64, count: usize, most: u64, kinds: Kinds) -> Vec<Listed> {
    (0..count).map(|_| listed(draw, tokens, most, kinds)).collect()
}

pub fn listed(draw: &mut Draw, tokens: u64, most: u64, kinds: Kinds) -> Listed {
    let first = draw.below(tokens);
    let second = (first + 1 + draw.below(tokens - 1)) % tokens;
    let numbers = [first, second].map(|n| u32::try_from(n).unwrap()).to_vec();
    (pool(draw, most, kinds), numbers)
}

pub fn pool(draw: &mut Draw, most: u64, kinds: Kinds) -> Pool {
    let kind = match kinds {
        Kinds::Products => 0,
        Kinds::Ranges => draw.below(2),
        Kinds::All => draw.below(6),
    };
    let x = most / 4 + draw.below(most * 3 / 4);
    let y = x / 2 + draw.below(x);
    let both = [x, y].map(U256::from);
    match kind {
        0 => {
            let fee = Fee::from_bps(u32::try_from(draw.below(60)).unwrap()).unwrap();
            Pool::ConstantProduct(ConstantProduct::new(both, fee))
        }
        1 => concentrated(draw, x),
        2 => {
            let parts = [20, 40, 50, 60, 80][usize::try_from(draw.below(5)).unwrap()];
            let weights = [parts, 100 - parts].map(|part| U256::from(part * 10_u64.pow(16)));
            // In balance at a price near one.
            let y = U256::from(y) * weights[1] / weights[0];
            Pool::Weighted(weighted::Pool {
                rule: if draw.below(2) == 0 { PowRule::Series } else { PowRule::Shortcuts },
                tokens: vec![token(both[0], 6), token(y, 6)],
                weights: weights.to_vec(),
                fee: U256::from(draw.below(5) * 10_u64.pow(15)),
            })
        }
        3 => Pool::Stable(stable::Pool {
            curve: stable::Curve {
                amp: U256::from(1_000 * (1 + draw.below(200))),
                rounds_invariant_up: draw.below(2) == 0,
            },
            tokens: vec![token(both[0], 6), token(both[1], 6)],
            fee: U256::from(draw.below(3) * 10_u64.pow(15)),
        }),
        4 => {
            let amp = U256::from(100 * (1 + draw.below(200)));
            let fees = (U256::from(draw.below(10_000_000)), U256::ZERO);
            let supply = both[0] + both[1];
            let coins = (both.to_vec(), vec![6, 6]);
            let pool = CurvePool::new(Template::Base, amp, coins, fees, supply);
            Pool::StableSwap(pool.unwrap())
        }
        _ => {
            let fee = u32::try_from(draw.below(30)).unwrap();
            Pool::SolidlyStable(SolidlyStable::new(both, [4, 4], fee).unwrap())
        }
    }
}

fn token(balance: U256, decimals: u8) -> Token {
    Token { balance, factor: scaling_factor(decimals).unwrap() }
}

/// With a price near one, a few positions, and now and then a gap between them.
pub fn concentrated(draw: &mut Draw, most: u64) -> Pool {
    let unit = i128::from(most);
    let at = |draw: &mut Draw| i32::try_from(draw.below(40)).unwrap() - 20;
    let mut nets = BTreeMap::<i32, i128>::new();
    for _ in 0..=draw.below(5) {
        let (low, width) = (at(draw), 1 + i32::try_from(draw.below(12)).unwrap());
        *nets.entry(low * 60).or_default() += unit;
        *nets.entry((low + width) * 60).or_default() -= unit;
    }
    nets.retain(|_, net| *net != 0);
    let ticks = Arc::new(Ticks::new(60, nets.into_iter().collect()).unwrap());
    let near = i32::try_from(draw.below(2_000)).unwrap() - 1_000;
    let sqrt_price_x96 = sqrt_ratio_up(near).unwrap() + U256::from(draw.below(1_000));
    let tick = tick_at(sqrt_price_x96).unwrap();
    let state = State { sqrt_price_x96, tick, liquidity: ticks.liquidity_at(tick) };
    let fee = [100, 500, 3000][usize::try_from(draw.below(3)).unwrap()];
    Pool::Concentrated(uniswap_v3::Pool::v3(state, fee, ticks).unwrap())
}

pub fn graph(listed: &[Listed]) -> PoolGraph {
    PoolGraph::new(listed.to_vec()).unwrap()
}

/// Every simple round from the first of `starts` that lies on it.
pub fn rounds(listed: &[Listed], starts: &[u32], max_hops: usize) -> Vec<(u32, Vec<Leg>)> {
    let mut found = Vec::new();
    for (at, &start) in starts.iter().enumerate() {
        extend(listed, &mut found, (start, &starts[..at], max_hops), &mut vec![start], &mut vec![]);
    }
    found
}

fn extend(
    listed: &[Listed],
    found: &mut Vec<(u32, Vec<Leg>)>,
    asked: (u32, &[u32], usize),
    tokens: &mut Vec<u32>,
    legs: &mut Vec<Leg>,
) {
    let (start, barred, max_hops) = asked;
    let at = *tokens.last().unwrap();
    for (pool, (_, numbers)) in (0..).zip(listed) {
        for (token_in, token_out) in pairs(numbers.len()) {
            let (from, to) = (numbers[usize::from(token_in)], numbers[usize::from(token_out)]);
            if from != at || legs.iter().any(|leg: &Leg| leg.pool == pool) {
                continue;
            }
            legs.push(Leg { pool, token_in, token_out });
            if to == start {
                found.push((start, legs.clone()));
            } else if legs.len() < max_hops && !tokens.contains(&to) && !barred.contains(&to) {
                tokens.push(to);
                extend(listed, found, asked, tokens, legs);
                tokens.pop();
            }
            legs.pop();
        }
    }
}

fn pairs(tokens: usize) -> Vec<(u8, u8)> {
    let tokens = u8::try_from(tokens).unwrap();
    (0..tokens).flat_map(|i| (0..tokens).filter(move |&j| j != i).map(move |j| (i, j))).collect()
}

pub fn replay(listed: &[Listed], legs: &[Leg], amount: U256) -> Option<U256> {
    legs.iter().try_fold(amount, |amount, leg| {
        let pool = &listed[leg.pool as usize].0;
        let (i, j) = (usize::from(leg.token_in), usize::from(leg.token_out));
        pool.amount_out_down(i, j, amount).ok()
    })
}

/// What is earned with the input, less than nothing included.
pub fn profit(terms: &Terms, amount_in: U256, amount_out: U256) -> i128 {
    let signed = |x: U256| i128::try_from(x.to::<u128>()).unwrap();
    let fee = (amount_in * U256::from(terms.loan_fee_bps)).div_ceil(U256::from(10_000));
    signed(amount_out) - signed(amount_in) - signed(fee) - signed(terms.gas)
}

/// The input up to `most` that earns most, the least of them, and what it earns.
pub fn best_of_all(listed: &[Listed], legs: &[Leg], terms: &Terms, most: u64) -> (u64, i128) {
    let mut best = (0, i128::MIN);
    for amount in 1..=most {
        if let Some(out) = replay(listed, legs, U256::from(amount)) {
            let earned = profit(terms, U256::from(amount), out);
            if earned > best.1 {
                best = (amount, earned);
            }
        }
    }
    best
}
