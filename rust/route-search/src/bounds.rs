//! The most that a way to a start token, or from it, can yield: what lies above none of these is
//! not walked. As logarithms of rates, for each token, each start and each number of hops, and
//! always upper bounds, so that no round that earns is lost.
//!
//! A pool with next to nothing in it can have any price, and rates alone would lead every search
//! through it. But a round that pays for its gas has a least size: what it earns per unit sent is
//! bounded by the rates, so enough must be sent, and enough must pass through each of its pools.
//! Taking rates at that size makes the bounds tighter, and with tighter bounds the size grows.

use crate::graph::PoolGraph;
use crate::lane::Lane;
use crate::real::{log_up, real};
use crate::size::Terms;

/// So many starts are searched from together: their bounds lie side by side, in a few registers.
pub(crate) const LANES: usize = 20;
/// How much the sums of a few logarithms can be off by.
pub(crate) const MARGIN: f32 = 1e-4;
/// How often sizes and bounds are drawn from each other.
const ROUNDS: usize = 2;
const UNREACHED: f32 = f32::NEG_INFINITY;

type Lanes = [f32; LANES];

/// For up to [`LANES`] starts.
pub(crate) struct Bounds {
    tokens: usize,
    /// Of each edge.
    weights: Vec<f32>,
    /// For each number of hops, for each token: the best to each start with so many at most.
    to: Vec<Lanes>,
    from: Vec<Lanes>,
    /// A round from each start must yield more.
    least: Lanes,
}

impl Bounds {
    /// For rounds of up to `max_hops`; ways back are only needed for rounds through given pools.
    pub(crate) fn new(
        graph: &PoolGraph,
        starts: &[(u32, Terms)],
        max_hops: usize,
        both_ways: bool,
    ) -> Self {
        let tokens = graph.tokens();
        let mut least = [f32::INFINITY; LANES];
        for (lane, (_, terms)) in least.iter_mut().zip(starts) {
            *lane = log_up(terms.cost()) - MARGIN;
        }
        let weights = graph.logs().to_vec();
        let mut bounds = Self { tokens, weights, to: Vec::new(), from: Vec::new(), least };
        bounds.to = bounds.ways(graph, starts, max_hops, Way::To);
        if starts.iter().any(|(_, terms)| !terms.gas.is_zero() || !terms.min_profit.is_zero()) {
            for _ in 0..ROUNDS {
                bounds.weigh(graph, &bounds.least_inputs(graph, starts, max_hops));
                bounds.to = bounds.ways(graph, starts, max_hops, Way::To);
            }
        }
        if both_ways {
            bounds.from = bounds.ways(graph, starts, max_hops, Way::From);
        }
        bounds
    }

    /// Of one start, side by side.
    pub(crate) fn lane(&self, lane: usize, needed: f64) -> Lane {
        let of = |ways: &[Lanes]| ways.iter().map(|lanes| lanes[lane]).collect();
        Lane {
            tokens: self.tokens,
            weights: self.weights.clone(),
            to: of(&self.to),
            from: of(&self.from),
            least: self.least[lane],
            needed,
        }
    }

    /// From a token to the start of a lane, in so many hops at most.
    fn to(&self, hops: usize, token: u32) -> &Lanes {
        &self.to[hops * self.tokens + token as usize]
    }

    fn ways(
        &self,
        graph: &PoolGraph,
        starts: &[(u32, Terms)],
        max_hops: usize,
        way: Way,
    ) -> Vec<Lanes> {
        let mut found = vec![[UNREACHED; LANES]; max_hops * self.tokens];
        for (lane, &(start, _)) in starts.iter().enumerate() {
            if let Some(lanes) = found[..self.tokens].get_mut(start as usize) {
                lanes[lane] = 0.0;
            }
        }
        for hops in 1..max_hops {
            let (before, after) = found.split_at_mut(hops * self.tokens);
            let before = &before[(hops - 1) * self.tokens..];
            for (token, best) in (0..).zip(&mut after[..self.tokens]) {
                *best = before[token as usize];
                match way {
                    Way::To => {
                        for edge in graph.leaving(token) {
                            let next = &before[graph.edge(edge).to as usize];
                            raise(best, self.weights[edge as usize], next);
                        }
                    }
                    Way::From => {
                        for &edge in graph.arriving(token) {
                            let next = &before[graph.edge(edge).from as usize];
                            raise(best, self.weights[edge as usize], next);
                        }
                    }
                }
            }
        }
        found
    }

    /// What must at least be paid of each token in a round that earns what it must.
    fn least_inputs(
        &self,
        graph: &PoolGraph,
        starts: &[(u32, Terms)],
        max_hops: usize,
    ) -> Vec<f64> {
        let mut least = vec![f64::INFINITY; self.tokens];
        for (lane, (start, terms)) in starts.iter().enumerate() {
            let ways = graph.leaving(*start).map(|edge| {
                let to = self.to(max_hops - 1, graph.edge(edge).to)[lane];
                self.weights[edge as usize] + to
            });
            let best = f64::from(ways.fold(UNREACHED, f32::max) + MARGIN).exp();
            let needed = terms.needed().map_or(f64::INFINITY, real);
            if best <= terms.cost() {
                continue;
            }
            let sent = needed / (best - terms.cost()) * (1.0 - 1e-6);
            let back = needed + terms.cost() * sent;
            for (token, least) in (0..).zip(&mut least) {
                let yielded = f64::from(self.to(max_hops - 1, token)[lane] + MARGIN).exp();
                *least = least.min(if token == *start { sent } else { back / yielded });
            }
        }
        least
    }

    /// Each edge's rate where so much is paid in.
    fn weigh(&mut self, graph: &PoolGraph, inputs: &[f64]) {
        for (number, (weight, edge)) in (0..).zip(self.weights.iter_mut().zip(graph.edges())) {
            let input = inputs[edge.from as usize];
            let bend = graph.rate(number).bend;
            *weight = if input.is_finite() {
                graph.logs()[number as usize] - log_up(1.0 + bend * input) + MARGIN / 16.0
            } else {
                UNREACHED
            };
        }
    }
}

#[derive(Clone, Copy)]
enum Way {
    To,
    From,
}

#[inline]
fn raise(best: &mut Lanes, weight: f32, next: &Lanes) {
    for (best, next) in best.iter_mut().zip(next) {
        let through = weight + next;
        *best = if through > *best { through } else { *best };
    }
}
