//! What must come out the same in two ways: searching through changed pools or everything, changing
//! a graph or making it anew, starts together or one by one.

mod market;

use std::cell::Cell;

use amm_math::U256;
use market::draw::Draw;
use market::{Kinds, free, graph, listed, market as drawn, pool};
use route_search::{CYCLES_MAX, Cycle, GraphError, PoolGraph, Terms};

const KINDS: [Kinds; 3] = [Kinds::Products, Kinds::Ranges, Kinds::All];

fn terms(gas: u64) -> Terms {
    Terms { gas: U256::from(gas), ..free() }
}

#[test]
fn through_some_pools_is_all_that_uses_one_of_them() {
    let mut draw = Draw(21);
    let mut seen = [0, 0];
    for round in 0..45 {
        let listed = drawn(&mut draw, 5, 11, 50_000, KINDS[round % 3]);
        let graph = graph(&listed);
        let starts = [3, 1, 4].map(|start| (start, terms(draw.below(60))));
        let changed: Vec<u32> = (0..11).filter(|_| draw.below(4) == 0).collect();
        let all = graph.cycles(&starts, 4, None);
        let uses = |cycle: &&Cycle| cycle.legs.iter().any(|leg| changed.contains(&leg.pool));
        let expected: Vec<_> = all.cycles.iter().filter(uses).cloned().collect();
        let found = graph.cycles(&starts, 4, Some(&changed));
        assert_eq!(found.cycles, expected);
        seen = [seen[0] + expected.len(), seen[1] + all.cycles.len() - expected.len()];
    }
    assert!(seen[0] > 100 && seen[1] > 100, "{seen:?}");
}

#[test]
fn a_graph_that_was_changed_is_as_one_made_anew() {
    let mut draw = Draw(22);
    let mut differs = 0;
    for round in 0..45 {
        let kinds = KINDS[round % 3];
        let mut listed = drawn(&mut draw, 4, 8, 50_000, kinds);
        let mut changed = graph(&listed);
        let before = changed.cycles(&[(0, free()), (1, free())], 4, None);
        for _ in 0..3 {
            let at = draw.below(8);
            let next = pool(&mut draw, 50_000, kinds);
            listed[usize::try_from(at).unwrap()].0 = next.clone();
            changed.update(vec![(u32::try_from(at).unwrap(), next)]).unwrap();
        }
        let after = changed.cycles(&[(0, free()), (1, free())], 4, None);
        assert_eq!(after, graph(&listed).cycles(&[(0, free()), (1, free())], 4, None));
        differs += usize::from(after != before);
    }
    assert!(differs > 35, "{differs}");
}

#[test]
fn gas_only_takes_away_what_does_not_pay_for_it() {
    let mut draw = Draw(23);
    let mut lost = 0;
    for round in 0..45 {
        let listed = drawn(&mut draw, 5, 11, 50_000, KINDS[round % 3]);
        let graph = graph(&listed);
        let gas = [1 + draw.below(100), 1 + draw.below(400), 1 + draw.below(30_000)];
        let starts = |gas: [u64; 3]| [(0, terms(gas[0])), (1, terms(gas[1])), (2, terms(gas[2]))];
        let of = |cycle: &Cycle| {
            let leg = cycle.legs[0];
            let start = listed[leg.pool as usize].1[usize::from(leg.token_in)];
            U256::from(gas[start as usize])
        };
        let all = graph.cycles(&starts([0; 3]), 4, None).cycles;
        let pays = |cycle: &&Cycle| cycle.profit > of(cycle);
        let mut paying: Vec<Cycle> = all.iter().filter(pays).cloned().collect();
        for cycle in &mut paying {
            cycle.profit -= of(cycle);
        }
        paying.sort_by(|a, b| {
            let legs = || a.legs.len().cmp(&b.legs.len()).then_with(|| a.legs.cmp(&b.legs));
            b.profit.cmp(&a.profit).then_with(legs)
        });
        assert_eq!(graph.cycles(&starts(gas), 4, None).cycles, paying);
        lost += all.len() - paying.len();
    }
    assert!(lost > 100, "{lost}");
}

#[test]
fn more_starts_than_are_searched_together_change_nothing() {
    let mut draw = Draw(24);
    let listed = drawn(&mut draw, 30, 90, 50_000, Kinds::Products);
    let graph = graph(&listed);
    let starts: Vec<_> = (0..30).map(|start| (start, free())).collect();
    let all = graph.cycles(&starts, 3, None);
    let rounds = market::rounds(&listed, &(0..30).collect::<Vec<_>>(), 3);
    assert!(!all.cycles.is_empty());
    for cycle in &all.cycles {
        assert!(rounds.iter().any(|(_, legs)| **legs == *cycle.legs), "told from another start");
    }
    let twice: Vec<_> = starts.iter().chain(&starts).copied().collect();
    assert_eq!(graph.cycles(&twice, 3, None), all);
}

#[test]
fn no_more_than_the_best_of_a_start_are_told() {
    let mut draw = Draw(25);
    let listed: Vec<_> = (0..40).map(|_| listed(&mut draw, 2, 50_000, Kinds::Products)).collect();
    let graph = graph(&listed);
    let found = graph.cycles(&[(0, free())], 2, None);
    let one_by_one = |first: u32| {
        let through: Vec<_> = (first..=first).collect();
        graph.cycles(&[(0, free())], 2, Some(&through)).cycles
    };
    let mut all: Vec<Cycle> = (0..40).flat_map(one_by_one).collect();
    all.sort_by(|a, b| b.profit.cmp(&a.profit).then_with(|| a.legs.cmp(&b.legs)));
    all.dedup();
    assert!(all.len() > 2 * CYCLES_MAX, "{}", all.len());
    assert!(found.is_cut);
    assert_eq!(found.cycles, all[..CYCLES_MAX]);
}

#[test]
fn what_does_not_fit_is_named() {
    let mut draw = Draw(26);
    let one = pool(&mut draw, 50_000, Kinds::Products);
    let made = |tokens: &[u32]| PoolGraph::new(vec![(one.clone(), tokens.to_vec())]).map(|_| ());
    assert_eq!(made(&[1, 2]), Ok(()));
    assert_eq!(made(&[1]), Err(GraphError::Tokens { pool: 0 }));
    assert_eq!(made(&[1, 1]), Err(GraphError::Tokens { pool: 0 }));
    assert_eq!(made(&[1, 2, 3]), Err(GraphError::Tokens { pool: 0 }));
    assert_eq!(made(&[1, u32::MAX]), Err(GraphError::TooMany));
    let mut graph = PoolGraph::new(vec![(one.clone(), vec![0, 1])]).unwrap();
    let other = pool(&mut draw, 50_000, Kinds::Products);
    let changes = vec![(0, other), (1, one.clone())];
    assert_eq!(graph.update(changes), Err(GraphError::Pool { pool: 1 }));
    assert_eq!(graph.pool(0), Some(&one), "nothing was changed");
    assert!(graph.cycles(&[(7, free()), (u32::MAX, free())], 4, Some(&[0, 9])).cycles.is_empty());
    assert!(graph.cycles(&[(0, free())], 0, None).cycles.is_empty());
    assert!(graph.cycles(&[(0, free())], 99, None).cycles.is_empty());
    let empty = PoolGraph::new(Vec::new()).unwrap();
    assert!(empty.cycles(&[(0, free())], 4, None).cycles.is_empty());
    assert!(empty.best_paths((0, 1), U256::ONE, 4, 2).is_empty());
}

#[test]
fn a_search_ends_when_it_shall_not_go_on() {
    let mut draw = Draw(27);
    let listed = drawn(&mut draw, 12, 150, 50_000, Kinds::Products);
    let graph = graph(&listed);
    let asked = Cell::new(0);
    let goes_on = || {
        asked.set(asked.get() + 1);
        asked.get() < 3
    };
    let starts: Vec<_> = (0..12).map(|token| (token, free())).collect();
    assert_eq!(graph.watched_cycles(&starts, 8, None, 9, &goes_on), None);
    assert_eq!(asked.get(), 3);
    let few = graph.watched_cycles(&starts, 2, None, 9, &|| true);
    assert_eq!(few, Some(graph.best_cycles(&starts, 2, None, 9)));
}
