"""A concentrated-liquidity pool of Uniswap V3, or of V4 without hooks: the whole walk over its
ticks, both ways.

Source: `swap` of UniswapV3Pool, `nextInitializedTickWithinOneWord` of TickBitmap, and QuoterV2,
which says what is an answer: an exact-in that runs out, and either kind stopped by a price limit
that was asked for, returns the part that was done; an exact-out that runs out reverts, and so does
what moves no amount at all. The protocol's share comes out of the fee and changes no amount.

The walk stops at the end of each word of 256 ticks, as the contract's does, for each stop rounds
once more. Where there is no liquidity it jumps: nothing is exchanged there, nothing is rounded.

V4's sums are the same (`swap` of its Pool library). Its protocol takes a part of its own in each
direction, on top of the pool's fee (`calculateSwapFee` of ProtocolFeeLibrary). Both together may be
all that is paid, but not for an exact output. What is paid and received fits half a word with its
sign; 2^127 paid would, too, but nobody can settle it at once (`_settle` of PoolManager).
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from omnivenue.reference.checked import asked, pair, whole
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.swap import Swap
from omnivenue.reference.swap_step import PIPS_ONE, step
from omnivenue.reference.tick_math import RATIO_MAX, RATIO_MIN, TICK_MAX, ratio_at, tick_at

AMOUNT_MAX = 2**255 - 1
AMOUNT_V4_MAX = 2**127 - 1
LIQUIDITY_MAX = 2**128 - 1


@dataclass(frozen=True, slots=True)
class V3Pool:
    """`ticks`: those that are initialised, ascending; `nets`: the liquidity that each adds on the
    way up. Both are shared by all states of a pool. `protocol_pips`: what V4's protocol takes of
    token 0 and of token 1; None where the pool is one of V3."""

    fee_pips: int
    tick_spacing: int
    sqrt_price: int  # Q64.96
    tick: int
    liquidity: int
    ticks: tuple[int, ...]
    nets: tuple[int, ...]
    protocol_pips: tuple[int, int] | None = None

    def taken_pips_up(self, token_in: int) -> int:
        """Of what is paid in this token, by the pool and V4's protocol together."""
        if self.protocol_pips is None:
            return self.fee_pips
        first = self.protocol_pips[token_in]
        return first + self.fee_pips - first * self.fee_pips // PIPS_ONE

    def swap(
        self, token_in: int, token_out: int, amount: int, limit: int = 0, *, by_in: bool
    ) -> Swap["V3Pool"]:
        """`limit`: the square root of a price in Q64.96 at which to stop; 0 is none."""
        pair(2, token_in, token_out)
        if asked(amount) > AMOUNT_MAX:
            raise QuoteError(Why.AMOUNT_TOO_LARGE)
        down = token_in == 0
        walk = _Walk(self, amount, _bound(self, limit, down=down), down=down, by_in=by_in)
        if walk.fee == PIPS_ONE and not by_in:
            raise QuoteError(Why.OVERFLOW)  # nothing that is paid would be left to buy with
        while walk.left and walk.price != walk.limit:
            walk.go_on()
        done = walk.swap()
        if done.amount_in == 0 or (done.is_partial and not by_in and not limit):
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        is_v4 = self.protocol_pips is not None
        if is_v4 and max(done.amount_in, done.amount_out) > AMOUNT_V4_MAX:
            raise QuoteError(Why.AMOUNT_TOO_LARGE)
        return done

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, "V3Pool"]:
        """Also of a part: `swap` says whether it was one."""
        done = self.swap(token_in, token_out, amount, by_in=True)
        return done.amount_out, done.after

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, "V3Pool"]:
        done = self.swap(token_in, token_out, amount, by_in=False)
        return done.amount_in, done.after


def _bound(pool: V3Pool, limit: int, *, down: bool) -> int:
    if whole(limit) == 0:
        end = RATIO_MIN + 1 if down else RATIO_MAX - 1
        if (pool.sqrt_price <= end) if down else (pool.sqrt_price >= end):
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        return end
    low, high = (RATIO_MIN, pool.sqrt_price) if down else (pool.sqrt_price, RATIO_MAX)
    if not low < limit < high:
        raise QuoteError(Why.PRICE_LIMIT)
    return limit


class _Walk:
    """A swap under way."""

    def __init__(self, pool: V3Pool, amount: int, limit: int, *, down: bool, by_in: bool) -> None:
        self.pool, self.amount, self.limit = pool, amount, limit
        self.down, self.by_in, self.fee = down, by_in, pool.taken_pips_up(0 if down else 1)
        self.price, self.tick, self.liquidity = pool.sqrt_price, pool.tick, pool.liquidity
        self.left, self.other, self.crossed = amount, 0, 0

    def go_on(self) -> None:
        """To the next tick or the end of its word, the limit, or where the amount is used up."""
        at, is_initialised = self._next_tick()
        end = ratio_at(at)
        is_beyond = end < self.limit if self.down else end > self.limit
        target = self.limit if is_beyond else end
        done = step(self.price, target, self.liquidity, self.left, self.fee, by_in=self.by_in)
        paid = done.amount_in + done.fee
        if max(paid, done.amount_out) > AMOUNT_MAX:
            raise QuoteError(Why.OVERFLOW)
        self.left -= paid if self.by_in else done.amount_out
        self.other += done.amount_out if self.by_in else paid
        if self.other > AMOUNT_MAX:
            raise QuoteError(Why.OVERFLOW)
        before, self.price = self.price, done.price
        if self.price == end:
            if is_initialised:
                self._cross(at)
            self.tick = at - 1 if self.down else at
        elif self.price != before:
            self.tick = tick_at(self.price)
            if self.down and self._is_word_start(self.tick) and ratio_at(self.tick) == self.price:
                self.tick -= 1  # a jump has passed over it, where the contract stops

    def _is_word_start(self, tick: int) -> bool:
        return tick % (256 * self.pool.tick_spacing) == 0

    def swap(self) -> Swap[V3Pool]:
        moved = replace(self.pool, sqrt_price=self.price, tick=self.tick, liquidity=self.liquidity)
        used = self.amount - self.left
        paid, got = (used, self.other) if self.by_in else (self.other, used)
        return Swap(paid, got, self.crossed, self.left > 0, moved)

    def _cross(self, at: int) -> None:
        net = self.pool.nets[bisect_left(self.pool.ticks, at)]
        self.liquidity += -net if self.down else net
        self.crossed += 1
        if not 0 <= self.liquidity <= LIQUIDITY_MAX:
            raise QuoteError(Why.OVERFLOW)

    def _next_tick(self) -> tuple[int, bool]:
        """The next one ahead, and whether it is initialised."""
        ticks, spacing = self.pool.ticks, self.pool.tick_spacing
        compressed = self.tick // spacing
        if self.down:
            n = bisect_right(ticks, compressed * spacing) - 1
            ahead = ticks[n] if n >= 0 else -TICK_MAX
            word_end = (compressed >> 8 << 8) * spacing
            stop = ahead if self.liquidity == 0 else max(ahead, word_end, -TICK_MAX)
            return stop, n >= 0 and stop == ahead
        n = bisect_left(ticks, (compressed + 1) * spacing)
        ahead = ticks[n] if n < len(ticks) else TICK_MAX
        word_end = (((compressed + 1) >> 8 << 8) + 255) * spacing
        stop = ahead if self.liquidity == 0 else min(ahead, word_end, TICK_MAX)
        return stop, n < len(ticks) and stop == ahead
