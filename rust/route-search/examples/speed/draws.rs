//! The two graphs that searches are measured on, and a round through two concentrated pools. After
//! the generators of `omnivenue bench`, in their shape and not to the unit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use amm_math::U256;
use amm_math::balancer::fixed_point::PowRule;
use amm_math::balancer::scaling::{Token as Held, scaling_factor};
use amm_math::balancer::{stable, weighted};
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::curve::{self, invariant::Template};
use amm_math::pool::Pool;
use amm_math::uniswap_v3::tick_math::tick_at;
use amm_math::uniswap_v3::{self, State, Ticks};

pub type Listed = (Pool, Vec<u32>);

const HUBS: u64 = 20;
const FIRST_OF_TAIL: usize = 20;
const PARALLEL_MAX: u32 = 12;

/// Steele's `SplitMix64`.
pub struct Draws(pub u64);

impl Draws {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap()) / 4_294_967_296.0
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        whole(self.unit() * count(end)).to()
    }

    fn is_in(&mut self, percent: f64) -> bool {
        self.unit() * 100.0 < percent
    }

    /// As likely between 10 and 100 as between 100 and 1000.
    fn scaled(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.unit())
    }
}

fn count(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

fn whole(x: f64) -> U256 {
    let bits = x.max(1.0).log2().floor();
    let shift = (bits - 52.0).max(0.0);
    let mantissa = format!("{:.0}", (x / shift.exp2()).floor()).parse::<u64>().unwrap();
    U256::from(mantissa) << format!("{shift:.0}").parse::<usize>().unwrap()
}

/// A token: dollars of a smallest unit, and decimals.
#[derive(Clone, Copy)]
pub struct Token(pub f64, pub u8);

impl Token {
    pub fn units(self, dollars: f64) -> U256 {
        whole(dollars / self.0)
    }
}

fn token(draws: &mut Draws, low: f64, high: f64) -> Token {
    let decimals = [6, 8, 18, 18, 18, 18][usize::try_from(draws.below(6)).unwrap()];
    Token(draws.scaled(low, high) / 10_f64.powi(i32::from(decimals)), decimals)
}

fn product(a: Token, b: Token, dollars: f64, fee: u32, off: f64) -> Pool {
    let reserves = [a.units(dollars), b.units(dollars * (1.0 + off))];
    Pool::ConstantProduct(ConstantProduct::new(reserves, Fee::from_bps(fee).unwrap()))
}

/// 20 tokens, a pool between two of them with probability 0.6, prices off by up to 5 %.
pub fn scan(draws: &mut Draws) -> Vec<Listed> {
    let tokens: Vec<_> = (0..20).map(|_| Token(draws.scaled(1e-2, 1e4) / 1e18, 18)).collect();
    let mut pools = Vec::new();
    for a in 0..20_u32 {
        for b in a + 1..20 {
            if draws.is_in(60.0) {
                let (dollars, off) = (draws.scaled(1e5, 1e7), draws.between(-0.05, 0.05));
                let pair = [a, b].map(|n| tokens[n as usize]);
                pools.push((product(pair[0], pair[1], dollars, 30, off), vec![a, b]));
            }
        }
    }
    pools
}

/// Positions as ticks down and up from the price, and dollars.
pub fn concentrated(
    (a, b): (Token, Token),
    (fee, spacing): (u32, i32),
    off: f64,
    positions: &[(i32, i32, f64)],
) -> Pool {
    let root = (a.0 / b.0 * (1.0 + off)).sqrt();
    let sqrt_price_x96 = whole(root * 2_f64.powi(96));
    let tick = tick_at(sqrt_price_x96).unwrap();
    let last = 887_272 / spacing * spacing;
    let mut nets = BTreeMap::<i32, i128>::new();
    for &(down, up, dollars) in positions {
        let low = ((tick - down).div_euclid(spacing) * spacing).max(-last);
        let high = (((tick + up).div_euclid(spacing) + 1) * spacing).min(last);
        let below = 1.0001_f64.powf(f64::from(low) / 2.0);
        let liquidity = whole(dollars / 2.0 / b.0 / (root - below)).to::<u128>().cast_signed();
        *nets.entry(low).or_default() += liquidity;
        *nets.entry(high).or_default() -= liquidity;
    }
    let ticks = Arc::new(Ticks::new(spacing, nets.into_iter().collect()).unwrap());
    let state = State { sqrt_price_x96, tick, liquidity: ticks.liquidity_at(tick) };
    Pool::Concentrated(uniswap_v3::Pool::v3(state, fee, ticks).unwrap())
}

/// One pair, two fees, prices 3 % apart, a tick every 0.2 to 1 %.
pub fn two_concentrated() -> Vec<Listed> {
    let pair = (Token(3_000.0 / 1e18, 18), Token(1e-6, 6));
    let steps = |unit: i32| -> Vec<_> {
        let ups = [2, 7];
        (1..9).flat_map(|down| ups.map(|up| (down * unit, up * unit, 40_000.0))).collect()
    };
    let back: Vec<_> = steps(60).into_iter().map(|(down, up, sum)| (up, down, sum)).collect();
    vec![
        (concentrated(pair, (500, 10), 0.03, &steps(20)), vec![0, 1]),
        (concentrated(pair, (3000, 60), 0.0, &back), vec![0, 1]),
    ]
}

/// Few hubs that all else trades against, and a long tail.
pub struct Market {
    draws: Draws,
    pub tokens: Vec<Token>,
    pub pools: Vec<Listed>,
    parallel: HashMap<(u32, u32), u32>,
}

impl Market {
    pub fn new(tokens: u64, pools: usize) -> Self {
        let mut draws = Draws(1);
        let mut listed: Vec<_> = (0..HUBS).map(|_| token(&mut draws, 1.0, 1e4)).collect();
        listed[0] = Token(3_000.0 / 1e18, 18);
        for (n, decimals) in [(1, 6), (2, 6), (3, 18), (4, 18)] {
            listed[n] = Token(1.0 / 10_f64.powi(decimals), decimals.try_into().unwrap());
        }
        listed.extend((HUBS..tokens).map(|_| token(&mut draws, 1e-4, 100.0)));
        let mut market =
            Self { draws, tokens: listed, pools: Vec::new(), parallel: HashMap::new() };
        for n in 0..pools {
            market.list(n);
        }
        market
    }

    fn hub(&mut self) -> u32 {
        if self.draws.is_in(35.0) { 0 } else { falling(&mut self.draws, 0, HUBS, 1.0) }
    }

    fn tail(&mut self) -> u32 {
        let count = u64::try_from(self.tokens.len()).unwrap() - HUBS;
        falling(&mut self.draws, HUBS, count, 20.0)
    }

    fn pair(&mut self) -> (u32, u32) {
        let kind = self.draws.below(20);
        let one = if kind == 0 { self.tail() } else { self.hub() };
        let other = if kind == 1 || kind == 2 { self.hub() } else { self.tail() };
        (one.min(other), one.max(other))
    }

    fn list(&mut self, n: usize) {
        let first_of_tail = FIRST_OF_TAIL + n;
        let mut pair = if first_of_tail < self.tokens.len() {
            (self.hub(), u32::try_from(first_of_tail).unwrap())
        } else {
            self.pair()
        };
        while pair.0 == pair.1 || self.parallel.get(&pair).is_some_and(|&n| n >= PARALLEL_MAX) {
            pair = self.pair();
        }
        *self.parallel.entry(pair).or_default() += 1;
        let pool = self.pool(pair);
        self.pools.push((pool, vec![pair.0, pair.1]));
    }

    fn pool(&mut self, (a, b): (u32, u32)) -> Pool {
        let (first, second) = (self.tokens[a as usize], self.tokens[b as usize]);
        let draws = &mut self.draws;
        if (1..5).contains(&a) && (1..5).contains(&b) {
            return pegged(draws, first, second);
        }
        if draws.is_in(4.0) {
            return weighted_pool(draws, first, second);
        }
        let is_central = u64::from(b) < HUBS;
        if !is_central && draws.is_in(3.0) {
            let (dollars, off) = (draws.between(10.0, 200.0), draws.between(-0.05, 0.05));
            return product(first, second, dollars, 30, off);
        }
        let dollars = if is_central { draws.scaled(1e6, 1e8) } else { draws.scaled(1e4, 1e6) };
        if draws.is_in(55.0) {
            let off = draws.between(-0.0014, 0.0014);
            return product(first, second, dollars, 30, off);
        }
        let fees = if is_central {
            [(100, 1), (500, 10), (3000, 60), (3000, 60)]
        } else {
            [(500, 10), (3000, 60), (3000, 60), (10_000, 200)]
        };
        let fee = fees[usize::try_from(draws.below(4)).unwrap()];
        let positions = if is_central { 10 + draws.below(50) } else { 1 + draws.below(12) };
        let mut spread = vec![(800_000, 800_000, dollars)];
        for _ in 0..positions {
            let end = |draws: &mut Draws| i32::try_from(100 + draws.below(3_900)).unwrap();
            spread.push((end(draws), end(draws), dollars / count(positions)));
        }
        let off = draws.between(-0.5, 0.5) * f64::from(fee.0) / 1e6;
        concentrated((first, second), fee, off, &spread)
    }

    /// One trade each in so many pools, every fourth between two hubs.
    pub fn block(&self, seed: u64, changed: usize) -> Vec<(u32, Pool)> {
        let mut draws = Draws(seed);
        let central: Vec<_> =
            (0..self.pools.len()).filter(|&n| self.pools[n].1.iter().all(|&t| t < 20)).collect();
        let mut found = BTreeMap::new();
        while found.len() < changed {
            let n = if found.len() % 4 == 0 {
                central[usize::try_from(draws.below(central.len() as u64)).unwrap()]
            } else {
                usize::try_from(draws.below(self.pools.len() as u64)).unwrap()
            };
            let (there, part) = (draws.below(2) == 0, draws.scaled(2e-5, 1e-2));
            let (i, j) = if there { (0, 1) } else { (1, 0) };
            let pool = &self.pools[n].0;
            let amount = whole(part * depth(pool, i));
            if let Ok((_, after)) = pool.exact_in(i, j, amount, U256::ZERO) {
                found.insert(u32::try_from(n).unwrap(), after);
            }
        }
        found.into_iter().collect()
    }
}

fn depth(pool: &Pool, i: usize) -> f64 {
    let real = |x: U256| x.to_string().parse::<f64>().unwrap();
    match pool {
        Pool::ConstantProduct(pool) => real(pool.reserves()[i]),
        Pool::Concentrated(pool) => {
            let price = real(pool.state().sqrt_price_x96) / 2_f64.powi(96);
            let liquidity = real(U256::from(pool.state().liquidity));
            if i == 0 { liquidity / price } else { liquidity * price }
        }
        Pool::Weighted(pool) => real(pool.tokens[i].balance),
        Pool::Stable(pool) => real(pool.tokens[i].balance),
        Pool::StableSwap(pool) => real(pool.balances()[i]),
        Pool::SolidlyStable(pool) => real(pool.reserves()[i]),
    }
}

fn falling(draws: &mut Draws, from: u64, count_of: u64, first: f64) -> u32 {
    // The running sum of 1 / (n + first) is nearly a logarithm.
    let place = first * ((count(count_of) + first) / first).powf(draws.unit()) - first;
    u32::try_from(from + whole(place).to::<u64>().min(count_of - 1)).unwrap()
}

fn weighted_pool(draws: &mut Draws, a: Token, b: Token) -> Pool {
    let (dollars, off) = (draws.scaled(1e4, 1e6), draws.between(-0.001, 0.001));
    let parts = if draws.is_in(40.0) { [20.0, 80.0] } else { [50.0, 50.0] };
    let balance = |token: Token, dollars| Held {
        balance: token.units(dollars),
        factor: scaling_factor(token.1).unwrap(),
    };
    Pool::Weighted(weighted::Pool {
        rule: PowRule::Shortcuts,
        tokens: vec![
            balance(a, dollars * parts[0] / 50.0),
            balance(b, dollars * parts[1] / 50.0 * (1.0 + off)),
        ],
        weights: parts.map(|part| whole(part) * U256::from(10_u64.pow(16))).to_vec(),
        fee: U256::from(3 * 10_u64.pow(15)),
    })
}

fn pegged(draws: &mut Draws, a: Token, b: Token) -> Pool {
    let (dollars, off) = (draws.scaled(1e6, 1e8), draws.between(-0.1, 0.1));
    let balances = [a.units(dollars), b.units(dollars * (1.0 + off))];
    if draws.is_in(50.0) {
        let coins = (balances.to_vec(), vec![a.1, b.1]);
        let fees = (U256::from(4_000_000), U256::ZERO);
        let supply = U256::from(10).pow(U256::from(24));
        let pool = curve::Pool::new(Template::Base, U256::from(20_000), coins, fees, supply);
        return Pool::StableSwap(pool.unwrap());
    }
    let held = |balance, token: Token| Held { balance, factor: scaling_factor(token.1).unwrap() };
    Pool::Stable(stable::Pool {
        curve: stable::Curve { amp: U256::from(200_000), rounds_invariant_up: false },
        tokens: vec![held(balances[0], a), held(balances[1], b)],
        fee: U256::from(4 * 10_u64.pow(14)),
    })
}
