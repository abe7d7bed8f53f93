//! From a guess to an answer: replays in integers around it, and how far from the best they can be.
//!
//! Up to rounding, what a route earns is concave in what goes in. So where an input earns less than
//! the best seen by more than rounding can hide, all beyond it earn less too. Where the window that
//! is left is small, every input in it is tried; where it is not, what cannot be told apart is said.

use amm_math::U256;
use amm_math::pool::Pool;

use crate::real::{real, whole_down, whole_up};
use crate::route::{Route, Tried, ZERO};
use crate::size::Terms;

/// Up to so many inputs are tried one by one.
pub(crate) const TRIED_MAX: u64 = 4_096;
const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);
const THREE: U256 = U256::from_limbs([3, 0, 0, 0]);
/// Solidly's solver refuses inputs by chance, of pools with less than a token every other one. Then
/// the nearest smaller one that is taken stands for it.
const PASSED_OVER: u64 = 63;
/// Down to so many inputs a range is narrowed, so that what is passed over is little beside it.
const NARROWED: u64 = 9 * (PASSED_OVER + 1);

/// An input that earns most in real numbers, or nearly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    pub(crate) input: f64,
    /// How wide the curve's top is: off by d it earns less by `cost * d * d / width`, or more.
    pub(crate) width: f64,
    /// The curve's top is above the guess by no more than this; endless where that is not known.
    pub(crate) loss: f64,
    /// What it earns, about.
    pub(crate) earns: f64,
}

/// The best input found, and that nothing earns more by `within`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    pub(crate) tried: Tried,
    pub(crate) within: U256,
}

/// `None` where no input near the guess is accepted.
pub(crate) fn refine(route: Route<'_>, terms: &Terms, guess: Guess) -> Option<Best> {
    let is_solidly = |pool: &Pool| matches!(pool, Pool::SolidlyStable(_));
    let may_pass = route.steps().any(|step| is_solidly(step.pool));
    let around = Around { route, terms, passed_over: if may_pass { PASSED_OVER } else { 0 } };
    let (start, is_guessed) = around.accepted(guess.input)?;
    let loss = if is_guessed { guess.loss } else { f64::INFINITY };
    let gap = start.slack + if loss.is_finite() { loss } else { 0.0 } + 1.0;
    let half = half_window(gap / terms.cost(), guess.width);
    let is_small = half * 2.0 < real(U256::from(TRIED_MAX));
    if let Some(best) = is_small.then(|| around.try_all(start, half)).flatten() {
        return Some(best);
    }
    let within = whole_up(gap);
    if loss.is_finite() && !start.may_earn_only(within, terms) {
        return Some(Best { tried: start, within });
    }
    Some(around.between_chords(start, half).unwrap_or_else(|| around.by_thirds(start)))
}

/// Where `d * d <= k * (width + d)`, the greatest d.
fn half_window(k: f64, width: f64) -> f64 {
    f64::midpoint(k, (k * k + 4.0 * k * width).sqrt()).ceil() + 1.0
}

struct Around<'a> {
    route: Route<'a>,
    terms: &'a Terms,
    /// So many smaller ones are tried for an input that is refused.
    passed_over: u64,
}

impl Around<'_> {
    fn tried(&self, amount: U256) -> Option<Tried> {
        let less = (0..=self.passed_over).map_while(|less| amount.checked_sub(U256::from(less)));
        let mut less = less.take_while(|amount| !amount.is_zero());
        less.find_map(|amount| self.route.tried(self.terms, amount))
    }

    /// The guess, or less where that is refused.
    fn accepted(&self, input: f64) -> Option<(Tried, bool)> {
        let amount = whole_down(input)?.max(U256::ONE);
        if let Some(tried) = self.tried(amount) {
            return Some((tried, tried.amount_in == amount));
        }
        let near =
            [40_usize, 30, 20, 10, 5, 1].map(|shift| amount - (amount >> shift).max(U256::ONE));
        // V4 settles no more than 2^127 units, of which a curve knows nothing.
        let far = (2..amount.bit_len()).map(|shift| amount >> shift);
        let mut less = near.into_iter().chain(far).filter(|less| !less.is_zero());
        less.find_map(|less| self.tried(less)).map(|tried| (tried, false))
    }

    /// Whether it, and so all beyond it as seen from the best, earns less than the best.
    fn is_worse(&self, amount: U256, best: U256) -> bool {
        self.tried(amount)
            .is_none_or(|tried| tried.earned.saturating_add(whole_up(tried.slack)) < best)
    }

    /// Every input within the window. `None` where it turns out too wide for that.
    fn try_all(&self, start: Tried, half: f64) -> Option<Best> {
        let (half, most) = (whole_down(half)?, U256::from(TRIED_MAX));
        let x = start.amount_in;
        let (mut low, mut down) = (x.saturating_sub(half).max(U256::ONE), half);
        while low > U256::ONE && !self.is_worse(low, start.earned) {
            down = (down * TWO <= most).then_some(down * TWO)?;
            low = x.saturating_sub(down).max(U256::ONE);
        }
        let (mut high, mut up) = (x + half, half);
        while !self.is_worse(high, start.earned) {
            up = (up * TWO <= most).then_some(up * TWO)?;
            high = x + up;
        }
        self.best_of(low, high).map(|tried| Best { tried, within: U256::ZERO })
    }

    /// The least of the inputs that earn most.
    fn best_of(&self, low: U256, high: U256) -> Option<Tried> {
        let mut best: Option<(U256, U256)> = None;
        let mut amount = low;
        while amount <= high {
            if let Some(earned) = self.route.earned(self.terms, amount)
                && best.is_none_or(|(most, _)| earned > most)
            {
                best = Some((earned, amount));
            }
            amount += U256::ONE;
        }
        self.tried(best?.1)
    }

    /// Between an input on either side that earns less for sure, the curve lies below the chords
    /// from them through the best, drawn on. `None` where there are none such.
    fn between_chords(&self, start: Tried, half: f64) -> Option<Best> {
        let x = start.amount_in;
        let step = whole_down(half)? * TWO;
        let low = x.saturating_sub(step);
        let left = if low.is_zero() { (low, ZERO, 0.0) } else { self.outcome(low)? };
        let right = self.outcome(x.checked_add(step)?)?;
        let top = start.earned.saturating_add(whole_up(start.slack));
        let is_top = |(_, earned, slack): (U256, U256, f64)| {
            earned.saturating_add(whole_up(slack)) < start.earned
        };
        if !is_top(left) || !is_top(right) || right.0 <= x {
            return None;
        }
        let (width_left, width_right) = (real(x - left.0), real(right.0 - x));
        let rise = real(top - left.1) * width_right / width_left;
        let fall = real(top - right.1) * width_left / width_right;
        let within = whole_up((start.slack + rise.max(fall)) * (1.0 + 1e-9));
        Some(Best { tried: start, within })
    }

    fn outcome(&self, amount: U256) -> Option<(U256, U256, f64)> {
        self.tried(amount).map(|tried| (tried.amount_in, tried.earned, tried.slack))
    }

    /// By thirds of all inputs that are accepted. Where two thirds earn the same but for rounding,
    /// the range is narrowed all the same: what that throws away is above what was seen at them by
    /// at most what they differ by and what rounding hides of each: where others stand for them they
    /// may be nearer to one another than what is thrown away, by less than half as much.
    fn by_thirds(&self, start: Tried) -> Best {
        let (mut low, mut high) = (U256::ONE, self.last_accepted(start.amount_in));
        let (mut best, mut within) = (start, U256::ZERO);
        let (times, least) = if self.passed_over > 0 { (THREE, NARROWED) } else { (TWO, 256) };
        while high - low > U256::from(least) {
            let third = (high - low) / U256::from(3);
            let left = self.tried(low + third);
            let right = self.tried(high - third);
            let rises = match (&left, &right) {
                (Some(left), Some(right)) => {
                    let slack = whole_up(left.slack.max(right.slack));
                    if left.earned.abs_diff(right.earned) <= slack {
                        within = within.max(slack.saturating_mul(times));
                    }
                    right.earned > left.earned
                }
                (None, _) => true, // refused although less than what is accepted: too little
                (Some(_), None) => false,
            };
            for tried in [left, right].into_iter().flatten() {
                best = better(best, tried);
            }
            let end = if rises { left } else { right };
            let end = end.map(|tried| tried.amount_in);
            if rises {
                low = end.unwrap_or(low + third);
            } else {
                high = end.unwrap_or(high - third);
            }
        }
        if let Some(tried) = self.best_of(low, high) {
            best = better(best, tried);
        }
        Best { tried: best, within }
    }

    fn last_accepted(&self, known: U256) -> U256 {
        let (mut low, mut high) = (known, known);
        while let Some(next) = high.checked_mul(TWO).filter(|&next| self.tried(next).is_some()) {
            (low, high) = (next, next);
        }
        high = high.saturating_mul(TWO);
        while high - low > U256::ONE {
            let middle = low + (high - low) / TWO;
            if self.tried(middle).is_some() { low = middle } else { high = middle }
        }
        low
    }
}

fn better(best: Tried, other: Tried) -> Tried {
    let is_better = other.earned > best.earned
        || (other.earned == best.earned && other.amount_in < best.amount_in);
    if is_better { other } else { best }
}
