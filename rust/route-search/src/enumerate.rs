//! Every round that begins and ends at a start token and earns, past no token and no pool twice.
//!
//! Through given pools, a round is grown from their edges in both directions: on to the start, then
//! back to it. Without, it is grown from the start. Either way [`Bounds`] say what is not worth it.

use crate::MAX_HOPS;
use crate::bounds::{Bounds, LANES};
use crate::graph::PoolGraph;
use crate::rate::Rate;
use crate::route::Route;
use crate::size::{Found, Terms, best_cycle};

impl PoolGraph {
    /// The rounds of up to `max_hops` hops that earn what they must, each told once for each
    /// direction, from the first of the `starts` that lies on it. `through`: only those that use
    /// one of these pools.
    #[must_use]
    pub fn cycles(
        &self,
        starts: &[(u32, Terms)],
        max_hops: usize,
        through: Option<&[u32]>,
    ) -> Found {
        let mut found = Found::default();
        if max_hops < 2 {
            return found;
        }
        let starts = self.distinct(starts);
        let mut ranks = vec![usize::MAX; self.tokens()];
        for (rank, (start, _)) in starts.iter().enumerate() {
            ranks[*start as usize] = rank;
        }
        let max_hops = max_hops.min(MAX_HOPS);
        for (at, starts) in starts.chunks(LANES).enumerate() {
            let bounds = Bounds::new(self, starts, max_hops, through.is_some());
            let search = Search {
                graph: self,
                bounds,
                starts,
                first_rank: at * LANES,
                ranks: &ranks,
                told: vec![false; if through.is_some() { self.pools() } else { 0 }],
                max_hops,
                found: &mut found,
            };
            match through {
                Some(pools) => search.through(pools),
                None => search.from_starts(),
            }
        }
        found.cycles.sort_unstable_by(|a, b| {
            b.profit
                .cmp(&a.profit)
                .then_with(|| a.legs.len().cmp(&b.legs.len()))
                .then_with(|| a.legs.cmp(&b.legs))
        });
        found
    }

    /// Each token once, those that the graph has.
    fn distinct(&self, starts: &[(u32, Terms)]) -> Vec<(u32, Terms)> {
        let mut is_told = vec![false; self.tokens()];
        let is_new = |&&(start, _): &&(u32, Terms)| {
            is_told.get_mut(start as usize).is_some_and(|told| !core::mem::replace(told, true))
        };
        starts.iter().filter(is_new).copied().collect()
    }
}

struct Search<'a> {
    graph: &'a PoolGraph,
    bounds: Bounds,
    starts: &'a [(u32, Terms)],
    first_rank: usize,
    /// Of each token among the starts.
    ranks: &'a [usize],
    /// Through these pools all has been told.
    told: Vec<bool>,
    max_hops: usize,
    found: &'a mut Found,
}

/// A round as it is grown: edges on from `tail`, edges back from `head`.
struct Growing {
    lane: usize,
    start: u32,
    /// Where it comes back to `start`, what is grown onwards goes on here, backwards.
    tail: u32,
    onward: [u32; MAX_HOPS],
    onwards: usize,
    backward: [u32; MAX_HOPS],
    backwards: usize,
    tokens: [u32; MAX_HOPS + 1],
    visited: usize,
}

impl Search<'_> {
    fn from_starts(mut self) {
        for lane in 0..self.starts.len() {
            let start = self.starts[lane].0;
            let mut growing = Growing::new(lane, start, start);
            self.onward(&mut growing, start, self.max_hops, 0.0);
        }
    }

    fn through(mut self, pools: &[u32]) {
        for &pool in pools {
            if self.told.get(pool as usize).is_none_or(|&told| told) {
                continue;
            }
            for at in 0..self.graph.edges_of(pool).len() {
                let number = self.graph.edges_of(pool)[at];
                for lane in 0..self.starts.len() {
                    self.through_edge(number, lane);
                }
            }
            self.told[pool as usize] = true;
        }
    }

    fn through_edge(&mut self, number: u32, lane: usize) {
        let (edge, start) = (*self.graph.edge(number), self.starts[lane].0);
        let (left, weight) = (self.max_hops - 1, self.bounds.weight(number));
        let is_barred = [edge.from, edge.to].iter().any(|&token| self.is_barred(token, lane));
        if is_barred || !self.is_worth(weight, edge.to, edge.from, left, lane) {
            return;
        }
        let mut growing = Growing::new(lane, start, edge.from);
        growing.enter(edge.from);
        growing.push_onward(number);
        if edge.to == start {
            self.backward(&mut growing, edge.from, left, weight);
        } else {
            growing.enter(edge.to);
            self.onward(&mut growing, edge.to, left, weight);
        }
    }

    /// From `at` on to the start, with so many hops left for all that is missing.
    fn onward(&mut self, growing: &mut Growing, at: u32, left: usize, yielded: f32) {
        let start = growing.start;
        let edges = if left == 1 { self.graph.between(at, start) } else { self.graph.leaving(at) };
        for number in edges {
            let weight = yielded + self.bounds.weight(number);
            let edge = *self.graph.edge(number);
            if !self.is_worth(weight, edge.to, growing.tail, left - 1, growing.lane)
                || self.is_used(growing, edge.leg.pool)
            {
                continue;
            }
            growing.push_onward(number);
            if edge.to == start {
                self.backward(growing, growing.tail, left - 1, weight);
            } else if !growing.is_visited(edge.to) && !self.is_barred(edge.to, growing.lane) {
                growing.enter(edge.to);
                self.onward(growing, edge.to, left - 1, weight);
                growing.visited -= 1;
            }
            growing.onwards -= 1;
        }
    }

    /// From `at` back to the start.
    fn backward(&mut self, growing: &mut Growing, at: u32, left: usize, yielded: f32) {
        let start = growing.start;
        if at == start {
            self.close(growing);
            return;
        }
        if left == 1 {
            for number in self.graph.between(start, at) {
                self.back_over(growing, number, left, yielded);
            }
        } else if left > 1 {
            for place in 0..self.graph.arriving(at).len() {
                self.back_over(growing, self.graph.arriving(at)[place], left, yielded);
            }
        }
    }

    fn back_over(&mut self, growing: &mut Growing, number: u32, left: usize, yielded: f32) {
        let edge = *self.graph.edge(number);
        let weight = yielded + self.bounds.weight(number);
        let before = self.bounds.from(left - 1, edge.from)[growing.lane];
        if weight + before <= self.bounds.least[growing.lane]
            || self.is_used(growing, edge.leg.pool)
            || growing.is_visited(edge.from)
            || self.is_barred(edge.from, growing.lane)
        {
            return;
        }
        growing.backward[growing.backwards] = number;
        growing.backwards += 1;
        growing.enter(edge.from);
        self.backward(growing, edge.from, left - 1, weight);
        growing.visited -= 1;
        growing.backwards -= 1;
    }

    /// Whether with so many hops a way on from `at` and one back from `tail` can yield enough.
    #[inline]
    fn is_worth(&self, weight: f32, at: u32, tail: u32, left: usize, lane: usize) -> bool {
        let missing = self.bounds.least[lane] - weight;
        if tail == self.starts[lane].0 {
            return self.bounds.to(left, at)[lane] > missing;
        }
        let on = self.bounds.to(left, at)[lane];
        if on + self.bounds.from(left, tail)[lane] <= missing {
            return false;
        }
        (0..=left).any(|hops| {
            let on = self.bounds.to(hops, at)[lane];
            on + self.bounds.from(left - hops, tail)[lane] > missing
        })
    }

    /// An earlier start, from which it is told.
    fn is_barred(&self, token: u32, lane: usize) -> bool {
        self.ranks[token as usize] < self.first_rank + lane
    }

    fn is_used(&self, growing: &Growing, pool: u32) -> bool {
        let is_same = |&edge: &u32| self.graph.edge(edge).leg.pool == pool;
        growing.onward[..growing.onwards].iter().any(is_same)
            || growing.backward[..growing.backwards].iter().any(is_same)
            || self.told.get(pool as usize).is_some_and(|&told| told)
    }

    fn close(&mut self, growing: &Growing) {
        self.found.examined += 1;
        let (mut edges, mut hops, mut rate) = ([0; MAX_HOPS], 0, Rate::SAME);
        let backward = growing.backward[..growing.backwards].iter().rev();
        for &edge in backward.chain(&growing.onward[..growing.onwards]) {
            edges[hops] = edge;
            hops += 1;
            rate = rate.then(self.graph.rate(edge));
        }
        let route = Route { graph: self.graph, edges: &edges[..hops] };
        let cycle = best_cycle(route, rate, &self.starts[growing.lane].1);
        self.found.cycles.extend(cycle);
    }
}

impl Growing {
    const fn new(lane: usize, start: u32, tail: u32) -> Self {
        Self {
            lane,
            start,
            tail,
            onward: [0; MAX_HOPS],
            onwards: 0,
            backward: [0; MAX_HOPS],
            backwards: 0,
            tokens: [0; MAX_HOPS + 1],
            visited: 0,
        }
    }

    fn push_onward(&mut self, edge: u32) {
        self.onward[self.onwards] = edge;
        self.onwards += 1;
    }

    fn enter(&mut self, token: u32) {
        self.tokens[self.visited] = token;
        self.visited += 1;
    }

    fn is_visited(&self, token: u32) -> bool {
        self.tokens[..self.visited].contains(&token)
    }
}
