"""Pools as a graph of tokens: which rounds of swaps earn something, and how much to send.

The door is that of a compiled graph, with pools and tokens by number. Nothing here is clever: every
cycle is looked at, and one whose best prices do not already say that it loses is sized by trying. A
profit is what comes back less what was sent, less the fee on what was borrowed for it
(rounded up), less gas.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from struct import Struct
from typing import NamedTuple

from omnivenue.reference.checked import WORD_MAX
from omnivenue.reference.cycles import Leg, edges_of, paths
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.rates import gained_up, lost_up, most_out, rate_up
from omnivenue.reference.route import Hop
from omnivenue.reference.sizing import best_size
from omnivenue.reference.solidly_stable import SolidlyStablePool
from omnivenue.reference.swap import Pool

BPS_ONE = 10_000
REQUEST = Struct("<IHH")
AMOUNT_BYTES = 32
DONE, PARTLY_DONE, REFUSED = 0, 1, 2
HOPS_MAX = 8
"""No cycle is longer, whatever is asked for."""

TOKENS_END = 1 << 24
PAIR = range(2)
UNFIT_TOKENS = "pool {}: name each of its tokens once, in its own order"
CYCLES_MAX = 256
"""So many of one start are told where nothing else is asked for."""

TOLD_MAX = 1 << 18
"""And of all, whatever is asked for."""


class Terms(NamedTuple):
    """Of all cycles from one start token, in its units."""

    loan_fee_bps: int = 0
    gas: int = 0
    min_profit: int = 0


class Cycle(NamedTuple):
    legs: tuple[Leg, ...]
    amount_in: int
    amount_out: int
    profit: int
    within: int  # nothing earns more than `profit + within`; 0: it is the best


class Cycles(list[Cycle]):
    """Best first; of the same profit the shorter one, then by their legs. `examined`: how many were
    sized; the others cannot earn by their best prices alone. `is_cut`: there are more that earn, of
    some start."""

    def __init__(self, found: Sequence[Cycle], examined: int, *, is_cut: bool) -> None:
        super().__init__(found)
        self.examined = examined
        self.is_cut = is_cut


class PoolGraph:
    """`tokens[n]`: the numbers of the tokens of `pools[n]`, in the pool's own order. Raises
    ValueError for what does not fit."""

    def __init__(self, pools: Sequence[Pool], tokens: Sequence[Sequence[int]]) -> None:
        if len(pools) != len(tokens):
            raise ValueError(f"{len(pools)} pools, and the tokens of {len(tokens)}")
        for number, (pool, named) in enumerate(zip(pools, tokens, strict=True)):
            _check_tokens(number, pool, named)
        self._edges = edges_of(tokens)
        self._now = _Moment(list(pools), {})

    def update(self, changes: Sequence[tuple[int, Pool]]) -> None:
        """All of them, or none where one does not fit. A search under way in another thread goes on
        with the pools as they were."""
        pools = list(self._now.pools)
        for number, pool in changes:
            if not 0 <= number < len(pools):
                raise ValueError(f"there is no pool {number} in the graph")
            if _count(pool) != _count(pools[number]):
                raise ValueError(UNFIT_TOKENS.format(number))
            pools[number] = pool
        changed = {number for number, _ in changes}
        known = list(self._now.rates.items())
        self._now = _Moment(pools, {leg: rate for leg, rate in known if leg.pool not in changed})

    def cycles(
        self,
        starts: Sequence[tuple[int, Terms]],
        max_hops: int = 4,
        through: Sequence[int] | None = None,
        most: int = CYCLES_MAX,
    ) -> Cycles:
        """Those that earn something, and no less than their least, of up to HOPS_MAX hops.
        `through`: only those that use one of these pools. `most`: of one start, the best; of all
        there are TOLD_MAX at most."""
        _check_asked(starts, max_hops, most)
        now, max_hops = self._now, min(max_hops, HOPS_MAX)
        terms = {token: each for token, each in reversed(starts)}  # the first counts
        wanted = None if through is None else frozenset(through)
        found: dict[int, list[Cycle]] = {}
        examined = 0
        for start, path in paths(self._edges, [token for token, _ in starts], max_hops):
            if wanted is not None and wanted.isdisjoint(edge.leg.pool for edge in path):
                continue
            legs = tuple(edge.leg for edge in path)
            largest = now.largest(legs)
            examined += largest > 0
            cycle = now.sized(legs, largest, terms[start]) if largest else None
            if cycle is not None:
                found.setdefault(start, []).append(cycle)
        told = [
            cycle for of_start in found.values() for cycle in sorted(of_start, key=_rank)[:most]
        ]
        is_cut = len(told) > TOLD_MAX or any(len(each) > most for each in found.values())
        return Cycles(sorted(told, key=_rank)[:TOLD_MAX], examined, is_cut=is_cut)

    def quotes(self, requests: bytes, amounts: bytes) -> tuple[bytes, bytes]:
        """Exact-in quotes, each by itself: eight bytes a request (pool, token_in, token_out), and
        its amount. What comes out, and how it went: 0, 1 for a part, else 2 and the code's place in
        `Why`."""
        count, rest = divmod(len(requests), REQUEST.size)
        if rest or len(amounts) != count * AMOUNT_BYTES:
            raise ValueError("a request has 8 bytes, and its amount 32")
        now, outs, states = self._now, bytearray(), bytearray()
        for n, request in enumerate(REQUEST.iter_unpack(requests)):
            amount = int.from_bytes(amounts[n * AMOUNT_BYTES : (n + 1) * AMOUNT_BYTES], "little")
            out, state = now.quote(Leg(*request), amount)
            outs += out.to_bytes(AMOUNT_BYTES, "little")
            states.append(state)
        return bytes(outs), bytes(states)


class _Moment(NamedTuple):
    """Pools as they are at one moment."""

    pools: list[Pool]
    rates: dict[Leg, Fraction]  # as far as they were needed

    def quote(self, leg: Leg, amount: int) -> tuple[int, int]:
        try:
            if leg.pool >= len(self.pools):
                raise QuoteError(Why.TOKEN)
            pool, token_in, token_out = self.hop(leg)
            done = pool.swap(token_in, token_out, amount, by_in=True)
        except QuoteError as error:
            return 0, REFUSED + list(Why).index(error.code)
        return done.amount_out, PARTLY_DONE if done.is_partial else DONE

    def largest(self, legs: Sequence[Leg]) -> int:
        """The largest input that may earn something."""
        try:
            return _most([self.hop(leg) for leg in legs], [self.rate(leg) for leg in legs])
        except QuoteError:
            return 0  # a pool whose invariant does not settle trades nothing

    def sized(self, legs: tuple[Leg, ...], largest: int, terms: Terms) -> Cycle | None:
        hops, rates = [self.hop(leg) for leg in legs], [self.rate(leg) for leg in legs]

        def earned(amount: int) -> int | None:
            came = _through(hops, rates, amount)
            return None if not came else came[-1] - _spent(amount, terms)

        def slack_up_to(most: int) -> int:
            came = _through(hops, rates, most)
            assert came, "asked of what is accepted"
            slack = Fraction(0)
            for hop, rate, amount in zip(hops, rates, (most, *came), strict=False):
                slack = ceil(slack * rate) + lost_up(*hop, max(amount, 1))
            return int(slack) + (terms.loan_fee_bps > 0)

        by_chance = any(isinstance(hop.pool, SolidlyStablePool) for hop in hops)
        size = best_size(earned, largest, slack_up_to, refuses_by_chance=by_chance)
        if size is None or size.earned < max(terms.min_profit, 1):
            return None
        amount_out = size.earned + _spent(size.amount_in, terms)
        return Cycle(legs, size.amount_in, amount_out, size.earned, size.within)

    def hop(self, leg: Leg) -> Hop:
        return Hop(self.pools[leg.pool], leg.token_in, leg.token_out)

    def rate(self, leg: Leg) -> Fraction:
        found = self.rates.get(leg)
        if found is None:
            found = rate_up(*self.hop(leg))
            self.rates[leg] = found
        return found


def _check_tokens(number: int, pool: Pool, named: Sequence[int]) -> None:
    if len(named) != _count(pool) or len(set(named)) != len(named):
        raise ValueError(UNFIT_TOKENS.format(number))
    if not all(0 <= token < TOKENS_END for token in named):
        raise ValueError("number tokens from 0, below 2^24")


def _count(pool: Pool) -> int:
    """Of its tokens. Pools of another kernel, which can be quoted, say it in the same way."""
    return len(getattr(pool, "balances", PAIR))


def _check_asked(starts: Sequence[tuple[int, Terms]], max_hops: int, most: int) -> None:
    if any(not 0 <= number <= WORD_MAX for _, terms in starts for number in terms):
        raise ValueError("a number must be 0 to 2^256 - 1")
    if min(max_hops, most) < 0:
        raise ValueError("a number of hops or of rounds is not below 0")


def _rank(cycle: Cycle) -> tuple[int, int, tuple[Leg, ...]]:
    return -cycle.profit, len(cycle.legs), cycle.legs


def _most(hops: Sequence[Hop], rates: Sequence[Fraction]) -> int:
    """No larger input earns anything: none at all where the best prices already lose, but for what
    the rounding of some pools may add."""
    over, under = 1, 1
    for rate in rates:
        over, under = over * rate.numerator, under * rate.denominator
    if over > under:
        return most_out(*hops[-1])
    gained = Fraction(0)
    if any(gained_up(hop.pool, hop.token_out) for hop in hops):
        for hop, rate in zip(hops, rates, strict=True):
            gained = gained * rate + gained_up(hop.pool, hop.token_out)
    least_lost = Fraction(max(under - over, 1), under)
    return min(int(Fraction(gained, least_lost)), most_out(*hops[-1])) if gained else 0


def _spent(amount: int, terms: Terms) -> int:
    return amount - (-amount * terms.loan_fee_bps // BPS_ONE) + terms.gas


def _through(hops: Sequence[Hop], rates: Sequence[Fraction], amount: int) -> list[int]:
    """What each hop brings; empty where one refuses so much, or can do a part of it only.

    What is too little for a hop brings nothing: some refuse that, and as an answer it would look as
    if they refused more as well.
    """
    came: list[int] = []
    for hop, rate in zip(hops, rates, strict=True):
        try:
            pool, token_in, token_out = hop
            done = pool.swap(token_in, token_out, amount, by_in=True) if amount else None
        except QuoteError:
            if amount * rate > lost_up(*hop, amount):
                return []
            done = None
        if done is not None and done.is_partial:
            return []
        amount = 0 if done is None else done.amount_out
        came.append(amount)
    return came
