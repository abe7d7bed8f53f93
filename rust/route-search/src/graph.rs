//! Pools between tokens. What leaves a token lies side by side in memory, and a pool that changed
//! is put in its place: the shape of the graph stays, only rates are made anew.

use core::fmt;

use amm_math::pool::Pool;

use crate::hop::Hop;
use crate::rate::Rate;
use crate::real::log_up;
use crate::slack::Step;
use crate::stable::Stable;

/// A token's number is below this, so that a wrong one cannot ask for all memory.
const TOKENS_END: u32 = 1 << 24;

/// A swap in a pool, its tokens by their places in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg {
    /// Which pool.
    pub pool: u32,
    /// What is paid.
    pub token_in: u8,
    /// What is received.
    pub token_out: u8,
}

impl Leg {
    fn places(self) -> (usize, usize) {
        (usize::from(self.token_in), usize::from(self.token_out))
    }
}

/// Why a graph cannot be made or changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphError {
    /// A pool has not as many tokens as are named, names one twice, or more than 255.
    Tokens {
        /// Which pool.
        pool: usize,
    },
    /// A token's number, or how many pools there are, is too large.
    TooMany,
    /// There is no such pool.
    Pool {
        /// Which.
        pool: usize,
    },
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens { pool } => {
                write!(f, "pool {pool}: name each of its tokens once, in its own order")
            }
            Self::TooMany => f.write_str("number tokens from 0, below 2^24"),
            Self::Pool { pool } => write!(f, "there is no pool {pool} in the graph"),
        }
    }
}

impl core::error::Error for GraphError {}

/// A swap between two tokens by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) leg: Leg,
}

/// Pools by number, between tokens by number.
#[derive(Clone, Debug)]
pub struct PoolGraph {
    pools: Vec<Pool>,
    /// Sorted by where they leave from, then where they go, then pool.
    edges: Vec<Edge>,
    rates: Vec<Rate>,
    /// The logarithms of their slopes, not below the true ones.
    logs: Vec<f32>,
    /// What was solved of stable pools.
    stables: Vec<Option<Box<Stable>>>,
    /// Where the edges of each token begin; one more than there are tokens.
    leaving: Vec<u32>,
    /// The numbers of edges, sorted by where they go, then where they leave from.
    by_target: Vec<u32>,
    arriving: Vec<u32>,
    /// The numbers of edges, sorted by pool.
    by_pool: Vec<u32>,
    of_pool: Vec<u32>,
}

impl PoolGraph {
    /// Each pool with the numbers of its tokens, in its own order.
    ///
    /// # Errors
    /// [`GraphError`], naming the pool.
    pub fn new(pools: Vec<(Pool, Vec<u32>)>) -> Result<Self, GraphError> {
        let mut edges = Vec::new();
        let mut kept = Vec::with_capacity(pools.len());
        for (number, (pool, tokens)) in pools.into_iter().enumerate() {
            check_tokens(number, &pool, &tokens)?;
            let pool_number = u32::try_from(number).map_err(|_| GraphError::TooMany)?;
            add_edges(&mut edges, pool_number, &tokens);
            kept.push(pool);
        }
        edges.sort_unstable_by_key(|edge| (edge.from, edge.to, edge.leg));
        let tokens = edges.iter().map(|edge| edge.from + 1).max().unwrap_or(0) as usize;
        let (_, leaving) = index(&edges, tokens, |edge| edge.from);
        let (by_target, arriving) = index(&edges, tokens, |edge| edge.to);
        let (by_pool, of_pool) = index(&edges, kept.len(), |edge| edge.leg.pool);
        let count = edges.len();
        let mut graph = Self {
            pools: kept,
            edges,
            rates: vec![Rate::SAME; count],
            logs: vec![0.0; count],
            stables: vec![None; count],
            leaving,
            by_target,
            arriving,
            by_pool,
            of_pool,
        };
        (0..count).for_each(|edge| graph.solve(edge));
        Ok(graph)
    }

    /// Puts the pools' new states in their places: all of them, or none where one does not fit.
    ///
    /// # Errors
    /// `Pool` for a number that there is not, `Tokens` for a pool of another number of tokens.
    pub fn update(&mut self, changes: Vec<(u32, Pool)>) -> Result<(), GraphError> {
        for (number, pool) in &changes {
            let at = *number as usize;
            let place = self.pools.get(at).ok_or(GraphError::Pool { pool: at })?;
            if place.tokens() != pool.tokens() {
                return Err(GraphError::Tokens { pool: at });
            }
        }
        for (number, pool) in changes {
            let at = number as usize;
            self.pools[at] = pool;
            for slot in self.of_pool[at]..self.of_pool[at + 1] {
                let edge = self.by_pool[slot as usize] as usize;
                self.solve(edge);
            }
        }
        Ok(())
    }

    fn solve(&mut self, edge: usize) {
        let leg = self.edges[edge].leg;
        let pool = &self.pools[leg.pool as usize];
        let stable = Stable::of(pool, leg.places()).map(Box::new);
        self.rates[edge] = Rate::of(Hop::of(pool, leg.places(), stable.as_deref()));
        self.logs[edge] = log_up(self.rates[edge].slope);
        self.stables[edge] = stable;
    }

    /// A pool as it is now.
    #[must_use]
    pub fn pool(&self, number: u32) -> Option<&Pool> {
        self.pools.get(number as usize)
    }

    /// How many there are.
    #[must_use]
    pub fn pools(&self) -> usize {
        self.pools.len()
    }

    /// One more than the highest number of a token.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.leaving.len() - 1
    }

    pub(crate) fn step(&self, number: u32) -> Step<'_> {
        let at = number as usize;
        let leg = self.edges[at].leg;
        let (i, j) = leg.places();
        let pool = &self.pools[leg.pool as usize];
        Step { pool, i, j, rate: self.rates[at], stable: self.stables[at].as_deref() }
    }

    pub(crate) fn edge(&self, number: u32) -> &Edge {
        &self.edges[number as usize]
    }

    pub(crate) fn rate(&self, number: u32) -> Rate {
        self.rates[number as usize]
    }

    pub(crate) fn logs(&self) -> &[f32] {
        &self.logs
    }

    /// The numbers of the edges that leave a token, in the order of where they go.
    pub(crate) fn leaving(&self, token: u32) -> core::ops::Range<u32> {
        let at = token as usize;
        if at >= self.tokens() {
            return 0..0;
        }
        self.leaving[at]..self.leaving[at + 1]
    }

    /// Those of them that go to `to`.
    pub(crate) fn between(&self, from: u32, to: u32) -> core::ops::Range<u32> {
        let all = self.leaving(from);
        let edges = &self.edges[all.start as usize..all.end as usize];
        let offset = |place: usize| all.start + u32::try_from(place).unwrap_or(u32::MAX);
        let first = edges.partition_point(|edge| edge.to < to);
        let end = first + edges[first..].partition_point(|edge| edge.to == to);
        offset(first)..offset(end)
    }

    /// The numbers of the edges that go to a token.
    pub(crate) fn arriving(&self, token: u32) -> &[u32] {
        let at = token as usize;
        if at >= self.tokens() {
            return &[];
        }
        &self.by_target[self.arriving[at] as usize..self.arriving[at + 1] as usize]
    }

    /// The numbers of the edges that a pool gives.
    pub(crate) fn edges_of(&self, pool: u32) -> &[u32] {
        let at = pool as usize;
        if at >= self.pools.len() {
            return &[];
        }
        &self.by_pool[self.of_pool[at] as usize..self.of_pool[at + 1] as usize]
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.edges
    }
}

fn check_tokens(number: usize, pool: &Pool, tokens: &[u32]) -> Result<(), GraphError> {
    let mut sorted = tokens.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if tokens.len() != pool.tokens() || sorted.len() != tokens.len() || tokens.len() > 255 {
        return Err(GraphError::Tokens { pool: number });
    }
    if sorted.last().is_some_and(|&highest| highest >= TOKENS_END) {
        return Err(GraphError::TooMany);
    }
    Ok(())
}

fn add_edges(edges: &mut Vec<Edge>, pool: u32, tokens: &[u32]) {
    for (token_in, &from) in (0..).zip(tokens) {
        for (token_out, &to) in (0..).zip(tokens) {
            if from != to {
                edges.push(Edge { from, to, leg: Leg { pool, token_in, token_out } });
            }
        }
    }
}

/// The edges' numbers sorted by a key below `keys`, in their order where it is the same, and where
/// each key's begin.
fn index(edges: &[Edge], keys: usize, key: impl Fn(&Edge) -> u32) -> (Vec<u32>, Vec<u32>) {
    let mut begin = vec![0; keys + 1];
    for edge in edges {
        begin[key(edge) as usize + 1] += 1;
    }
    for at in 0..keys {
        begin[at + 1] += begin[at];
    }
    let (mut next, mut sorted) = (begin.clone(), vec![0; edges.len()]);
    for (number, edge) in (0..).zip(edges) {
        let slot = &mut next[key(edge) as usize];
        sorted[*slot as usize] = number;
        *slot += 1;
    }
    (sorted, begin)
}
