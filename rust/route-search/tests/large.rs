//! Amounts as they are on a chain, where not every size can be tried; and markets in which more
//! earns than is told, so that bounds are drawn tighter on the way.

mod market;

use amm_math::U256;
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::pool::Pool;
use market::draw::Draw;
use market::{Kinds, Listed, free, graph, market as drawn, profit, replay};
use route_search::{CYCLES_MAX, Cycle, Leg, Terms};

fn signed(x: U256) -> i128 {
    i128::try_from(x.to::<u128>()).unwrap()
}

/// Near to the size that is told and far from it.
fn probes(size: U256) -> Vec<U256> {
    let parts = [1, 500, 900, 990, 999, 1_001, 1_010, 1_100, 2_000];
    let far = parts.map(|part| size * U256::from(part) / U256::from(1_000));
    let steps = [1_u64, 7, 1_000, 1_000_000, 1_000_000_000];
    let near = steps.map(U256::from);
    let (below, above) = (near.map(|d| size.saturating_sub(d)), near.map(|d| size + d));
    [&far[..], &below[..], &above[..]].concat()
}

fn no_probe_earns_more(listed: &[Listed], cycle: &Cycle, terms: &Terms) {
    let out = replay(listed, &cycle.legs, cycle.amount_in).unwrap();
    assert_eq!(out, cycle.amount_out);
    assert_eq!(profit(terms, cycle.amount_in, out), signed(cycle.profit));
    for amount in probes(cycle.amount_in).into_iter().filter(|amount| !amount.is_zero()) {
        if let Some(out) = replay(listed, &cycle.legs, amount) {
            let earned = profit(terms, amount, out);
            assert!(earned <= signed(cycle.profit + cycle.within), "{amount} {earned}: {cycle:?}");
        }
    }
}

#[test]
fn no_size_earns_more_than_is_said_and_that_is_little() {
    let mut draw = Draw(31);
    for kinds in [Kinds::Products, Kinds::Ranges, Kinds::All] {
        let (mut told, mut rough) = (0, 0);
        for _ in 0..60 {
            let listed = drawn(&mut draw, 4, 8, 1_000_000_000_000_000, kinds);
            let terms = Terms { loan_fee_bps: 9, ..free() };
            for cycle in &graph(&listed).cycles(&[(0, terms), (1, terms)], 4, None).cycles {
                no_probe_earns_more(&listed, cycle, &terms);
                rough += usize::from(cycle.within * U256::from(1_000_000) > cycle.profit);
                told += 1;
            }
        }
        assert!(told > 100, "{told}");
        assert!(rough * 10 < told, "{rough} of {told}");
    }
}

/// What a round earns, from a graph of its own pools alone.
fn alone(listed: &[Listed], start: u32, legs: &[Leg], terms: Terms) -> Option<Cycle> {
    let own: Vec<Listed> = legs.iter().map(|leg| listed[leg.pool as usize].clone()).collect();
    let found = graph(&own).cycles(&[(start, terms)], legs.len(), None).cycles;
    let mut cycle = found.into_iter().find(|cycle| {
        let place = |at: usize| legs[cycle.legs[at].pool as usize];
        (0..cycle.legs.len()).all(|at| {
            place(at) == Leg { pool: place(at).pool, ..cycle.legs[at] }
                && cycle.legs[at].pool == u32::try_from(at).unwrap()
        }) && cycle.legs.len() == legs.len()
    })?;
    cycle.legs = legs.iter().copied().collect();
    Some(cycle)
}

#[test]
fn of_more_than_are_told_none_is_better() {
    let mut draw = Draw(32);
    let mut most = 0;
    for round in 0..6 {
        let kinds = [Kinds::Products, Kinds::Ranges][round % 2];
        let listed = drawn(&mut draw, 6, 48, 1_000_000_000_000_000, kinds);
        let graph = graph(&listed);
        let terms = Terms { gas: U256::from(100_000_000_000_u64), ..free() };
        let changed: Vec<u32> = (0..9).collect();
        let rounds = market::rounds(&listed, &[0], 4);
        let mut all: Vec<_> =
            rounds.iter().filter_map(|(start, legs)| alone(&listed, *start, legs, terms)).collect();
        all.sort_by(|a, b| {
            let legs = || a.legs.len().cmp(&b.legs.len()).then_with(|| a.legs.cmp(&b.legs));
            b.profit.cmp(&a.profit).then_with(legs)
        });
        most = most.max(all.len());
        let uses = |cycle: &&Cycle| cycle.legs.iter().any(|leg| changed.contains(&leg.pool));
        let through: Vec<_> = all.iter().filter(uses).take(CYCLES_MAX).cloned().collect();
        all.truncate(CYCLES_MAX);
        assert_eq!(graph.cycles(&[(0, terms)], 4, None).cycles, all);
        assert_eq!(graph.cycles(&[(0, terms)], 4, Some(&changed)).cycles, through);
    }
    assert!(most > 4 * CYCLES_MAX, "{most}");
}

/// A unit of the token between is worth as much as a hundred billion of the others, and that is
/// what rounding takes: sizes that just reach a unit earn more than those around them.
#[test]
fn what_a_coarse_token_on_the_way_hides_is_said() {
    let mut draw = Draw(33);
    let mut hidden = 0;
    for _ in 0..200 {
        let coarse = 1_000_000 + draw.below(1_000_000);
        let fine = 10_u64.pow(17) + draw.below(10_u64.pow(17));
        let pair = |x, y| {
            let fee = Fee::from_bps(30).unwrap();
            Pool::ConstantProduct(ConstantProduct::new([x, y].map(U256::from), fee))
        };
        let listed =
            vec![(pair(fine, coarse), vec![0, 1]), (pair(fine + fine / 8, coarse), vec![0, 1])];
        for cycle in &graph(&listed).cycles(&[(0, free())], 2, None).cycles {
            let first = &listed[cycle.legs[0].pool as usize].0;
            let bought = first.amount_out_down(0, 1, cycle.amount_in).unwrap();
            for more in 0..4_u64 {
                let bought = bought + U256::from(more);
                let (least, _) = first.exact_out(0, 1, bought, U256::ZERO).unwrap();
                let out = replay(&listed, &cycle.legs, least.amount_in).unwrap();
                let earned = profit(&free(), least.amount_in, out);
                assert!(earned <= signed(cycle.profit + cycle.within), "{earned}: {cycle:?}");
                hidden += usize::from(earned > signed(cycle.profit));
            }
        }
    }
    assert!(hidden > 100, "{hidden}");
}
