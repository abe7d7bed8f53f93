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

from omnivenue.reference.cycles import Leg, edges_of, paths
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.rates import gained_up, lost_up, most_out, rate_up
from omnivenue.reference.route import Hop
from omnivenue.reference.sizing import best_size
from omnivenue.reference.swap import Pool

BPS_ONE = 10_000
REQUEST = Struct("<IHH")
AMOUNT_BYTES = 32
DONE, PARTLY_DONE, REFUSED = 0, 1, 2
CYCLES_MAX = 256
"""So many of one start are told where nothing else is asked for."""


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
    """`tokens[n]`: the numbers of the tokens of `pools[n]`, in the pool's own order."""

    def __init__(self, pools: Sequence[Pool], tokens: Sequence[Sequence[int]]) -> None:
        if len(pools) != len(tokens):
            raise ValueError(f"{len(pools)} pools, and the tokens of {len(tokens)}")
        self._pools = list(pools)
        self._edges = edges_of(tokens)
        self._rates: dict[Leg, Fraction] = {}  # as far as they were needed

    def update(self, changes: Sequence[tuple[int, Pool]]) -> None:
        changed = {number for number, _ in changes}
        for number, pool in changes:
            if not 0 <= number < len(self._pools):
                raise ValueError(f"there is no pool {number} in the graph")
            self._pools[number] = pool
        self._rates = {leg: rate for leg, rate in self._rates.items() if leg.pool not in changed}

    def cycles(
        self,
        starts: Sequence[tuple[int, Terms]],
        max_hops: int = 4,
        through: Sequence[int] | None = None,
        most: int = CYCLES_MAX,
    ) -> Cycles:
        """Those that earn something, and no less than their least. `through`: only those that use
        one of these pools. `most`: of one start, the best."""
        terms = {token: each for token, each in reversed(starts)}  # the first counts
        wanted = None if through is None else frozenset(through)
        found: dict[int, list[Cycle]] = {}
        examined = 0
        for start, path in paths(self._edges, [token for token, _ in starts], max_hops):
            if wanted is not None and wanted.isdisjoint(edge.leg.pool for edge in path):
                continue
            legs = tuple(edge.leg for edge in path)
            largest = self._largest(legs)
            examined += largest > 0
            cycle = self._sized(legs, largest, terms[start]) if largest else None
            if cycle is not None:
                found.setdefault(start, []).append(cycle)
        told = [
            cycle for of_start in found.values() for cycle in sorted(of_start, key=_rank)[:most]
        ]
        is_cut = any(len(of_start) > most for of_start in found.values())
        return Cycles(sorted(told, key=_rank), examined, is_cut=is_cut)

    def quotes(self, requests: bytes, amounts: bytes) -> tuple[bytes, bytes]:
        """Exact-in quotes, each by itself: eight bytes a request (pool, token_in, token_out), and
        its amount. What comes out, and how it went: 0, 1 for a part, else 2 and the code's place in
        `Why`."""
        count, rest = divmod(len(requests), REQUEST.size)
        if rest or len(amounts) != count * AMOUNT_BYTES:
            raise ValueError("a request has 8 bytes, and its amount 32")
        outs, states = bytearray(), bytearray()
        for n, request in enumerate(REQUEST.iter_unpack(requests)):
            amount = int.from_bytes(amounts[n * AMOUNT_BYTES : (n + 1) * AMOUNT_BYTES], "little")
            out, state = self._quote(Leg(*request), amount)
            outs += out.to_bytes(AMOUNT_BYTES, "little")
            states.append(state)
        return bytes(outs), bytes(states)

    def _quote(self, leg: Leg, amount: int) -> tuple[int, int]:
        try:
            if leg.pool >= len(self._pools):
                raise QuoteError(Why.TOKEN)
            pool, token_in, token_out = self._hop(leg)
            done = pool.swap(token_in, token_out, amount, by_in=True)
        except QuoteError as error:
            return 0, REFUSED + list(Why).index(error.code)
        return done.amount_out, PARTLY_DONE if done.is_partial else DONE

    def _largest(self, legs: Sequence[Leg]) -> int:
        """The largest input that may earn something."""
        try:
            return _most([self._hop(leg) for leg in legs], [self._rate(leg) for leg in legs])
        except QuoteError:
            return 0  # a pool whose invariant does not settle trades nothing

    def _sized(self, legs: tuple[Leg, ...], largest: int, terms: Terms) -> Cycle | None:
        hops, rates = [self._hop(leg) for leg in legs], [self._rate(leg) for leg in legs]

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

        size = best_size(earned, largest, slack_up_to)
        if size is None or size.earned < max(terms.min_profit, 1):
            return None
        amount_out = size.earned + _spent(size.amount_in, terms)
        return Cycle(legs, size.amount_in, amount_out, size.earned, size.within)

    def _hop(self, leg: Leg) -> Hop:
        return Hop(self._pools[leg.pool], leg.token_in, leg.token_out)

    def _rate(self, leg: Leg) -> Fraction:
        found = self._rates.get(leg)
        if found is None:
            found = rate_up(*self._hop(leg))
            self._rates[leg] = found
        return found


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
