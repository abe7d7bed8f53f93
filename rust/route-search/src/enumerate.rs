//! Every round that begins and ends at a start token, past no token and no pool twice.

use crate::MAX_HOPS;
use crate::graph::PoolGraph;
use crate::rate::Rate;
use crate::route::Route;
use crate::size::{Cycle, Found, Terms, best_cycle};

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
        let mut search = Search::new(self, max_hops.min(MAX_HOPS), through);
        if max_hops < 2 {
            return Found::default();
        }
        for (at, &(start, terms)) in starts.iter().enumerate() {
            if starts[..at].iter().any(|&(other, _)| other == start) {
                continue;
            }
            search.from(start, &terms);
            search.bar(start);
        }
        search.found()
    }
}

struct Search<'a> {
    graph: &'a PoolGraph,
    max_hops: usize,
    barred: Vec<bool>,
    is_changed: Option<Vec<bool>>,
    cycles: Vec<Cycle>,
    examined: u64,
}

impl<'a> Search<'a> {
    fn new(graph: &'a PoolGraph, max_hops: usize, through: Option<&[u32]>) -> Self {
        let is_changed = through.map(|pools| {
            let mut is_changed = vec![false; graph.pools()];
            for &pool in pools {
                if let Some(place) = is_changed.get_mut(pool as usize) {
                    *place = true;
                }
            }
            is_changed
        });
        let barred = vec![false; graph.tokens()];
        Self { graph, max_hops, barred, is_changed, cycles: Vec::new(), examined: 0 }
    }

    fn bar(&mut self, token: u32) {
        if let Some(place) = self.barred.get_mut(token as usize) {
            *place = true;
        }
    }

    fn from(&mut self, start: u32, terms: &Terms) {
        let mut path = Path { edges: [0; MAX_HOPS], hops: 0 };
        self.extend(&mut path, (start, start), Rate::SAME, terms);
    }

    fn extend(&mut self, path: &mut Path, (start, at): (u32, u32), rate: Rate, terms: &Terms) {
        let is_last = path.hops + 1 == self.max_hops;
        let edges = if is_last { self.graph.between(at, start) } else { self.graph.leaving(at) };
        for number in edges {
            let edge = *self.graph.edge(number);
            let next = rate.then(self.graph.rate(number));
            if next.slope <= 0.0 || path.uses(self.graph, edge.leg.pool) {
                continue;
            }
            path.push(number);
            if edge.to == start {
                self.close(path, next, terms);
            } else if !self.barred[edge.to as usize] && !path.visits(self.graph, edge.to) {
                self.extend(path, (start, edge.to), next, terms);
            }
            path.hops -= 1;
        }
    }

    fn close(&mut self, path: &Path, rate: Rate, terms: &Terms) {
        let edges = &path.edges[..path.hops];
        if let Some(is_changed) = &self.is_changed {
            if !edges.iter().any(|&edge| is_changed[self.graph.edge(edge).leg.pool as usize]) {
                return;
            }
        }
        self.examined += 1;
        let route = Route { graph: self.graph, edges };
        self.cycles.extend(best_cycle(route, rate, terms));
    }

    fn found(mut self) -> Found {
        self.cycles.sort_by(|a, b| {
            b.profit
                .cmp(&a.profit)
                .then_with(|| a.legs.len().cmp(&b.legs.len()))
                .then_with(|| a.legs.cmp(&b.legs))
        });
        Found { cycles: self.cycles, examined: self.examined }
    }
}

struct Path {
    edges: [u32; MAX_HOPS],
    hops: usize,
}

impl Path {
    fn push(&mut self, edge: u32) {
        self.edges[self.hops] = edge;
        self.hops += 1;
    }

    fn uses(&self, graph: &PoolGraph, pool: u32) -> bool {
        self.edges[..self.hops].iter().any(|&edge| graph.edge(edge).leg.pool == pool)
    }

    /// Before its last edge.
    fn visits(&self, graph: &PoolGraph, token: u32) -> bool {
        self.edges[..self.hops - 1].iter().any(|&edge| graph.edge(edge).to == token)
    }
}
