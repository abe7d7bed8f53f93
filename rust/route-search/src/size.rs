//! How much to send round a cycle. Constant-product hops compose to one curve, whose best input has
//! a closed form (out = s x / (1 + b x): x = (sqrt(s / cost) - 1) / b); concentrated pools are such
//! curves from tick to tick, so their ranges are walked until the best lies within; for other
//! curves the root of the composed slope is bracketed. Then [`refine`] makes an answer of it.

use amm_math::U256;

use crate::hop::Hop;
use crate::legs::Legs;
use crate::ranges::Ranges;
use crate::rate::Rate;
use crate::refine::{Best, Guess, refine};
use crate::route::{Route, ZERO};

/// What a cycle must earn, in units of the token that it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What is paid for what is borrowed, in ten-thousandths, rounded up.
    pub loan_fee_bps: u32,
    /// What sending it costs.
    pub gas: U256,
    /// What must be left then, at least.
    pub min_profit: U256,
}

/// A round, with the input that earns most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// From the start token back to it.
    pub legs: Legs,
    /// What is sent.
    pub amount_in: U256,
    /// What comes back.
    pub amount_out: U256,
    /// What is left after the loan's fee and gas.
    pub profit: U256,
    /// No input earns more than `profit + within`; 0: none earns more, and none less than this one
    /// earns as much.
    pub within: U256,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Best profit first, then fewer legs, then in the legs' order.
    pub cycles: Vec<Cycle>,
    /// How many rounds were sized: the others cannot earn by their prices alone.
    pub examined: u64,
    /// Of some start, or of all, there are more, which earn no more than the last that is told.
    pub is_cut: bool,
}

impl Found {
    /// The best, where there are more than `least`.
    pub(crate) fn keep(&mut self, most: usize, least: usize) {
        if self.cycles.len() > least {
            self.cycles.sort_unstable_by(Cycle::before);
            self.cycles.truncate(most);
            self.is_cut = true;
        }
    }
}

impl Cycle {
    /// Which is told first.
    pub(crate) fn before(&self, other: &Self) -> core::cmp::Ordering {
        let legs = || self.legs.len().cmp(&other.legs.len());
        other.profit.cmp(&self.profit).then_with(legs).then_with(|| self.legs.cmp(&*other.legs))
    }
}

/// In the order in which they are told. They are large: to move each once is quicker than to sort.
pub(crate) fn sorted(cycles: &[Cycle]) -> Vec<Cycle> {
    let mut order: Vec<&Cycle> = cycles.iter().collect();
    order.sort_unstable_by(|a, b| a.before(b));
    order.into_iter().cloned().collect()
}

/// A guess is far better than that, but for what is lost of the difference of what is nearly alike.
const SURE: f64 = 1.01;
const UNSURE: f64 = 1e-12;
/// A slope that is so near to what it shall be is there, relatively.
const FLAT: f64 = 1e-13;
/// And more than a thousand times what a slope in real numbers can be off by.
const SLOPE_OFF: f64 = 1e-9;
/// Within this part of an input a curve bends as it does there.
const NEARBY: f64 = 1e-3;
/// How many roundings, in units of the last place, one hop's real numbers are allowed.
const ULPS: f64 = 32.0;
/// A walk over more ranges gives up, as no pool has so many.
const RANGES_MAX: u32 = 100_000;
const ROOT_STEPS: usize = 200;

/// The best input of a round, where that earns what it must, and about `wanted` before gas. `rate`
/// is the route's bound.
pub(crate) fn best_cycle(
    route: Route<'_>,
    rate: Rate,
    terms: &Terms,
    wanted: f64,
) -> Option<Cycle> {
    let needed = terms.needed()?;
    let guess = guess(route, rate, terms.cost())?;
    if (guess.earns + guess.input * UNSURE) * SURE < wanted {
        return None;
    }
    let Best { tried, within } = refine(route, terms, guess)?;
    if tried.earned < ZERO.checked_add(needed)? {
        return None;
    }
    Some(Cycle {
        legs: route.edges.iter().map(|&edge| route.graph.edge(edge).leg).collect(),
        amount_in: tried.amount_in,
        amount_out: tried.amount_out,
        profit: tried.earned - ZERO - terms.gas,
        within,
    })
}

pub(crate) fn guess(route: Route<'_>, rate: Rate, cost: f64) -> Option<Guess> {
    let kinds = kinds(route);
    if kinds == Kinds::Products {
        return Some(at_top((0.0, 0.0), rate, cost, 0));
    }
    let hops = route.steps().map(|step| step.hop());
    let hops = hops.collect::<Option<Vec<_>>>()?;
    if kinds == Kinds::Ranges { walk(hops, cost) } else { root(&hops, rate, cost) }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kinds {
    Products,
    Ranges,
    Others,
}

fn kinds(route: Route<'_>) -> Kinds {
    use amm_math::pool::Pool;
    let kind = |pool: &Pool| match pool {
        Pool::ConstantProduct(_) => Kinds::Products,
        Pool::Concentrated(_) => Kinds::Ranges,
        _ => Kinds::Others,
    };
    route.steps().map(|step| kind(step.pool)).max().unwrap_or(Kinds::Products)
}

/// The top of a curve that begins after `before` was sent and `ranges` were left.
fn at_top((before, out): (f64, f64), rate: Rate, cost: f64, ranges: u32) -> Guess {
    let ahead = rate.best_input(cost);
    let width = ahead + 1.0 / rate.bend;
    // Off by a part e of the width, a curve is below its top by cost * e^2 * width. The whole part
    // that is taken of an input can be off by one.
    let off = f64::EPSILON * ULPS * (f64::from(ranges) + 8.0) * (width + before);
    let loss = 2.0 * cost * (off * off + 1.0) / width;
    let earns = out - before * cost + rate.most(cost);
    Guess { input: (before + ahead).max(0.0), width, loss, earns }
}

/// From range to range, until the best input lies within the present ones.
fn walk(mut hops: Vec<Hop<'_>>, cost: f64) -> Option<Guess> {
    let (mut before, mut out, mut left) = (0.0, 0.0, 0);
    let mut last_slope = f64::INFINITY;
    while left < RANGES_MAX {
        let mut rate = Rate::SAME;
        let (mut reach, mut ends) = (f64::INFINITY, None);
        let mut rates = [Rate::SAME; crate::MAX_HOPS];
        for (at, hop) in hops.iter().enumerate() {
            *rates.get_mut(at)? = rate;
            let (curve, room) = here(hop);
            // The input at which this hop's reaches the end of its range. That of one that ends where
            // another did may have come out as behind us.
            let until = room.max(0.0) / (rate.slope - rate.bend * room);
            if room.is_finite() && until >= 0.0 && until < reach {
                (reach, ends) = (until, Some(at));
            }
            rate = rate.then(curve);
        }
        if rate.slope <= cost {
            let jump = (last_slope - rate.slope).abs();
            return Some(at_kink((before, out), jump, (rate, cost), left));
        }
        if rate.best_input(cost) <= reach {
            return Some(at_top((before, out), rate, cost, left));
        }
        let ends = ends?;
        for (at, (hop, rate)) in hops.iter_mut().zip(rates).enumerate() {
            let paid = rate.slope * reach / (1.0 + rate.bend * reach);
            advance(hop, paid, at == ends);
        }
        let below = 1.0 + rate.bend * reach;
        last_slope = rate.slope / (below * below);
        before += reach;
        out += rate.slope * reach / below;
        left += 1;
    }
    None
}

/// The best lies where a price jumps, for want of liquidity: the curve falls away on both sides of
/// it, so that its width is of no use, and being off costs in proportion.
fn at_kink((before, out): (f64, f64), jump: f64, (rate, cost): (Rate, f64), ranges: u32) -> Guess {
    let width = before + if rate.bend > 0.0 { 1.0 / rate.bend } else { before };
    let jump = if jump.is_finite() { jump } else { 0.0 };
    let off = f64::EPSILON * ULPS * (f64::from(ranges) + 8.0) * width;
    let loss = (jump + cost * 1e-9) * (off + 1.0);
    Guess { input: before, width, loss, earns: out - before * cost }
}

fn here(hop: &Hop<'_>) -> (Rate, f64) {
    match hop {
        Hop::Product(rate) => (*rate, f64::INFINITY),
        Hop::Ranges(Ranges { slope, bend, room, .. }) => {
            (Rate { slope: *slope, bend: *bend }, *room)
        }
        _ => (Rate { slope: 0.0, bend: 0.0 }, f64::INFINITY),
    }
}

fn advance(hop: &mut Hop<'_>, paid: f64, ends: bool) {
    match hop {
        Hop::Product(Rate { slope, bend }) => {
            let below = 1.0 + *bend * paid;
            *slope /= below * below;
            *bend /= below;
        }
        Hop::Ranges(ranges) if ends => {
            ranges.next();
        }
        Hop::Ranges(ranges) => ranges.advance(paid),
        _ => {}
    }
}

/// What hops give one after the other, and by how much the logarithm of their composed slope is
/// above that of the cost.
pub(crate) fn composed(hops: &[Hop<'_>], x: f64, cost: f64) -> (f64, f64) {
    let (mut amount, mut slope) = (x, 1.0);
    for hop in hops {
        let given = hop.at(amount);
        slope *= given.slope.max(0.0);
        amount = given.out;
    }
    (amount, (slope / cost).ln())
}

/// Where the composed slope comes down to the cost: between an input where it is above and one
/// where it is below, by secants, whose kept end counts half where it is kept again (Illinois).
fn root(hops: &[Hop<'_>], rate: Rate, cost: f64) -> Option<Guess> {
    let above = |x: f64| composed(hops, x, cost).1;
    let first = above(0.0);
    if first <= 0.0 || !first.is_finite() {
        return None;
    }
    let (mut low, mut at_low) = (0.0, first);
    let mut high = if rate.bend > 0.0 { rate.best_input(cost) } else { 1.0 };
    let mut at_high = above(high);
    while at_high > 0.0 {
        (low, at_low) = (high, at_high);
        high *= 16.0;
        at_high = above(high);
        if high > 1e75 {
            return None;
        }
    }
    let (mut kept, mut is_flat) = (0_i32, false);
    for _ in 0..ROOT_STEPS {
        let secant = (low * at_high - high * at_low) / (at_high - at_low);
        let is_inside = secant > low && secant < high;
        let x = if is_inside { secant } else { f64::midpoint(low, high) };
        let at_x = above(x);
        if at_x > 0.0 {
            (low, at_low) = (x, at_x);
            at_high *= if kept > 0 { 0.5 } else { 1.0 };
            kept = 1;
        } else {
            (high, at_high) = (x, at_x);
            at_low *= if kept < 0 { 0.5 } else { 1.0 };
            kept = -1;
        }
        is_flat = at_x.abs() <= FLAT;
        if is_flat || high - low <= FLAT * high {
            low = x;
            break;
        }
    }
    let width = 2.0 * low * NEARBY / (above(low) - above(low * (1.0 + NEARBY)));
    // How far off the top can be by what the slopes are, at the worst; where that is not little
    // beside the input, or the slope jumps here, nothing is known of it.
    let off = SLOPE_OFF * width;
    let is_known = is_flat && off > 0.0 && off < NEARBY * low;
    let loss = if is_known { 2.0 * cost * (off * off + 1.0) / width } else { f64::INFINITY };
    let width = if width > 0.0 { width } else { low };
    let earns = composed(hops, low, cost).0 - low * cost;
    Some(Guess { input: low, width, loss, earns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_the_best_are_kept() {
        let cycle = |profit| Cycle {
            legs: core::iter::empty().collect(),
            amount_in: U256::ONE,
            amount_out: U256::ONE,
            profit: U256::from(profit),
            within: U256::ZERO,
        };
        let mut found = Found { cycles: [2, 5, 1, 4].map(cycle).to_vec(), ..Found::default() };
        found.keep(2, 4);
        assert_eq!((found.cycles.len(), found.is_cut), (4, false));
        found.keep(2, 3);
        assert_eq!((found.cycles, found.is_cut), ([5, 4].map(cycle).to_vec(), true));
    }
}
