//! One trade over several ways: as long as one of them gives more for a little more than another
//! does, something should go the other way, so their marginal prices must meet. The ways share no
//! pool, so that what goes one way does not change the others.
//!
//! Where prices meet is found in real numbers; what each way is given is whole, adds up to all of
//! it, and is replayed. What the best single way gives is always beaten or told.

use amm_math::U256;

use crate::graph::{Leg, PoolGraph};
use crate::hop::Hop;
use crate::paths::Path;
use crate::real::{real, whole_down};
use crate::route::Route;
use crate::size::composed;

/// Of so many best ways for an amount, those that share no pool are taken.
const CANDIDATES: usize = 24;
const HALVINGS: usize = 60;

/// What goes one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The way.
    pub legs: Vec<Leg>,
    /// What is paid.
    pub amount_in: U256,
    /// What is received.
    pub amount_out: U256,
}

/// A trade in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The largest first. They share no pool, and add up to the trade.
    pub parts: Vec<Part>,
    /// What is received in all.
    pub amount_out: U256,
}

impl PoolGraph {
    /// Over up to `paths_max` ways of up to `max_hops` hops; never less than the best single way
    /// gives. `None` where no way takes it, and no ways together do.
    #[must_use]
    pub fn split(
        &self,
        tokens: (u32, u32),
        amount: U256,
        max_hops: usize,
        paths_max: usize,
    ) -> Option<Split> {
        let ways = |amount| self.best_paths(tokens, amount, max_hops, CANDIDATES);
        let whole = ways(amount);
        let mut best = whole.first().map(|path| single(path, amount));
        if paths_max < 2 {
            return best;
        }
        let mut tries = vec![disjoint(whole, paths_max)];
        // What is best for all of it may be in the way of what is best for a part.
        for shift in [1_usize, 3, 6] {
            tries.push(disjoint(ways(U256::max(amount >> shift, U256::ONE)), paths_max));
        }
        tries.dedup();
        for paths in tries {
            if let Some(split) = self.shared(&paths, amount)
                && best.as_ref().is_none_or(|best| split.amount_out > best.amount_out)
            {
                best = Some(split);
            }
        }
        best
    }

    /// Over these ways. `None` where they do not take it.
    fn shared(&self, paths: &[Vec<u32>], amount: U256) -> Option<Split> {
        let routes: Vec<_> = paths.iter().map(|edges| Route { graph: self, edges }).collect();
        let mut ways = Vec::new();
        for route in &routes {
            ways.push(route.steps().map(|step| step.hop()).collect::<Option<Vec<_>>>()?);
        }
        let mut inputs = Vec::new();
        let mut left = amount;
        for input in at_one_price(&ways, real(amount)) {
            let input = whole_down(input)?.min(left);
            left -= input;
            inputs.push(input);
        }
        let outputs: Vec<_> =
            routes.iter().zip(&inputs).map(|(route, &input)| given(*route, input)).collect();
        // What rounding left goes where it gives the most.
        let (at, out) = (routes.iter().zip(&inputs).zip(&outputs).enumerate())
            .filter_map(|(at, ((route, &input), &before))| {
                Some((at, given(*route, input.checked_add(left)?)?, before?))
            })
            .max_by_key(|&(at, after, before)| (after.saturating_sub(before), usize::MAX - at))
            .map(|(at, after, _)| (at, after))?;
        inputs[at] += left;
        let mut outputs = outputs.into_iter().collect::<Option<Vec<_>>>()?;
        outputs[at] = out;
        Some(self.parts(&routes, &inputs, &outputs))
    }

    fn parts(&self, routes: &[Route<'_>], inputs: &[U256], outputs: &[U256]) -> Split {
        let legs = |route: &Route<'_>| {
            route.edges.iter().map(|&edge| self.edge(edge).leg).collect::<Vec<_>>()
        };
        let mut parts: Vec<_> = (routes.iter().zip(inputs).zip(outputs))
            .filter(|((_, input), _)| !input.is_zero())
            .map(|((route, &amount_in), &amount_out)| Part {
                legs: legs(route),
                amount_in,
                amount_out,
            })
            .collect();
        parts.sort_by(|a, b| b.amount_in.cmp(&a.amount_in).then_with(|| a.legs.cmp(&b.legs)));
        let amount_out = outputs.iter().fold(U256::ZERO, |sum, out| sum.saturating_add(*out));
        Split { parts, amount_out }
    }
}

/// Nothing for nothing; `None` where it is refused.
fn given(route: Route<'_>, input: U256) -> Option<U256> {
    if input.is_zero() { Some(input) } else { route.replay(input).ok() }
}

fn single(path: &Path, amount: U256) -> Split {
    let part = Part { legs: path.legs.clone(), amount_in: amount, amount_out: path.amount_out };
    Split { parts: vec![part], amount_out: path.amount_out }
}

/// The best of those that share no pool with one before.
fn disjoint(paths: Vec<Path>, most: usize) -> Vec<Vec<u32>> {
    let mut pools = Vec::new();
    let mut taken = Vec::new();
    for path in paths {
        if taken.len() < most && path.legs.iter().all(|leg| !pools.contains(&leg.pool)) {
            pools.extend(path.legs.iter().map(|leg| leg.pool));
            taken.push(path.edges);
        }
    }
    taken
}

/// What each way is given, so that all give the same for a little more, and it adds up to no more
/// than the amount: the price is halved upon, and for each price what a way takes until there.
fn at_one_price(ways: &[Vec<Hop<'_>>], amount: f64) -> Vec<f64> {
    let best = ways.iter().map(|way| composed(way, 0.0, 1.0).1).fold(f64::MIN, f64::max);
    let worst = ways.iter().map(|way| composed(way, amount, 1.0).1).fold(f64::MAX, f64::min);
    let (mut dear, mut cheap) = (best, worst.max(best - 100.0));
    let inputs = |price: f64| ways.iter().map(|way| until(way, price, amount)).collect::<Vec<_>>();
    let mut taken = vec![0.0; ways.len()];
    for _ in 0..HALVINGS {
        let price = f64::midpoint(dear, cheap);
        let given = inputs(price);
        if given.iter().sum::<f64>() <= amount {
            (dear, taken) = (price, given);
        } else {
            cheap = price;
        }
    }
    taken
}

/// How much a way takes until a little more gives no more than at this price, a logarithm.
fn until(way: &[Hop<'_>], price: f64, most: f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if composed(way, middle, 1.0).1 > price { low = middle } else { high = middle }
    }
    low
}
