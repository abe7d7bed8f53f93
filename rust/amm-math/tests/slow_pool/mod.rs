//! A second, slow pool of concentrated liquidity to hold the fast one against: numbers of 1,024
//! bits, so that nothing overflows and nothing needs care; the two divisions of the contract, where
//! the fast one has one; a bitmap looked through bit by bit; no shortcut for empty ranges.

use std::collections::BTreeMap;

use amm_math::U256;
use amm_math::uniswap_v3::State;
use amm_math::uniswap_v3::tick_math::{MAX_TICK, MIN_TICK, sqrt_ratio_up, tick_at};

pub type Wide = ruint::Uint<1024, 16>;

pub struct SlowPool {
    pub state: State,
    pub fee: u64,
    pub spacing: i32,
    pub nets: BTreeMap<i32, i128>,
}

pub struct Outcome {
    pub paid: Wide,
    pub received: Wide,
    pub state: State,
    pub crossed: u32,
}

fn wide(x: U256) -> Wide {
    Wide::from(x)
}

fn over(x: Wide, y: Wide, is_up: bool) -> Wide {
    if is_up && !(x % y).is_zero() { x / y + Wide::ONE } else { x / y }
}

/// What liquidity `l` holds of token 0 or 1 between prices `p` and `q`.
fn held(l: Wide, p: Wide, q: Wide, is_token_0: bool, is_up: bool) -> Wide {
    let (low, high) = (p.min(q), p.max(q));
    if is_token_0 {
        over(over((l << 96) * (high - low), high, is_up), low, is_up)
    } else {
        over(l * (high - low), Wide::ONE << 96, is_up)
    }
}

/// The price after `amount` of token 0 (or 1) is paid in (or out).
fn price_after(l: Wide, p: Wide, amount: Wide, is_token_0: bool, is_in: bool) -> Wide {
    match (is_token_0, is_in) {
        (true, true) => over((l << 96) * p, (l << 96) + amount * p, true),
        (true, false) => over((l << 96) * p, (l << 96) - amount * p, true),
        (false, true) => p + over(amount << 96, l, false),
        (false, false) => p - over(amount << 96, l, true),
    }
}

impl SlowPool {
    fn next(&self, down: bool) -> (i32, bool) {
        let mut position = self.state.tick.div_euclid(self.spacing) + i32::from(!down);
        let border = if down { 0 } else { 255 };
        while position.rem_euclid(256) != border
            && !self.nets.contains_key(&(position * self.spacing))
        {
            position += if down { -1 } else { 1 };
        }
        let tick = position * self.spacing;
        (tick.clamp(MIN_TICK, MAX_TICK), self.nets.contains_key(&tick))
    }

    /// A step: where it ends, what is paid with the fee, what is received.
    fn step(&self, target: Wide, down: bool, remaining: Wide, is_in: bool) -> (Wide, Wide, Wide) {
        let (p, l) = (wide(self.state.sqrt_price_x96), Wide::from(self.state.liquidity));
        let (million, fee) = (Wide::from(1_000_000), Wide::from(self.fee));
        let reach = if is_in { remaining * (million - fee) / million } else { remaining };
        let to_target = held(l, p, target, down == is_in, is_in);
        let end = if reach >= to_target {
            target
        } else {
            price_after(l, p, reach, down == is_in, is_in)
        };
        let paid = held(l, p, end, down, true);
        let received = held(l, p, end, !down, false);
        if is_in && end != target {
            return (end, remaining, received);
        }
        let with_fee = paid + over(paid * fee, million - fee, true);
        (end, with_fee, if is_in { received } else { received.min(remaining) })
    }

    pub fn swap(mut self, down: bool, amount: U256, is_in: bool, limit: U256) -> Outcome {
        let mut done =
            Outcome { paid: Wide::ZERO, received: Wide::ZERO, state: self.state, crossed: 0 };
        let mut remaining = wide(amount);
        while !remaining.is_zero() && self.state.sqrt_price_x96 != limit {
            let (tick, is_initialised) = self.next(down);
            let price = sqrt_ratio_up(tick).unwrap();
            let target = if down { price.max(limit) } else { price.min(limit) };
            let (end, paid, received) = self.step(wide(target), down, remaining, is_in);
            remaining -= if is_in { paid } else { received };
            done.paid += paid;
            done.received += received;
            let start = self.state.sqrt_price_x96;
            self.state.sqrt_price_x96 = U256::from(end);
            if self.state.sqrt_price_x96 == price {
                if is_initialised {
                    let net = self.nets[&tick];
                    let signed = if down { -net } else { net };
                    self.state.liquidity = self.state.liquidity.checked_add_signed(signed).unwrap();
                    done.crossed += 1;
                }
                self.state.tick = if down { tick - 1 } else { tick };
            } else if self.state.sqrt_price_x96 != start {
                self.state.tick = tick_at(self.state.sqrt_price_x96).unwrap();
            }
        }
        done.state = self.state;
        done
    }
}
