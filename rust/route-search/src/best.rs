//! The best rounds of one start, so many at most: whoever sends one moves the pools that the others
//! lead through, so that a long list of them is worth no more than its top.

use amm_math::U256;

use crate::real::real;
use crate::size::{Cycle, Terms, sorted};

/// So many rounds of one start are told where nothing else is asked for.
pub const CYCLES_MAX: usize = 256;
/// So many are told of all starts, whatever is asked for: what is kept has a limit.
pub const TOLD_MAX: usize = 1 << 18;

/// Those found so far.
pub(crate) struct Bests {
    cycles: Vec<Cycle>,
    most: usize,
    gas: U256,
    /// What another must earn before gas to be told, or a little less.
    pub(crate) needed: f64,
    pub(crate) is_cut: bool,
}

impl Bests {
    pub(crate) fn new(terms: &Terms, most: usize) -> Self {
        let needed = terms.needed().map_or(f64::INFINITY, real);
        Self { cycles: Vec::new(), most: most.min(TOLD_MAX), gas: terms.gas, needed, is_cut: false }
    }

    pub(crate) fn add(&mut self, cycle: Cycle) {
        self.cycles.push(cycle);
        if self.cycles.len() >= self.most.saturating_mul(2).max(1) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.cycles = sorted(&self.cycles);
        self.cycles.truncate(self.most);
        self.is_cut = true;
        if let Some(last) = self.cycles.last() {
            self.needed = real(last.profit) + real(self.gas);
        }
    }

    pub(crate) fn take(mut self) -> (Vec<Cycle>, bool) {
        if self.cycles.len() > self.most {
            self.cut();
        }
        (self.cycles, self.is_cut)
    }
}
