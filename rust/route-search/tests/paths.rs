//! Single ways against all that there are, and split trades against single ways and other splits.

mod market;

use amm_math::U256;
use market::draw::Draw;
use market::{Kinds, Listed, graph, market as drawn, replay};
use route_search::{Leg, Split};

/// Every simple way: the rounds of a market where a last pool leads back.
fn ways(listed: &[Listed], from: u32, to: u32, max_hops: usize) -> Vec<Vec<Leg>> {
    let (mut closed, back) = (listed.to_vec(), u32::try_from(listed.len()).unwrap());
    closed.push((listed[0].0.clone(), vec![to, from]));
    let rounds = market::rounds(&closed, &[from], max_hops + 1).into_iter();
    let ways = rounds.filter_map(|(_, mut legs)| {
        let last = legs.pop()?;
        (last.pool == back && last.token_in == 0).then_some(legs)
    });
    ways.filter(|legs| legs.iter().all(|leg| leg.pool != back)).collect()
}

#[test]
fn the_best_ways_are_those_that_give_most() {
    let mut draw = Draw(11);
    let mut told = 0;
    for kinds in [Kinds::Products, Kinds::Ranges, Kinds::All] {
        for _ in 0..60 {
            let listed = drawn(&mut draw, 5, 10, 100_000, kinds);
            let amount = U256::from(1 + draw.below(20_000));
            let mut all: Vec<_> = ways(&listed, 0, 1, 4)
                .into_iter()
                .filter_map(|legs| Some((replay(&listed, &legs, amount)?, legs)))
                .filter(|(out, _)| !out.is_zero())
                .collect();
            all.sort_by(|(out_a, legs_a), (out_b, legs_b)| {
                out_b.cmp(out_a).then(legs_a.len().cmp(&legs_b.len())).then(legs_a.cmp(legs_b))
            });
            all.truncate(5);
            let found = graph(&listed).best_paths((0, 1), amount, 4, 5);
            let found: Vec<_> =
                found.into_iter().map(|path| (path.amount_out, path.legs)).collect();
            assert_eq!(found, all);
            told += found.len();
        }
    }
    assert!(told > 300, "{told}");
}

#[test]
fn there_is_no_way_for_nothing_or_to_where_one_is() {
    let listed = drawn(&mut Draw(12), 3, 5, 100_000, Kinds::Products);
    let graph = graph(&listed);
    let amount = U256::from(100);
    assert!(graph.best_paths((0, 0), amount, 4, 5).is_empty());
    assert!(graph.best_paths((0, 1), U256::ZERO, 4, 5).is_empty());
    assert!(graph.best_paths((0, 99), amount, 4, 5).is_empty());
    assert!(graph.best_paths((99, 0), amount, 4, 5).is_empty());
    assert_eq!(graph.split((0, 99), amount, 4, 3), None);
}

fn check(listed: &[Listed], split: &Split, amount: U256, paths_max: usize) {
    assert!((1..=paths_max).contains(&split.parts.len()));
    let mut pools = Vec::new();
    let (mut paid, mut received) = (U256::ZERO, U256::ZERO);
    for part in &split.parts {
        assert_eq!(replay(listed, &part.legs, part.amount_in), Some(part.amount_out));
        pools.extend(part.legs.iter().map(|leg| leg.pool));
        paid += part.amount_in;
        received += part.amount_out;
    }
    assert_eq!((paid, received), (amount, split.amount_out));
    let told = pools.len();
    pools.sort_unstable();
    pools.dedup();
    assert_eq!(pools.len(), told, "a pool is in two parts");
}

#[test]
fn a_split_adds_up_and_never_gives_less_than_the_best_way() {
    let mut draw = Draw(13);
    let mut better = 0;
    for kinds in [Kinds::Products, Kinds::Ranges, Kinds::All] {
        for _ in 0..60 {
            let listed = drawn(&mut draw, 4, 10, 1_000_000, kinds);
            let graph = graph(&listed);
            let amount = U256::from(1 + draw.below(400_000));
            let best = graph.best_paths((0, 1), amount, 3, 1);
            let Some(split) = graph.split((0, 1), amount, 3, 4) else {
                assert!(best.is_empty());
                continue;
            };
            check(&listed, &split, amount, 4);
            let single = best.first().map_or(U256::ZERO, |path| path.amount_out);
            assert!(split.amount_out >= single);
            better += usize::from(split.amount_out > single);
        }
    }
    assert!(better > 60, "{better}");
}

#[test]
fn two_pools_of_one_pair_share_a_trade_where_no_other_share_gives_more() {
    let mut draw = Draw(14);
    for _ in 0..20 {
        let listed: Vec<Listed> = (0..2)
            .map(|_| (market::pool(&mut draw, 10_000, Kinds::Products), vec![0, 1]))
            .collect();
        let amount = 1 + draw.below(6_000);
        let split = graph(&listed).split((0, 1), U256::from(amount), 2, 2).unwrap();
        let given = |pool, amount: u64| {
            let legs = [Leg { pool, token_in: 0, token_out: 1 }];
            let out = (amount > 0).then(|| replay(&listed, &legs, U256::from(amount)).unwrap());
            out.unwrap_or(U256::ZERO)
        };
        let shares = (0..=amount).map(|first| given(0, first) + given(1, amount - first));
        let best = shares.max().unwrap();
        // Each of the two rounds away less than a unit of what it gives.
        assert!(split.amount_out + U256::from(2) >= best, "{} of {best}", split.amount_out);
    }
}

#[test]
fn one_way_at_most_is_one_way() {
    let mut draw = Draw(15);
    let listed = drawn(&mut draw, 4, 12, 100_000, Kinds::Products);
    let amount = U256::from(30_000);
    let split = graph(&listed).split((0, 1), amount, 3, 1).unwrap();
    check(&listed, &split, amount, 1);
}
