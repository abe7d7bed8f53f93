"""A pool of Curve's StableSwap kind: its quotes, and what LP shares are worth in it.

Source: `get_dy`, `exchange`, `calc_token_amount`, `_calc_withdraw_one_coin` and
`get_virtual_price` of the contracts that `curve_invariant` names. What is answered is the view's
figure, `get_dy`; the next state is what `exchange` leaves, which may pay out a unit less.

Exact-out is an inverse of ours, for the contracts have none: the least input whose `get_dy` reaches
the output. `get_dy` is not quite monotone, since Newton's method may end a unit off, so around the
place where the real curve reaches the output inputs are tried one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from omnivenue.reference.checked import (
    WORD_MAX,
    add,
    asked,
    div_down,
    mul,
    pair,
    sub,
    whole,
)
from omnivenue.reference.curve_invariant import Template, balance_at, invariant
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.swap import WholePool

FEE_ONE = 10**10
UNIT = 10**18
INPUTS_TRIED_MAX = 256
"""Below the place found by halving. Only a pool whose price is beyond 1:50 could have more."""

NEWTON_SLACK = 4
"""Units by which the solution of an iteration may be off, and to spare."""


@dataclass(frozen=True, slots=True)
class CurvePool(WholePool):
    """`amp`: A times its precision. `balances`: net of admin fees, in each coin's own units."""

    template: Template
    balances: tuple[int, ...]
    decimals: tuple[int, ...]
    amp: int
    fee: int
    admin_fee: int = 0
    lp_supply: int = 0

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, "CurvePool"]:
        pair(len(self.balances), token_in, token_out)
        gross = self._gross(token_in, token_out, asked(amount))
        return self._net(token_out, gross), self._after(token_in, token_out, amount, gross)

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, "CurvePool"]:
        pair(len(self.balances), token_in, token_out)
        needed = self._input_for(token_in, token_out, asked(amount))
        gross = self._gross(token_in, token_out, needed)
        return needed, self._after(token_in, token_out, needed, gross)

    def virtual_price_down(self) -> int:
        """Of one share, in 18 decimals."""
        d = invariant(self.template.value, self.amp, self._scaled(self.balances))
        return div_down(mul(d, UNIT), self.lp_supply)

    def token_amount_down(self, amounts: tuple[int, ...], *, is_deposit: bool) -> int:
        """Shares made by a deposit or taken by a withdrawal, before fees."""
        if len(amounts) != len(self.balances):
            raise QuoteError(Why.TOKEN)
        terms, amp = self.template.value, self.amp
        before = invariant(terms, amp, self._scaled(self.balances))
        move = add if is_deposit else sub
        moved = tuple(move(b, whole(a)) for b, a in zip(self.balances, amounts, strict=True))
        after = invariant(terms, amp, self._scaled(moved))
        change = sub(after, before) if is_deposit else sub(before, after)
        return div_down(mul(change, self.lp_supply), before)

    def withdraw_one_coin_down(self, lp: int, i: int) -> int:
        """What `lp` shares bring in coin `i` alone. The rest of the pool moves off balance by it,
        and half of the fee is taken from that."""
        if not 0 <= whole(i) < len(self.balances):
            raise QuoteError(Why.TOKEN)
        terms, amp, n = self.template.value, self.amp, len(self.balances)
        xp = self._scaled(self.balances)
        before = invariant(terms, amp, xp)
        after = sub(before, div_down(mul(whole(lp), before), self.lp_supply))
        left = balance_at(terms, amp, xp, i, after)
        fee = self.fee * n // (4 * (n - 1))
        reduced: list[int] = []
        for k, x in enumerate(xp):
            due = div_down(mul(x, after), before)
            moved = sub(due, left) if k == i else sub(x, due)
            reduced.append(sub(x, mul(fee, moved) // FEE_ONE))
        gross = sub(reduced[i], balance_at(terms, amp, tuple(reduced), i, after))
        return sub(gross, 1) // 10 ** (18 - self.decimals[i])

    def _gross(self, i: int, j: int, dx: int) -> int:
        """What leaves coin `j`, scaled, before the fee."""
        xp = self._scaled(self.balances)
        x = add(xp[i], self._scale_down(i, dx))
        d = invariant(self.template.value, self.amp, xp)
        y = balance_at(self.template.value, self.amp, (*xp[:i], x, *xp[i + 1 :]), j, d)
        return sub(sub(xp[j], y), 1)

    def _net(self, j: int, gross: int) -> int:
        """As `get_dy` has it: of 3pool the fee is taken of what is scaled already."""
        if self.template.value.is_fee_before_scaling:
            return self._unscale_down(j, gross - mul(self.fee, gross) // FEE_ONE)
        dy = self._unscale_down(j, gross)
        return dy - mul(self.fee, dy) // FEE_ONE

    def _after(self, i: int, j: int, dx: int, gross: int) -> "CurvePool":
        fee = mul(gross, self.fee) // FEE_ONE
        paid = self._unscale_down(j, gross - fee)
        kept = self._unscale_down(j, mul(fee, self.admin_fee) // FEE_ONE)
        balances = list(self.balances)
        balances[i] = add(balances[i], dx)
        balances[j] = sub(sub(balances[j], paid), kept)
        return replace(self, balances=tuple(balances))

    def _input_for(self, i: int, j: int, out: int) -> int:
        xp = self._scaled(self.balances)
        if out >= self.balances[j]:
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        d = invariant(self.template.value, self.amp, xp)
        balance_at(self.template.value, self.amp, xp, j, d)  # a pool that cannot quote at all
        if self._net(j, max(xp[j] - 1, 0)) < out:  # Newton's method may end at none; a unit is kept
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        gross = _first(0, xp[j] - 1, lambda g: self._net(j, g) >= out)
        most = xp[j] - 1 - gross  # what coin j may be left with

        def reached(y: int) -> int:
            """About the input at which the real curve leaves coin `j` with `y`; none where numbers
            of the contract's width do not tell, and then doubling finds it."""
            at = (*xp[:j], max(y, 1), *xp[j + 1 :])
            try:
                x = balance_at(self.template.value, self.amp, at, i, d)
            except QuoteError:
                return 0
            return max(x - xp[i], 0) // self._rate(i)

        low = max(reached(most + NEWTON_SLACK) - NEWTON_SLACK, 1)
        high = reached(most - NEWTON_SLACK) + NEWTON_SLACK
        while self._gross_or_none(i, j, high) < gross:
            if high > WORD_MAX >> 1:
                raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
            high *= 2
        found = _first(low, high, lambda dx: self._gross_or_none(i, j, dx) >= gross)
        start = max(low, found - INPUTS_TRIED_MAX)
        tried = (dx for dx in range(start, found) if self._gross_or_none(i, j, dx) >= gross)
        return next(tried, found)

    def _gross_or_none(self, i: int, j: int, dx: int) -> int:
        """As `_gross`; where the view reverts, for too little or too much comes in, less than
        anything."""
        try:
            return self._gross(i, j, dx)
        except QuoteError:
            return -1

    def _scaled(self, balances: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(self._scale_down(k, b) for k, b in enumerate(balances))

    def _rate(self, k: int) -> int:
        return 10 ** (18 - self.decimals[k])

    def _scale_down(self, k: int, amount: int) -> int:
        """To 18 decimals. The contract multiplies by a rate of 36 - decimals and divides by 10^18,
        so that its bound on amounts is tighter than ours would be."""
        if not self.template.value.is_scaled:
            return amount
        return mul(amount, self._rate(k) * UNIT) // UNIT

    def _unscale_down(self, k: int, amount: int) -> int:
        if not self.template.value.is_scaled:
            return amount
        return mul(amount, UNIT) // (self._rate(k) * UNIT)


def _first(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """The least of low..high that is enough, by halving; `high` is."""
    while low < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle + 1
    return high
