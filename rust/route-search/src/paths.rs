//! The best ways from one token to another for an amount that is given: by what comes out at the
//! end, replayed in the pools' own integers.
//!
//! Grown from the token that is paid, the most promising pool first. A way is left where the most
//! that its pools can give for this amount, and the best rates from there on, is no more than what
//! the last of the ways to be told gives.

use amm_math::U256;

use crate::MAX_HOPS;
use crate::bounds::{Bounds, MARGIN};
use crate::graph::{Leg, PoolGraph};
use crate::lane::Lane;
use crate::rate::Rate;
use crate::real::real;
use crate::route::Route;
use crate::size::Terms;

/// A way, and what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// From the token that is paid to the one that is received.
    pub legs: Vec<Leg>,
    /// What is received.
    pub amount_out: U256,
    pub(crate) edges: Vec<u32>,
}

impl Path {
    /// More received, then fewer legs, then in the legs' order.
    fn before(&self, other: &Self) -> core::cmp::Ordering {
        let legs = || self.legs.len().cmp(&other.legs.len());
        let out = other.amount_out.cmp(&self.amount_out);
        out.then_with(legs).then_with(|| self.legs.cmp(&other.legs))
    }
}

impl PoolGraph {
    /// The `most` best ways of up to `max_hops` hops for exactly `amount`, past no token and no
    /// pool twice, best first. Ways that refuse the amount, or give nothing for it, are none.
    #[must_use]
    pub fn best_paths(
        &self,
        (token_in, token_out): (u32, u32),
        amount: U256,
        max_hops: usize,
        most: usize,
    ) -> Vec<Path> {
        let hops = max_hops.min(MAX_HOPS);
        if token_in == token_out || hops == 0 || most == 0 || amount.is_zero() {
            return Vec::new();
        }
        let free = Terms { loan_fee_bps: 0, gas: U256::ZERO, min_profit: U256::ZERO };
        let lane = Bounds::new(self, &[(token_out, free)], hops, false).lane(0, 0.0);
        let mut search = Search { graph: self, lane, token_out, amount, most, found: Vec::new() };
        search.extend(&mut Vec::new(), &mut vec![token_in], Rate::SAME, hops);
        search.found
    }
}

struct Search<'a> {
    graph: &'a PoolGraph,
    lane: Lane,
    token_out: u32,
    amount: U256,
    most: usize,
    /// Best first.
    found: Vec<Path>,
}

impl Search<'_> {
    fn extend(&mut self, edges: &mut Vec<u32>, tokens: &mut Vec<u32>, rate: Rate, left: usize) {
        let Some(&at) = tokens.last() else { return };
        for (most, number) in self.onward(edges, tokens, (at, rate), left) {
            if most <= self.least() {
                return;
            }
            let (edge, next) = (*self.graph.edge(number), rate.then(self.graph.rate(number)));
            edges.push(number);
            if edge.to == self.token_out {
                self.tell(edges);
            } else {
                tokens.push(edge.to);
                self.extend(edges, tokens, next, left - 1);
                tokens.pop();
            }
            edges.pop();
        }
    }

    /// What may follow, with the most that can come out at the end, which sorts it.
    fn onward(
        &self,
        edges: &[u32],
        tokens: &[u32],
        (at, rate): (u32, Rate),
        left: usize,
    ) -> Vec<(f64, u32)> {
        let graph = self.graph;
        let all = if left == 1 { graph.between(at, self.token_out) } else { graph.leaving(at) };
        let is_used = |pool| edges.iter().any(|&edge| graph.edge(edge).leg.pool == pool);
        let (amount, least) = (real(self.amount), self.least());
        let mut found: Vec<_> = all
            .filter_map(|number| {
                let edge = graph.edge(number);
                let next = rate.then(graph.rate(number));
                let given = next.slope * amount / (1.0 + next.bend * amount);
                let most = given * f64::from(self.lane.to(left - 1, edge.to) + MARGIN).exp();
                let is_new = !tokens.contains(&edge.to) && !is_used(edge.leg.pool);
                (most > least && is_new).then_some((most, number))
            })
            .collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    }

    /// A way must give more, or as much, to be told.
    fn least(&self) -> f64 {
        let last = self.found.get(self.most - 1);
        last.map_or(0.0, |path| real(path.amount_out) * (1.0 - 1e-12))
    }

    fn tell(&mut self, edges: &[u32]) {
        let route = Route { graph: self.graph, edges };
        let Ok(amount_out) = route.replay(self.amount) else { return };
        if amount_out.is_zero() {
            return;
        }
        let legs = edges.iter().map(|&edge| self.graph.edge(edge).leg).collect();
        let path = Path { legs, amount_out, edges: edges.to_vec() };
        let place = self.found.partition_point(|other| other.before(&path).is_lt());
        self.found.insert(place, path);
        self.found.truncate(self.most);
    }
}
