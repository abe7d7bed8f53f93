//! What the search finds, against every round and every size that there is.

mod market;

use amm_math::U256;
use market::draw::Draw;
use market::{Kinds, best_of_all, free, graph, market as drawn, profit, replay, rounds};
use route_search::{Cycle, Terms};

const STARTS: [u32; 2] = [2, 0];

fn signed(x: U256) -> i128 {
    i128::try_from(x.to::<u128>()).unwrap()
}

/// How many rounds earned something, how many of them were proven best.
fn compare(seed: u64, kinds: Kinds, (graphs, most): (usize, u64), terms: Terms) -> [usize; 2] {
    let mut draw = Draw(seed);
    let mut counts = [0; 2];
    for number in 0..graphs {
        let listed = drawn(&mut draw, 4, 7, most, kinds);
        let found = graph(&listed).cycles(&STARTS.map(|start| (start, terms)), 4, None);
        let mut told: Vec<&Cycle> = Vec::new();
        for (_, legs) in rounds(&listed, &STARTS, 4) {
            let cycle = found.cycles.iter().find(|cycle| *cycle.legs == *legs);
            let (amount, best) = best_of_all(&listed, &legs, &terms, most);
            let least = signed(terms.min_profit).max(1);
            let Some(cycle) = cycle else {
                assert!(best < least, "graph {number}: {legs:?} earns {best} with {amount}");
                continue;
            };
            let out = replay(&listed, &legs, cycle.amount_in).unwrap();
            assert_eq!(out, cycle.amount_out, "graph {number}: {cycle:?}");
            assert_eq!(profit(&terms, cycle.amount_in, out), signed(cycle.profit));
            assert!(signed(cycle.profit) >= least);
            assert!(best <= signed(cycle.profit + cycle.within), "{best} with {amount}: {cycle:?}");
            if cycle.within.is_zero() {
                assert_eq!(U256::from(amount), cycle.amount_in, "graph {number}: {cycle:?}");
                counts[1] += 1;
            }
            counts[0] += 1;
            told.push(cycle);
        }
        assert_eq!(told.len(), found.cycles.len(), "graph {number}: one told twice or made up");
    }
    counts
}

#[test]
fn constant_product_rounds_are_sized_to_the_unit() {
    let [earning, proven] = compare(1, Kinds::Products, (25, 8_000), free());
    assert!(earning > 40, "{earning}");
    assert_eq!(proven, earning);
}

#[test]
fn rounds_with_concentrated_pools_are_sized_to_the_unit() {
    let [earning, proven] = compare(2, Kinds::Ranges, (20, 6_000), free());
    assert!(earning > 40, "{earning}");
    assert_eq!(proven, earning);
}

#[test]
fn rounds_through_every_kind_are_sized_to_the_unit() {
    let [earning, proven] = compare(3, Kinds::All, (12, 4_000), free());
    assert!(earning > 40, "{earning}");
    assert_eq!(proven, earning);
}

#[test]
fn loan_fee_gas_and_the_least_profit_count() {
    let terms = Terms { loan_fee_bps: 9, gas: U256::from(10), min_profit: U256::from(5) };
    for (seed, kinds) in [(4, Kinds::Products), (5, Kinds::Ranges), (6, Kinds::All)] {
        let [earning, _] = compare(seed, kinds, (10, 5_000), terms);
        assert!(earning > 10, "{earning}");
    }
}

#[test]
fn the_largest_of_the_small_markets() {
    let [earning, _] = compare(7, Kinds::Ranges, (3, 100_000), free());
    assert!(earning > 10, "{earning}");
}
