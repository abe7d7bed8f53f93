//! What a quote costs, in nanoseconds: `cargo run --release --example speed`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use amm_math::U256;
use amm_math::constant_product::{ConstantProduct, Fee};
use amm_math::uniswap_v3::tick_math::{sqrt_ratio_up, tick_at};
use amm_math::uniswap_v3::{Pool, State, Ticks};

fn best_of_five(name: &str, rounds: u32, mut work: impl FnMut(u32)) {
    let once = |work: &mut dyn FnMut(u32)| {
        let start = Instant::now();
        (0..rounds).for_each(work);
        start.elapsed().as_nanos()
    };
    let best = (0..5).map(|_| once(&mut work)).min().unwrap_or(0);
    println!("{name:28} {:6} ns", best / u128::from(rounds));
}

fn pool() -> Pool {
    // A pool of ether and dollars, spacing 10, with a range that ends every 60 ticks.
    let unit = 10_000_000_000_000_000_i128;
    let mut nets = vec![(-887_270, unit), (887_270, -unit)];
    for step in -50..50 {
        nets.push((-198_060 + 60 * step, if step < 0 { unit } else { -unit }));
    }
    let ticks = Arc::new(Ticks::new(10, nets).expect("they add up"));
    let price = sqrt_ratio_up(-198_052).expect("in range");
    let state =
        State { sqrt_price_x96: price, tick: -198_052, liquidity: ticks.liquidity_at(-198_052) };
    Pool::v3(state, 500, ticks).expect("it could be")
}

fn main() {
    let fee = Fee::from_bps(30).expect("below all");
    let pair = ConstantProduct::new(
        [803_217_000_000_000_000_000_u128, 1_999_981_700_865].map(U256::from),
        fee,
    );
    best_of_five("v2 exact_in", 1_000_000, |i| {
        let amount = U256::from(100_200_000_000_000_000_u64 + u64::from(i));
        black_box(pair.exact_in(0, 1, black_box(amount)).is_ok());
    });
    best_of_five("v2 exact_out", 1_000_000, |i| {
        let amount = U256::from(1_000_000_u64 + u64::from(i));
        black_box(pair.exact_out(0, 1, black_box(amount)).is_ok());
    });
    let pool = pool();
    let limit = sqrt_ratio_up(-198_052 - 185).expect("in range");
    let three = pool.exact_in(0, 1, U256::ONE << 200, limit).expect("there is liquidity");
    println!("{} ticks crossed with {}", three.ticks_crossed, three.amount_in);
    for (name, part) in [("v3 exact_in, one range", 100_u64), ("v3 exact_in, three ticks", 1)] {
        let most = three.amount_in / U256::from(part);
        best_of_five(name, 300_000, |i| {
            let amount = most - U256::from(i);
            black_box(pool.exact_in(0, 1, black_box(amount), U256::ZERO).is_ok());
        });
    }
    let limit = sqrt_ratio_up(-198_052 + 185).expect("in range");
    let three = pool.exact_in(1, 0, U256::ONE << 200, limit).expect("there is liquidity");
    println!("{} ticks crossed with {}", three.ticks_crossed, three.amount_in);
    best_of_five("v3 exact_in up, three ticks", 300_000, |i| {
        black_box(pool.exact_in(1, 0, three.amount_in - U256::from(i), U256::ZERO).is_ok());
    });
    best_of_five("v3 exact_out up, three ticks", 300_000, |i| {
        black_box(pool.exact_out(1, 0, three.amount_out - U256::from(i), U256::ZERO).is_ok());
    });
    best_of_five("tick to price", 1_000_000, |i| {
        black_box(sqrt_ratio_up(black_box(887_272 - (i % 1_774_000).cast_signed())));
    });
    let price = three.after.sqrt_price_x96;
    best_of_five("price to tick", 1_000_000, |i| {
        black_box(tick_at(black_box(price + (U256::from(i) << 60))));
    });
}
