//! The bounds of one start, and how they are drawn tighter: once so many rounds are known that only
//! those are of interest which earn more than the least of them, more must pass through each pool.

use crate::bounds::MARGIN;
use crate::graph::PoolGraph;
use crate::real::log_up;

const UNREACHED: f32 = f32::NEG_INFINITY;

/// As [`crate::bounds::Bounds`], for one start.
pub(crate) struct Lane {
    pub(crate) tokens: usize,
    pub(crate) weights: Vec<f32>,
    pub(crate) to: Vec<f32>,
    pub(crate) from: Vec<f32>,
    /// A round must yield more.
    pub(crate) least: f32,
    /// What a round must earn before gas, as it was when these were drawn.
    pub(crate) needed: f64,
}

impl Lane {
    #[inline]
    pub(crate) fn weight(&self, edge: u32) -> f32 {
        self.weights[edge as usize]
    }

    /// From a token to the start, in so many hops at most.
    #[inline]
    pub(crate) fn to(&self, hops: usize, token: u32) -> f32 {
        self.to[hops * self.tokens + token as usize]
    }

    /// From the start to a token.
    #[inline]
    pub(crate) fn from(&self, hops: usize, token: u32) -> f32 {
        self.from[hops * self.tokens + token as usize]
    }

    /// The most that a round through an edge yields, in so many hops beside it.
    pub(crate) fn best_through(&self, edge: u32, (from, to): (u32, u32), left: usize) -> f32 {
        let ways = (0..=left).map(|hops| self.to(hops, to) + self.from(left - hops, from));
        self.weight(edge) + ways.fold(UNREACHED, f32::max)
    }

    /// For rounds that earn `needed` at least.
    pub(crate) fn tighten(&mut self, graph: &PoolGraph, start: u32, cost: f64, needed: f64) {
        let last = self.to.len() / self.tokens - 1;
        let ways =
            graph.leaving(start).map(|edge| self.weight(edge) + self.to(last, graph.edge(edge).to));
        let best = f64::from(ways.fold(UNREACHED, f32::max) + MARGIN).exp();
        let sent = needed / (best - cost).max(f64::MIN_POSITIVE) * (1.0 - 1e-6);
        let back = needed + cost * sent;
        for token in (0..).take(self.tokens) {
            let yielded = f64::from(self.to(last, token) + MARGIN).exp();
            let input = if token == start { sent } else { back / yielded };
            for edge in graph.leaving(token) {
                let bend = graph.rate(edge).bend;
                let weight = graph.logs()[edge as usize] - log_up(1.0 + bend * input);
                self.weights[edge as usize] =
                    if input.is_finite() { weight + MARGIN / 16.0 } else { UNREACHED };
            }
        }
        self.needed = needed;
        self.spread(graph, last);
    }

    fn spread(&mut self, graph: &PoolGraph, last: usize) {
        let has_both = !self.from.is_empty();
        for hops in 1..=last {
            for token in (0..).take(self.tokens) {
                let mut best = self.to(hops - 1, token);
                for edge in graph.leaving(token) {
                    best = best.max(self.weight(edge) + self.to(hops - 1, graph.edge(edge).to));
                }
                self.to[hops * self.tokens + token as usize] = best;
                if has_both {
                    let mut best = self.from(hops - 1, token);
                    for &edge in graph.arriving(token) {
                        let before = self.from(hops - 1, graph.edge(edge).from);
                        best = best.max(self.weight(edge) + before);
                    }
                    self.from[hops * self.tokens + token as usize] = best;
                }
            }
        }
    }
}
