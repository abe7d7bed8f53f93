"""A stable pool of Balancer V2.

Source: `_calculateInvariant`, `_getTokenBalanceGivenInvariantAndAllOtherBalances`,
`_calcOutGivenIn` and `_calcInGivenOut` of StableMath. Version 1 rounds the invariant of a swap up;
later ones round each of its divisions down, as Curve does.
"""

from dataclasses import dataclass, replace

from omnivenue.reference import balancer_pool as pools
from omnivenue.reference.checked import add, div_down, div_up, mul, sub
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.swap import WholePool

AMP_PRECISION = 1_000
ROUNDS = 255


@dataclass(frozen=True, slots=True)
class StablePool(WholePool):
    """`amp`: with its precision of 1000. `factors`: 10^18 times what scales a token's amounts."""

    balances: tuple[int, ...]
    factors: tuple[int, ...]
    amp: int
    swap_fee: int
    rounds_invariant_up: bool = True

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, "StablePool"]:
        pools.checked_request(len(self.balances), token_in, token_out, amount)
        given = pools.after_fee_down(amount, self.swap_fee)
        given = pools.scaled_down(given, self.factors[token_in])
        scaled = self._scaled()
        d = self._invariant(scaled)
        added = _with(scaled, token_in, add(scaled[token_in], given))
        left = balance_up(self.amp, added, d, token_out)
        out = sub(sub(scaled[token_out], left), 1)
        out = pools.unscaled_down(out, self.factors[token_out])
        return out, self._after(token_in, token_out, amount, out)

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, "StablePool"]:
        pools.checked_request(len(self.balances), token_in, token_out, amount)
        wanted = pools.scaled_down(amount, self.factors[token_out])
        scaled = self._scaled()
        if wanted >= scaled[token_out]:
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        d = self._invariant(scaled)
        taken = _with(scaled, token_out, scaled[token_out] - wanted)
        grown = balance_up(self.amp, taken, d, token_in)
        needed = add(sub(grown, scaled[token_in]), 1)
        needed = pools.unscaled_up(needed, self.factors[token_in])
        needed = pools.with_fee_up(needed, self.swap_fee)
        return needed, self._after(token_in, token_out, needed, amount)

    def _scaled(self) -> tuple[int, ...]:
        pairs = zip(self.balances, self.factors, strict=True)
        return tuple(pools.scaled_down(balance, factor) for balance, factor in pairs)

    def _invariant(self, scaled: tuple[int, ...]) -> int:
        of = invariant_up if self.rounds_invariant_up else invariant_down
        return of(self.amp, scaled)

    def _after(self, token_in: int, token_out: int, came: int, went: int) -> "StablePool":
        return replace(self, balances=pools.moved(self.balances, token_in, token_out, came, went))


def invariant_up(amp: int, balances: tuple[int, ...]) -> int:
    n, total = len(balances), _sum(balances)
    d, ann = total, amp * n
    for _ in range(ROUNDS if total else 0):
        product = balances[0] * n
        for balance in balances[1:]:
            product = div_up(mul(product, balance, n), d)
        before = d
        over = add(mul(n, d, d), div_up(mul(ann, total, product), AMP_PRECISION))
        under = add(mul(n + 1, d), div_down(mul(ann - AMP_PRECISION, product), AMP_PRECISION))
        d = div_up(over, under)
        if abs(d - before) <= 1:
            return d
    return _unsettled(total)


def invariant_down(amp: int, balances: tuple[int, ...]) -> int:
    n, total = len(balances), _sum(balances)
    d, ann = total, amp * n
    for _ in range(ROUNDS if total else 0):
        product = d
        for balance in balances:
            product = div_down(mul(product, d), mul(balance, n))
        before = d
        over = mul(add(mul(ann, total) // AMP_PRECISION, mul(product, n)), d)
        under = add(mul(ann - AMP_PRECISION, d) // AMP_PRECISION, mul(n + 1, product))
        d = div_down(over, under)
        if abs(d - before) <= 1:
            return d
    return _unsettled(total)


def balance_up(amp: int, balances: tuple[int, ...], d: int, token: int) -> int:
    """What `token` must have beside the others for an invariant of `d`. Its own balance is a
    factor that goes out again; only rounding sees it."""
    n = len(balances)
    ann, product = amp * n, balances[0] * n
    for balance in balances[1:]:
        product = div_down(mul(product, balance, n), d)
    others = _sum(balances) - balances[token]
    squared = mul(d, d)
    c = mul(div_up(squared, mul(ann, product)), AMP_PRECISION, balances[token])
    b = add(others, mul(div_down(d, ann), AMP_PRECISION))
    found = div_up(add(squared, c), add(d, b))
    for _ in range(ROUNDS):
        before = found
        found = div_up(add(mul(found, found), c), sub(add(mul(found, 2), b), d))
        if abs(found - before) <= 1:
            return found
    raise QuoteError(Why.NO_CONVERGENCE)


def _sum(balances: tuple[int, ...]) -> int:
    total = 0
    for balance in balances:
        total = add(total, balance)
    return total


def _unsettled(total: int) -> int:
    if total:
        raise QuoteError(Why.NO_CONVERGENCE)
    return 0


def _with(balances: tuple[int, ...], token: int, balance: int) -> tuple[int, ...]:
    return (*balances[:token], balance, *balances[token + 1 :])
