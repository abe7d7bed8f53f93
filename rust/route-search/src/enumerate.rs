//! Every round that begins and ends at a start token and earns, past no token and no pool twice.
//!
//! Through given pools, a round is grown from their edges in both directions: on to the start, then
//! back to it. Without, it is grown from the start. Either way [`Bounds`] say what is not worth it.

use crate::MAX_HOPS;
use crate::best::{Bests, CYCLES_MAX, TOLD_MAX};
use crate::bounds::{Bounds, LANES};
use crate::graph::PoolGraph;
use crate::lane::Lane;
use crate::rate::Rate;
use crate::route::Route;
use crate::size::{Found, Terms, best_cycle, sorted};
use crate::watch::{ROUND, Watch};

/// Bounds are drawn anew once what must be earned is so much more.
const TIGHTEN_AT: f64 = 4.0;

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
        self.best_cycles(starts, max_hops, through, CYCLES_MAX)
    }

    /// The same, with `most` rounds of each start at most, and [`TOLD_MAX`] of all: the best of them.
    /// A smaller number makes a search through many rounds shorter.
    #[must_use]
    pub fn best_cycles(
        &self,
        starts: &[(u32, Terms)],
        max_hops: usize,
        through: Option<&[u32]>,
        most: usize,
    ) -> Found {
        self.watched_cycles(starts, max_hops, through, most, &|| true).unwrap_or_default()
    }

    /// The same, which asks now and then whether it `goes_on`. `None` where it did not.
    #[must_use]
    pub fn watched_cycles(
        &self,
        starts: &[(u32, Terms)],
        max_hops: usize,
        through: Option<&[u32]>,
        most: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Found> {
        let (mut found, watch) = (Found::default(), Watch::new(goes_on));
        if max_hops < 2 || through.is_some_and(<[u32]>::is_empty) {
            return Some(found);
        }
        let starts = self.distinct(starts);
        let mut ranks = vec![usize::MAX; self.tokens()];
        for (rank, (start, _)) in starts.iter().enumerate() {
            ranks[*start as usize] = rank;
        }
        let max_hops = max_hops.min(MAX_HOPS);
        for (at, chunk) in starts.chunks(LANES).enumerate() {
            let bounds = Bounds::new(self, chunk, max_hops, through.is_some());
            for (lane, (start, terms)) in chunk.iter().enumerate() {
                let bests = Bests::new(terms, most);
                let search = Search {
                    graph: self,
                    lane: bounds.lane(lane, bests.needed),
                    start: *start,
                    terms: *terms,
                    rank: at * LANES + lane,
                    ranks: &ranks,
                    told: vec![false; if through.is_some() { self.pools() } else { 0 }],
                    max_hops,
                    bests,
                    examined: 0,
                    watch: &watch,
                };
                search.run(through, &mut found);
                found.keep(TOLD_MAX, 2 * TOLD_MAX);
            }
        }
        found.keep(TOLD_MAX, TOLD_MAX);
        found.cycles = sorted(&found.cycles);
        (!watch.is_over(0)).then_some(found)
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
    lane: Lane,
    start: u32,
    terms: Terms,
    /// The start's, and of each token among the starts.
    rank: usize,
    ranks: &'a [usize],
    /// Through these pools all has been told.
    told: Vec<bool>,
    max_hops: usize,
    bests: Bests,
    examined: u64,
    watch: &'a Watch<'a>,
}

/// A round as it is grown: edges on from one that is given, edges back from it.
struct Growing {
    /// Where what is grown backwards goes on, once what is grown onwards is at the start.
    tail: u32,
    onward: [u32; MAX_HOPS],
    onwards: usize,
    backward: [u32; MAX_HOPS],
    backwards: usize,
    tokens: [u32; MAX_HOPS + 1],
    visited: usize,
}

impl Search<'_> {
    fn run(mut self, through: Option<&[u32]>, found: &mut Found) {
        if let Some(pools) = through {
            self.through(pools);
        } else {
            let start = self.start;
            self.onward(&mut Growing::new(start), start, self.max_hops, 0.0);
        }
        let (cycles, is_cut) = self.bests.take();
        found.cycles.extend(cycles);
        found.is_cut |= is_cut;
        found.examined += self.examined;
    }

    /// The most promising first, so that it is known soon what is of no interest.
    fn through(&mut self, pools: &[u32]) {
        let left = self.max_hops - 1;
        let mut promising = Vec::new();
        for &pool in pools {
            let edges = self.graph.edges_of(pool).iter().map(|&number| {
                let edge = self.graph.edge(number);
                self.lane.best_through(number, (edge.from, edge.to), left)
            });
            let best = edges.fold(f32::NEG_INFINITY, f32::max);
            if best > self.lane.least {
                promising.push((best, pool));
            }
        }
        promising.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, pool) in promising {
            if self.told[pool as usize] {
                continue;
            }
            for at in 0..self.graph.edges_of(pool).len() {
                self.through_edge(self.graph.edges_of(pool)[at]);
            }
            self.told[pool as usize] = true;
        }
    }

    fn through_edge(&mut self, number: u32) {
        let edge = *self.graph.edge(number);
        let (left, weight) = (self.max_hops - 1, self.lane.weight(number));
        let is_barred = self.is_barred(edge.from) || self.is_barred(edge.to);
        if is_barred || !self.is_worth(weight, edge.to, edge.from, left) {
            return;
        }
        let mut growing = Growing::new(edge.from);
        growing.enter(edge.from);
        growing.push_onward(number);
        if edge.to == self.start {
            self.backward(&mut growing, edge.from, left, weight);
        } else {
            growing.enter(edge.to);
            self.onward(&mut growing, edge.to, left, weight);
        }
    }

    /// From `at` on to the start, with so many hops left for all that is missing.
    fn onward(&mut self, growing: &mut Growing, at: u32, left: usize, yielded: f32) {
        if self.watch.is_over(1) {
            return;
        }
        let start = self.start;
        let edges = if left == 1 { self.graph.between(at, start) } else { self.graph.leaving(at) };
        for number in edges {
            let weight = yielded + self.lane.weight(number);
            let edge = *self.graph.edge(number);
            if !self.is_worth(weight, edge.to, growing.tail, left - 1)
                || self.is_used(growing, edge.leg.pool)
            {
                continue;
            }
            growing.push_onward(number);
            if edge.to == start {
                self.backward(growing, growing.tail, left - 1, weight);
            } else if !growing.is_visited(edge.to) && !self.is_barred(edge.to) {
                growing.enter(edge.to);
                self.onward(growing, edge.to, left - 1, weight);
                growing.visited -= 1;
            }
            growing.onwards -= 1;
        }
    }

    /// From `at` back to the start.
    fn backward(&mut self, growing: &mut Growing, at: u32, left: usize, yielded: f32) {
        let start = self.start;
        if self.watch.is_over(1) {
            return;
        }
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
        let weight = yielded + self.lane.weight(number);
        let before = self.lane.from(left - 1, edge.from);
        if weight + before <= self.lane.least
            || self.is_used(growing, edge.leg.pool)
            || growing.is_visited(edge.from)
            || self.is_barred(edge.from)
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
    fn is_worth(&self, weight: f32, at: u32, tail: u32, left: usize) -> bool {
        let missing = self.lane.least - weight;
        let on = self.lane.to(left, at);
        if tail == self.start {
            return on > missing;
        }
        on + self.lane.from(left, tail) > missing
            && (0..=left)
                .any(|hops| self.lane.to(hops, at) + self.lane.from(left - hops, tail) > missing)
    }

    /// An earlier start, from which it is told.
    fn is_barred(&self, token: u32) -> bool {
        self.ranks[token as usize] < self.rank
    }

    fn is_used(&self, growing: &Growing, pool: u32) -> bool {
        let is_same = |&edge: &u32| self.graph.edge(edge).leg.pool == pool;
        growing.onward[..growing.onwards].iter().any(is_same)
            || growing.backward[..growing.backwards].iter().any(is_same)
            || self.told.get(pool as usize).is_some_and(|&told| told)
    }

    fn close(&mut self, growing: &Growing) {
        let (mut edges, mut hops, mut rate) = ([0; MAX_HOPS], 0, Rate::SAME);
        let backward = growing.backward[..growing.backwards].iter().rev();
        for &edge in backward.chain(&growing.onward[..growing.onwards]) {
            edges[hops] = edge;
            hops += 1;
            rate = rate.then(self.graph.rate(edge));
        }
        let cost = self.terms.cost();
        if rate.most(cost) < self.bests.needed * (1.0 - 1e-12) {
            return;
        }
        self.examined += 1;
        if self.watch.is_over(ROUND) {
            return;
        }
        let route = Route { graph: self.graph, edges: &edges[..hops] };
        let Some(cycle) = best_cycle(route, rate, &self.terms, self.bests.needed) else { return };
        self.bests.add(cycle);
        if self.bests.needed > self.lane.needed * TIGHTEN_AT {
            self.lane.tighten(self.graph, self.start, cost, self.bests.needed);
        }
    }
}

impl Growing {
    const fn new(tail: u32) -> Self {
        Self {
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
