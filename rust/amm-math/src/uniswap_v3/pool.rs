//! A pool of concentrated liquidity at one moment, and what a swap in it is worth: what
//! `UniswapV3Pool.swap` does, seen through `QuoterV2`, which refuses what a caller cannot use.
//!
//! The protocol's part is taken from the fee of V3 and changes nothing for who swaps. In V4 it is
//! added to the fee, and so each direction has the fee that is really taken.

use std::sync::Arc;

use super::swap_math::{Fee, WHOLE};
use super::tick_math::{MAX_SQRT_RATIO, MIN_SQRT_RATIO, sqrt_ratio_up, tick_at};
use super::ticks::Ticks;
use super::walk::Walk;
use crate::{PoolError, QuoteError, U256};

/// Amounts are signed words in the contracts.
const MAX_AMOUNT: U256 = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]);
/// In V4, what is paid and received has half of one; so has what is settled at once.
const MAX_V4_AMOUNT: U256 = U256::from_limbs([u64::MAX, u64::MAX >> 1, 0, 0]);
/// What V4's protocol may take in each direction, in millionths.
const MAX_PROTOCOL_PIPS: u32 = 1_000;
/// The spacing that V3's factory no longer accepts.
const V3_SPACING_END: i32 = 16_384;

/// Which contract it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Uniswap V3.
    V3,
    /// Uniswap V4, without hooks.
    V4,
}

/// What a swap moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The square root of the price of token 0 in token 1, with 96 fractional bits.
    pub sqrt_price_x96: U256,
    /// The last tick at or below it; one less where a swap came down to a tick and stopped there.
    pub tick: i32,
    /// What lies in the range of `tick`.
    pub liquidity: u128,
}

/// What a swap did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swap {
    /// What was paid, with the fee in it.
    pub amount_in: U256,
    /// What was received.
    pub amount_out: U256,
    /// Where it left the pool.
    pub after: State,
    /// How many initialised ticks it crossed.
    pub ticks_crossed: u32,
    /// Whether the limit, or the end of all liquidity, stopped it before all was done.
    pub is_partial: bool,
}

/// A pool. Its ticks are shared by all its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    rules: Rules,
    fees: [Fee; 2],
    ticks: Arc<Ticks>,
    state: State,
}

impl Pool {
    /// A pool of V3, with its fee in millionths.
    ///
    /// # Errors
    /// `Fee`, `TickSpacing`, `Price`, `Liquidity`: what the contract would not have let come about.
    pub fn v3(state: State, fee_pips: u32, ticks: Arc<Ticks>) -> Result<Self, PoolError> {
        let fee = Fee::new(fee_pips).filter(|fee| fee.pips() < WHOLE).ok_or(PoolError::Fee)?;
        if ticks.spacing() >= V3_SPACING_END {
            return Err(PoolError::TickSpacing);
        }
        Self::checked(Self { rules: Rules::V3, fees: [fee; 2], ticks, state })
    }

    /// A pool of V4 without hooks, with the fee that is taken for token 0 and for token 1, the
    /// protocol's part in it.
    ///
    /// # Errors
    /// `Fee`, `Price`, `Liquidity`: what the contract would not have let come about.
    pub fn v4(state: State, fees: [u32; 2], ticks: Arc<Ticks>) -> Result<Self, PoolError> {
        let [Some(fee_0), Some(fee_1)] = fees.map(Fee::new) else {
            return Err(PoolError::Fee);
        };
        let fees = [fee_0, fee_1];
        Self::checked(Self { rules: Rules::V4, fees, ticks, state })
    }

    /// What V4 takes for token 0 and for token 1: first the protocol, then the pool of the rest
    /// (`calculateSwapFee` of `ProtocolFeeLibrary`).
    ///
    /// # Errors
    /// `Fee` where one is more than V4 lets it be.
    pub fn v4_fees_up(pool_pips: u32, protocol_pips: [u32; 2]) -> Result<[u32; 2], PoolError> {
        if pool_pips > WHOLE || protocol_pips.iter().any(|&pips| pips > MAX_PROTOCOL_PIPS) {
            return Err(PoolError::Fee);
        }
        Ok(protocol_pips.map(|pips| pips + pool_pips - pips * pool_pips / WHOLE))
    }

    fn checked(self) -> Result<Self, PoolError> {
        let State { sqrt_price_x96: price, tick, liquidity } = self.state;
        let last = tick_at(price).ok_or(PoolError::Price)?;
        let came_down_to_it = tick == last - 1 && sqrt_ratio_up(last) == Some(price);
        if tick != last && !came_down_to_it {
            return Err(PoolError::Price);
        }
        if self.ticks.liquidity_at(tick) != liquidity {
            return Err(PoolError::Liquidity);
        }
        Ok(self)
    }

    /// What a swap moves.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The initialised ticks.
    #[must_use]
    pub const fn ticks(&self) -> &Arc<Ticks> {
        &self.ticks
    }

    /// What is taken of what is paid in this token, in millionths.
    #[must_use]
    pub const fn fee_pips(&self, token_in: usize) -> u32 {
        self.fees[token_in].pips()
    }

    /// The same pool after a swap.
    #[must_use]
    pub fn at(&self, state: State) -> Self {
        Self { state, ticks: Arc::clone(&self.ticks), ..*self }
    }

    /// What is received for up to `amount`. A `limit` of zero is none.
    ///
    /// # Errors
    /// `Token`, `ZeroAmount`, `AmountTooLarge`, `PriceLimit`, `InsufficientLiquidity` where
    /// nothing can be done, `Overflow` where the contract reverts.
    pub fn exact_in(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
        limit: U256,
    ) -> Result<Swap, QuoteError> {
        let mut walk = self.walk(token_in, token_out, amount, limit)?;
        walk.pay_all()?;
        self.answer(&walk, amount - walk.remaining, walk.counterpart)
    }

    /// What is to be paid for up to `amount`. A `limit` of zero is none, and then it is for all.
    ///
    /// # Errors
    /// `Token`, `ZeroAmount`, `AmountTooLarge`, `PriceLimit`, `InsufficientLiquidity` where
    /// nothing can be done, or without a limit not all, `Overflow` where the contract reverts.
    pub fn exact_out(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
        limit: U256,
    ) -> Result<Swap, QuoteError> {
        let mut walk = self.walk(token_in, token_out, amount, limit)?;
        if self.fees[token_in].pips() == WHOLE {
            // V4's `InvalidFeeForExactOut`: the fee on top would be without end.
            return Err(QuoteError::Overflow);
        }
        walk.receive_all()?;
        if limit.is_zero() && !walk.remaining.is_zero() {
            return Err(QuoteError::InsufficientLiquidity);
        }
        self.answer(&walk, walk.counterpart, amount - walk.remaining)
    }

    fn walk(
        &self,
        token_in: usize,
        token_out: usize,
        amount: U256,
        limit: U256,
    ) -> Result<Walk<'_>, QuoteError> {
        let zero_for_one = match (token_in, token_out) {
            (0, 1) => true,
            (1, 0) => false,
            _ => return Err(QuoteError::Token),
        };
        if amount.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        if amount > MAX_AMOUNT {
            return Err(QuoteError::AmountTooLarge);
        }
        let limit = effective_limit(self.state.sqrt_price_x96, limit, zero_for_one)?;
        Ok(Walk {
            ticks: &self.ticks,
            fee: self.fees[token_in],
            zero_for_one,
            limit,
            below: self.ticks.count_until(self.state.tick),
            state: self.state,
            remaining: amount,
            counterpart: U256::ZERO,
            ticks_crossed: 0,
        })
    }

    fn answer(
        &self,
        walk: &Walk<'_>,
        amount_in: U256,
        amount_out: U256,
    ) -> Result<Swap, QuoteError> {
        if amount_in.is_zero() && amount_out.is_zero() {
            // The callback of V3's quoter wants a swap of something, V4's quoter one of all.
            return Err(QuoteError::InsufficientLiquidity);
        }
        let most = if self.rules == Rules::V3 { MAX_AMOUNT } else { MAX_V4_AMOUNT };
        if amount_in > most || amount_out > most {
            return Err(QuoteError::AmountTooLarge);
        }
        Ok(Swap {
            amount_in,
            amount_out,
            after: walk.state,
            ticks_crossed: walk.ticks_crossed,
            is_partial: !walk.remaining.is_zero(),
        })
    }
}

/// The limit that the contract is given: without one, the last price before the ends.
fn effective_limit(price: U256, limit: U256, zero_for_one: bool) -> Result<U256, QuoteError> {
    let (lowest, highest) = (MIN_SQRT_RATIO + U256::ONE, MAX_SQRT_RATIO - U256::ONE);
    if limit.is_zero() {
        let end = if zero_for_one { lowest } else { highest };
        let is_ahead = if zero_for_one { end < price } else { end > price };
        return if is_ahead { Ok(end) } else { Err(QuoteError::InsufficientLiquidity) };
    }
    let is_ahead = if zero_for_one { limit < price } else { limit > price };
    if !is_ahead || limit < lowest || limit > highest {
        return Err(QuoteError::PriceLimit);
    }
    Ok(limit)
}
