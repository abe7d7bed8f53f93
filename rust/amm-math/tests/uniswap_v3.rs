//! Swaps through concentrated liquidity: by hand, against a slow pool, and cut in two.

mod draw;
mod slow_pool;

use std::collections::BTreeMap;
use std::sync::Arc;

use amm_math::uniswap_v3::tick_math::{
    MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK, sqrt_ratio_up, tick_at,
};
use amm_math::uniswap_v3::{Pool, State, Swap, Ticks};
use amm_math::{PoolError, QuoteError, U256};
use draw::Draw;
use slow_pool::{SlowPool, Wide};

const NO_LIMIT: U256 = U256::ZERO;

fn state_at(price: U256, ticks: &Ticks) -> State {
    let tick = tick_at(price).unwrap();
    State { sqrt_price_x96: price, tick, liquidity: ticks.liquidity_at(tick) }
}

fn pool_at(price: U256, fee: u32, spacing: i32, nets: Vec<(i32, i128)>) -> Pool {
    let ticks = Arc::new(Ticks::new(spacing, nets).unwrap());
    Pool::v3(state_at(price, &ticks), fee, ticks).unwrap()
}

/// One position of `2^80`, at a price of one.
fn plain() -> Pool {
    pool_at(U256::ONE << 96, 3_000, 60, vec![(-600, 1 << 80), (600, -(1 << 80))])
}

#[test]
fn a_swap_worked_by_hand() {
    // Liquidity 2^80 at one holds 2^80 of each side of a curve without ends; 10^18 of it come in
    // less 0.3 %, for 2^80 * 997e15 / (2^80 + 997e15), all in one range.
    let amount = U256::from(1_000_000_000_000_000_000_u64);
    let held = U256::ONE << 80;
    let counted = U256::from(997_000_000_000_000_000_u64);
    let expected = held * counted / (held + counted);
    let swap = plain().exact_in(0, 1, amount, NO_LIMIT).unwrap();
    assert_eq!(swap.amount_in, amount);
    assert!(expected - swap.amount_out <= U256::ONE, "{} for {expected}", swap.amount_out);
    assert_eq!((swap.ticks_crossed, swap.is_partial, swap.after.tick), (0, false, -1));
    // Up it is the same, but for the tick, which the price has not yet left.
    let swap = plain().exact_in(1, 0, amount, NO_LIMIT).unwrap();
    assert!(expected - swap.amount_out <= U256::ONE);
    assert_eq!(swap.after.tick, 0);
}

#[test]
fn the_smallest_amount_is_all_fee() {
    let pool = plain();
    let swap = pool.exact_in(1, 0, U256::ONE, NO_LIMIT).unwrap();
    assert_eq!(
        (swap.amount_in, swap.amount_out, swap.after),
        (U256::ONE, U256::ZERO, pool.state())
    );
    // Down, the border of a word at the very price is left behind first, as in the contract.
    let down = pool.exact_in(0, 1, U256::ONE, NO_LIMIT).unwrap();
    assert_eq!(down.after, State { tick: -1, ..pool.state() });
}

#[test]
fn what_runs_out_is_a_part_and_only_exact_in_may_be_one() {
    let pool = plain();
    let all = U256::ONE << 100;
    let swap = pool.exact_in(0, 1, all, NO_LIMIT).unwrap();
    assert!(swap.is_partial && swap.amount_in < all);
    assert_eq!(swap.after.sqrt_price_x96, MIN_SQRT_RATIO + U256::ONE);
    assert_eq!((swap.after.tick, swap.after.liquidity, swap.ticks_crossed), (MIN_TICK, 0, 1));
    assert_eq!(pool.exact_out(0, 1, all, NO_LIMIT), Err(QuoteError::InsufficientLiquidity));
    let limit = MIN_SQRT_RATIO + U256::ONE;
    let by_limit = pool.exact_out(0, 1, all, limit).unwrap();
    assert!(by_limit.is_partial && by_limit.amount_out == swap.amount_out);
    let up = pool.exact_in(1, 0, all, NO_LIMIT).unwrap();
    assert_eq!(up.after.sqrt_price_x96, MAX_SQRT_RATIO - U256::ONE);
    assert_eq!(up.after.tick, MAX_TICK - 1);
    // Nothing is left on that side, and nothing can be asked of it again.
    let drained = pool.at(up.after);
    assert_eq!(drained.exact_in(1, 0, all, NO_LIMIT), Err(QuoteError::InsufficientLiquidity));
    assert_eq!(drained.exact_in(0, 1, up.amount_out, NO_LIMIT).unwrap().ticks_crossed, 1);
}

#[test]
fn a_pool_without_liquidity_is_valid_and_gives_nothing() {
    let empty = pool_at(U256::ONE << 96, 500, 10, vec![]);
    for (from, to) in [(0, 1), (1, 0)] {
        let quoted = empty.exact_in(from, to, U256::from(7), NO_LIMIT);
        assert_eq!(quoted, Err(QuoteError::InsufficientLiquidity));
    }
    // A tick whose net is zero is crossed as any other.
    let nets = vec![(-600, 1 << 80), (-60, 0), (600, -(1 << 80))];
    let limit = sqrt_ratio_up(-70).unwrap();
    let swap =
        pool_at(U256::ONE << 96, 500, 10, nets).exact_in(0, 1, U256::ONE << 90, limit).unwrap();
    assert_eq!((swap.ticks_crossed, swap.after.liquidity, swap.after.tick), (1, 1 << 80, -70));
}

#[test]
fn limits_on_the_wrong_side_or_outside_are_refused() {
    let (pool, one) = (plain(), U256::ONE);
    let price = pool.state().sqrt_price_x96;
    for limit in [price, price + one, MIN_SQRT_RATIO, one] {
        assert_eq!(pool.exact_in(0, 1, one, limit), Err(QuoteError::PriceLimit));
    }
    for limit in [price, price - one, MAX_SQRT_RATIO, U256::MAX] {
        assert_eq!(pool.exact_out(1, 0, one, limit), Err(QuoteError::PriceLimit));
    }
    assert_eq!(pool.exact_in(0, 1, U256::ZERO, NO_LIMIT), Err(QuoteError::ZeroAmount));
    assert_eq!(pool.exact_in(0, 1, one << 255, NO_LIMIT), Err(QuoteError::AmountTooLarge));
    assert!(pool.exact_in(0, 1, (one << 255) - one, NO_LIMIT).unwrap().is_partial);
    assert_eq!(pool.exact_in(1, 1, one, NO_LIMIT), Err(QuoteError::Token));
    assert_eq!(pool.exact_out(0, 2, one, NO_LIMIT), Err(QuoteError::Token));
}

/// A pool of up to ten positions, far and near, with the price among them or anywhere.
fn drawn_nets(draw: &mut Draw, spacing: i32) -> BTreeMap<i32, i128> {
    let mut nets = BTreeMap::new();
    let bits = 8 + draw.below(90);
    for _ in 0..draw.below(10) {
        let reach = [8, 200, 2_000, u64::from(MAX_TICK.unsigned_abs())]
            [usize::try_from(draw.below(4)).unwrap()];
        let most = i64::from(MAX_TICK / spacing);
        let mut end = || {
            (i64::try_from(draw.below(2 * reach + 1)).unwrap() - i64::try_from(reach).unwrap())
                .clamp(-most, most)
        };
        let (low, high) = (end(), end());
        if low == high {
            continue;
        }
        let amount = draw.sized_u128(bits).cast_signed();
        for (position, net) in [(low.min(high), amount), (low.max(high), -amount)] {
            *nets.entry(i32::try_from(position).unwrap() * spacing).or_insert(0) += net;
        }
    }
    nets
}

fn drawn_price(draw: &mut Draw) -> U256 {
    let reach = [300, 3_000, 100_000, 887_000][usize::try_from(draw.below(4)).unwrap()];
    let tick = i32::try_from(draw.below(2 * reach)).unwrap() - i32::try_from(reach).unwrap();
    let [low, high] = [tick, tick + 1].map(|tick| sqrt_ratio_up(tick).unwrap());
    if draw.below(3) == 0 {
        low
    } else {
        low + (high - low) * U256::from(draw.below(1_000)) / U256::from(1_000)
    }
}

fn drawn_limit(draw: &mut Draw, price: U256, down: bool) -> U256 {
    let limit = if draw.below(2) == 0 { NO_LIMIT } else { drawn_price(draw) };
    let ahead = if down { limit < price } else { limit > price };
    if ahead { limit } else { NO_LIMIT }
}

#[test]
fn agrees_with_the_slow_pool() {
    let mut draw = Draw(4);
    let (mut partial, mut far, mut answers) = (0, 0, 0);
    for round in 0..6_000 {
        let spacing = [1, 10, 60, 200, 16_383][usize::try_from(draw.below(5)).unwrap()];
        let spacing = if round % 20 == 0 { spacing } else { spacing.max(60) };
        let nets = drawn_nets(&mut draw, spacing);
        let fee = [0, 100, 500, 3_000, 10_000, 999_999][usize::try_from(draw.below(6)).unwrap()];
        let price = drawn_price(&mut draw);
        let pool = pool_at(price, fee, spacing, nets.clone().into_iter().collect());
        let (down, is_in) = (draw.below(2) == 0, draw.below(2) == 0);
        let limit = drawn_limit(&mut draw, price, down);
        let amount = draw.sized(120);
        let (from, to) = if down { (0, 1) } else { (1, 0) };
        let quoted = if is_in {
            pool.exact_in(from, to, amount, limit)
        } else {
            pool.exact_out(from, to, amount, limit)
        };

        let end = if down { MIN_SQRT_RATIO + U256::ONE } else { MAX_SQRT_RATIO - U256::ONE };
        let real_limit = if limit.is_zero() { end } else { limit };
        let slow = SlowPool { state: pool.state(), fee: u64::from(fee), spacing, nets };
        let slow = slow.swap(down, amount, is_in, real_limit);
        let done = if is_in { slow.paid } else { slow.received };
        let is_partial = done < Wide::from(amount);
        if (slow.paid + slow.received).is_zero() || (!is_in && limit.is_zero() && is_partial) {
            assert_eq!(quoted, Err(QuoteError::InsufficientLiquidity));
            continue;
        }
        let expected = Swap {
            amount_in: U256::from(slow.paid),
            amount_out: U256::from(slow.received),
            after: slow.state,
            ticks_crossed: slow.crossed,
            is_partial,
        };
        assert_eq!(quoted, Ok(expected), "round {round}");
        answers += 1;
        partial += u32::from(is_partial);
        far += u32::from(slow.crossed > 2);
        Pool::v3(expected.after, fee, Arc::clone(pool.ticks()))
            .expect("a swap leaves a valid pool");
    }
    assert!(answers > 2_000 && partial > 500 && far > 300, "{answers}, {partial}, {far}");
}

#[test]
fn stopping_at_a_limit_and_going_on_leaves_the_same_pool() {
    let mut draw = Draw(5);
    let mut cuts = 0;
    for _ in 0..8_000 {
        let nets = drawn_nets(&mut draw, 60);
        let pool = pool_at(drawn_price(&mut draw), 3_000, 60, nets.into_iter().collect());
        let down = draw.below(2) == 0;
        let (from, to) = if down { (0, 1) } else { (1, 0) };
        let limit = drawn_limit(&mut draw, pool.state().sqrt_price_x96, down);
        let end = drawn_limit(&mut draw, limit.max(U256::ONE), down);
        let Ok(whole) = pool.exact_in(from, to, U256::ONE << 200, end) else { continue };
        let Ok(first) = pool.exact_in(from, to, U256::ONE << 200, limit) else { continue };
        if limit.is_zero() || end.is_zero() {
            continue;
        }
        let Ok(second) = pool.at(first.after).exact_in(from, to, U256::ONE << 200, end) else {
            continue;
        };
        assert_eq!(second.after, whole.after);
        assert_eq!(first.ticks_crossed + second.ticks_crossed, whole.ticks_crossed);
        // The cut rounds once more, each time for the pool.
        let (paid, got) =
            (first.amount_in + second.amount_in, first.amount_out + second.amount_out);
        assert!(paid >= whole.amount_in && paid <= whole.amount_in + U256::from(3));
        assert!(got <= whole.amount_out && got + U256::ONE >= whole.amount_out);
        cuts += 1;
    }
    assert!(cuts > 100, "{cuts}");
}

#[test]
fn there_and_back_never_gains_and_exact_out_is_enough() {
    let mut draw = Draw(6);
    let (mut done, mut lower) = (0, 0);
    for _ in 0..3_000 {
        let nets = drawn_nets(&mut draw, 60);
        let pool = pool_at(drawn_price(&mut draw), 100, 60, nets.into_iter().collect());
        let amount = draw.sized(90);
        let Ok(there) = pool.exact_in(0, 1, amount, NO_LIMIT) else { continue };
        if let Ok(back) = pool.at(there.after).exact_in(1, 0, there.amount_out, NO_LIMIT) {
            assert!(back.amount_out <= there.amount_in);
            assert!(back.is_partial || back.after.sqrt_price_x96 <= pool.state().sqrt_price_x96);
        }
        let Ok(asked) = pool.exact_out(0, 1, there.amount_out, NO_LIMIT) else { continue };
        assert_eq!(asked.amount_out, there.amount_out);
        let paid = pool.exact_in(0, 1, asked.amount_in, NO_LIMIT).unwrap();
        assert!(paid.amount_out >= asked.amount_out, "what is asked for is enough");
        // Nor is it more than what has been found to do, but where the last unit lies before a stop
        // and the contract pays on to it.
        let price = asked.after.sqrt_price_x96;
        let is_at_a_stop = sqrt_ratio_up(tick_at(price).unwrap()) == Some(price);
        assert!(asked.amount_in <= there.amount_in || is_at_a_stop);
        lower += u32::from(asked.amount_in < there.amount_in);
        done += 1;
    }
    assert!(done > 300 && lower > 30, "{done}, {lower}");
}

#[test]
fn v4_takes_a_fee_for_each_direction_up_to_everything() {
    let ticks = Arc::clone(plain().ticks());
    let state = plain().state();
    let pool = Pool::v4(state, [3_000, 1_000_000], Arc::clone(&ticks)).unwrap();
    let amount = U256::from(1_000_000_u32);
    assert_eq!(pool.exact_in(0, 1, amount, NO_LIMIT), plain().exact_in(0, 1, amount, NO_LIMIT));
    let all_fee = pool.exact_in(1, 0, amount, NO_LIMIT).unwrap();
    assert_eq!((all_fee.amount_in, all_fee.amount_out, all_fee.after), (amount, U256::ZERO, state));
    assert_eq!(pool.exact_out(1, 0, amount, NO_LIMIT), Err(QuoteError::Overflow));
    let most = (U256::ONE << 127) - U256::ONE; // V4 counts in 128 bits with a sign
    assert_eq!(pool.exact_in(1, 0, most, NO_LIMIT).unwrap().amount_in, most);
    let too_much = pool.exact_in(1, 0, most + U256::ONE, NO_LIMIT);
    assert_eq!(too_much, Err(QuoteError::AmountTooLarge));
    assert_eq!(Pool::v4(state, [0, 1_000_001], Arc::clone(&ticks)), Err(PoolError::Fee));
    assert_eq!(Pool::v3(state, 1_000_000, ticks), Err(PoolError::Fee));
}

#[test]
fn v4_takes_the_protocols_part_first_and_the_pools_of_the_rest() {
    assert_eq!(Pool::v4_fees_up(3_000, [0, 0]), Ok([3_000, 3_000]));
    // 1000 of a million, then 3000 of what is left of each: 2997 rounded down, and 2998.501.
    assert_eq!(Pool::v4_fees_up(3_000, [1_000, 500]), Ok([3_997, 3_499]));
    assert_eq!(Pool::v4_fees_up(1, [1, 1_000]), Ok([2, 1_001]));
    assert_eq!(Pool::v4_fees_up(1_000_000, [1_000, 0]), Ok([1_000_000, 1_000_000]));
    for (fee, protocol) in [(1_000_001, [0, 0]), (0, [1_001, 0]), (0, [0, u32::MAX])] {
        assert_eq!(Pool::v4_fees_up(fee, protocol), Err(PoolError::Fee));
    }
}

#[test]
fn pools_that_cannot_be() {
    let one = 1_i128;
    for nets in
        [vec![(5, one), (10, -one)], vec![(10, one), (10, -one)], vec![(-887_280, one), (0, -one)]]
    {
        assert_eq!(Ticks::new(10, nets), Err(PoolError::Tick));
    }
    for nets in [vec![(0, one)], vec![(0, -one), (10, one)], vec![(0, one), (10, -2)]] {
        assert_eq!(Ticks::new(10, nets), Err(PoolError::Liquidity));
    }
    let beyond = vec![(0, i128::MAX), (1, i128::MAX), (2, 2), (3, -i128::MAX)];
    assert_eq!(Ticks::new(1, beyond), Err(PoolError::Liquidity));
    for spacing in [0, -1, 32_768, i32::MAX] {
        assert_eq!(Ticks::new(spacing, vec![]), Err(PoolError::TickSpacing));
    }
    let wide = Arc::new(Ticks::new(16_384, vec![]).unwrap());
    let state = State { sqrt_price_x96: U256::ONE << 96, tick: 0, liquidity: 0 };
    assert_eq!(Pool::v3(state, 0, Arc::clone(&wide)), Err(PoolError::TickSpacing));
    assert!(Pool::v4(state, [0, 0], Arc::clone(&wide)).is_ok());
    for tick in [-2, 1] {
        assert_eq!(
            Pool::v4(State { tick, ..state }, [0, 0], Arc::clone(&wide)),
            Err(PoolError::Price)
        );
    }
    assert!(Pool::v4(State { tick: -1, ..state }, [0, 0], Arc::clone(&wide)).is_ok());
    let more = State { liquidity: 1, ..state };
    assert_eq!(Pool::v4(more, [0, 0], Arc::clone(&wide)), Err(PoolError::Liquidity));
    for sqrt_price_x96 in [MIN_SQRT_RATIO - U256::ONE, MAX_SQRT_RATIO, U256::ZERO, U256::MAX] {
        let outside = State { sqrt_price_x96, ..state };
        assert_eq!(Pool::v4(outside, [0, 0], Arc::clone(&wide)), Err(PoolError::Price));
    }
}

/// Then the contract divides the liquidity by the price first: 2^223 / (2^68 + amount).
#[test]
fn a_price_whose_product_with_the_amount_is_beyond_a_word() {
    let power = |bits: usize| U256::ONE << bits;
    let (half, wide) = (1_i128 << 126, 16_382);
    let end = 887_272 / wide * wide;
    let nets = vec![(-end, half), (wide - end, half), (end - wide, -half), (end, -half)];
    let ticks = Arc::new(Ticks::new(wide, nets).unwrap());
    let tick = |price| amm_math::uniswap_v3::tick_math::tick_at(price).unwrap();
    let state =
        State { sqrt_price_x96: power(155), tick: tick(power(155)), liquidity: 1_u128 << 127 };
    let pool = Pool::v3(state, 0, ticks).unwrap();
    let done = pool.exact_in(0, 1, power(110) - power(68), U256::ZERO).unwrap();
    assert_eq!(done.after.sqrt_price_x96, power(113));
    assert_eq!(done.amount_out, power(186) - power(144));
}
