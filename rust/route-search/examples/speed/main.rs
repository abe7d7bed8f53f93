//! What a search costs, in microseconds: `cargo run --release -p route-search --example speed`.

mod draws;

use std::hint::black_box;
use std::time::{Duration, Instant};

use amm_math::U256;
use amm_math::pool::Pool;
use draws::{Draws, Market, scan, two_concentrated};
use route_search::{Found, PoolGraph, Terms};

fn best_of(name: &str, rounds: u32, mut work: impl FnMut() -> Found) {
    let found = work();
    let mut best = u128::MAX;
    for _ in 0..9 {
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(work());
        }
        best = best.min(start.elapsed().as_nanos() / u128::from(rounds));
    }
    let micros = format!("{}.{:03}", best / 1_000, best % 1_000);
    println!("{name:28} {micros:>12} us, {} found of {}", found.cycles.len(), found.examined);
}

fn free() -> Terms {
    Terms { loan_fee_bps: 0, gas: U256::ZERO, min_profit: U256::ZERO }
}

fn main() {
    let listed = scan(&mut Draws(5));
    println!("{} pools between 20 tokens", listed.len());
    let graph = PoolGraph::new(listed).unwrap();
    let starts: Vec<_> = (0..20).map(|token| (token, free())).collect();
    best_of("scan, 3 hops", 20, || graph.cycles(&starts, 3, None));

    let graph = PoolGraph::new(two_concentrated()).unwrap();
    let start = [(0, free())];
    best_of("two concentrated pools", 1_000, || graph.cycles(&start, 2, None));
    for cycle in graph.cycles(&start, 2, None).cycles {
        let legs = &cycle.legs;
        let first = graph.pool(legs[0].pool).unwrap();
        let (i, j) = (usize::from(legs[0].token_in), usize::from(legs[0].token_out));
        let quote = first.exact_in(i, j, cycle.amount_in, U256::ZERO).unwrap().0;
        println!("  {} crossed in the first; {cycle:?}", quote.ticks_crossed);
    }

    let market = Market::new(2_000, 10_000);
    let start = Instant::now();
    let mut graph = PoolGraph::new(market.pools.clone()).unwrap();
    println!("10,000 pools: made in {:?}", start.elapsed());
    let starts: Vec<_> = (0..20_u32)
        .map(|token| (token, Terms { gas: market.tokens[token as usize].units(1.0), ..free() }))
        .collect();
    for (changed, seed) in [(20, 1), (20, 2), (20, 3), (200, 1), (200, 2), (200, 3)] {
        after_block(&mut graph, &market, &starts, &market.block(seed, changed));
    }
}

/// The updates are timed too; before each run the pools are as they were before the block.
fn after_block(
    graph: &mut PoolGraph,
    market: &Market,
    starts: &[(u32, Terms)],
    block: &[(u32, Pool)],
) {
    let numbers: Vec<_> = block.iter().map(|&(number, _)| number).collect();
    let pool = |&number: &u32| (number, market.pools[number as usize].0.clone());
    let before = || numbers.iter().map(pool).collect();
    let (mut best, mut found) = (Duration::MAX, Found::default());
    for _ in 0..7 {
        graph.update(before()).unwrap();
        let block = block.to_vec();
        let start = Instant::now();
        graph.update(block).unwrap();
        found = graph.cycles(starts, 4, Some(&numbers));
        best = best.min(start.elapsed());
    }
    let (told, examined) = (found.cycles.len(), found.examined);
    println!("{:3} pools changed: {best:?}, {told} told of {examined}", numbers.len());
    graph.update(before()).unwrap();
}
