"""Whether a round of swaps on borrowed money is worth sending, and why not.

Everything is looked at, whatever fails first: who reads a refusal mends all of it at once. Money is
in millionths of a dollar, rounded down where we earn and up where we pay; shares are in millionths
(`ppm`). A round that is refused is no error: its score says what it would have earned.
"""

from collections.abc import Iterator, Sequence

import msgspec

from omnivenue.message import Reason
from omnivenue.model import mul_div_ceil, mul_div_floor
from omnivenue.route.round_gas import SwapKind, round_gas

PPM = 1_000_000
BPS = 10_000
WEI = 10**18
GWEI = 10**9


class HopQuote(msgspec.Struct, frozen=True, kw_only=True):
    """One swap as it was quoted. `unmoved_out`: what the same input would buy at the price before
    it, fees counted: what is missing is the slippage that the swap itself causes."""

    kind: SwapKind
    amount_out: int
    unmoved_out: int

    @property
    def slippage_ppm(self) -> int:
        """Rounded up."""
        if self.unmoved_out <= 0:
            return PPM  # an input too small to buy a unit loses all of it
        return mul_div_ceil(max(0, self.unmoved_out - self.amount_out), PPM, self.unmoved_out)


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What is borrowed, sent round and had back, in units of the same token."""

    amount_in: int
    hops: tuple[HopQuote, ...]
    loan_fee_bps: int = 0
    pool_held: int | None = None  # of the token, in the pool that lends it or takes it first

    @property
    def amount_out(self) -> int:
        return self.hops[-1].amount_out

    @property
    def loan_fee(self) -> int:
        return mul_div_ceil(self.amount_in, self.loan_fee_bps, BPS)


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """In millionths of a dollar: of `token_unit` units of the round's token (10^decimals), and of
    10^18 wei of the chain's own. Gas in wei a unit, as EIP-1559 splits it."""

    token: int
    token_unit: int
    native: int
    base_fee: int  # of the block that it is for
    priority_fee: int


class Gates(msgspec.Struct, frozen=True, kw_only=True):
    """What a round must pass. The defaults are cautious; each may be set."""

    min_profit: int = 0  # millionths of a dollar, after everything
    max_gas_price: int | None = None  # wei a unit
    slippage_ppm: int = PPM  # what the instruction allows
    slippage_cap_ppm: int = 5_000  # what nobody may exceed
    gas_cover_percent: int = 150  # what the round earns before gas, of its gas
    loan_share_percent: int = 10  # of what the pool holds


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """`net` is `gross` less `loan_fee` less `gas`; all four in millionths of a dollar."""

    gross: int
    loan_fee: int
    gas: int
    net: int
    gas_units: int
    hop_slippage_ppm: tuple[int, ...]
    slippage_ppm: int
    slippage_limit_ppm: int
    size_percent: int  # what part of the size should be sent, for its slippage
    reasons: tuple[Reason, ...]  # why it should not be sent; none: it should

    @property
    def is_worth_sending(self) -> bool:
        return not self.reasons


def slippage_tier_ppm(margin_ppm: int) -> int:
    """How much may be lost on the way where a round earns such a share of what goes in: the more
    there is to lose, the less of it that loses it (requirement I3)."""
    if margin_ppm > 20_000:
        return 5_000
    return 3_000 if margin_ppm > 10_000 else 1_000


def size_percent(slippage_ppm: int) -> int:
    """What part of a size is sent where so much slippage is expected (requirement I5)."""
    if slippage_ppm > 5_000:
        return 50
    return 70 if slippage_ppm > 3_000 else 100


def score(done: Round, prices: Prices, gates: Gates) -> Score:
    """What the round earns, and every gate that it fails."""
    assert done.amount_in > 0 and done.hops
    gain = done.amount_out - done.amount_in
    gross = _worth_floor(gain, prices)
    loan_fee = _worth_ceil(done.loan_fee, prices)
    units = round_gas([hop.kind for hop in done.hops])
    gas = mul_div_ceil(units * (prices.base_fee + prices.priority_fee), prices.native, WEI)
    each = tuple(hop.slippage_ppm for hop in done.hops)
    total = _compounded_ppm(each)
    margin = gain * PPM // done.amount_in
    limit = min(gates.slippage_ppm, gates.slippage_cap_ppm, slippage_tier_ppm(margin))
    found = Score(
        gross=gross,
        loan_fee=loan_fee,
        gas=gas,
        net=gross - loan_fee - gas,
        gas_units=units,
        hop_slippage_ppm=each,
        slippage_ppm=total,
        slippage_limit_ppm=limit,
        size_percent=size_percent(total),
        reasons=(),
    )
    return msgspec.structs.replace(found, reasons=tuple(_failed(found, done, prices, gates)))


def _failed(found: Score, done: Round, prices: Prices, gates: Gates) -> Iterator[Reason]:
    if found.net < gates.min_profit or found.net <= 0:
        text = "it would not earn enough after loan fee and gas"
        yield _reason("ARB-001", text, dollars(gates.min_profit), dollars(found.net))
    gas_price = prices.base_fee + prices.priority_fee
    if gates.max_gas_price is not None and gas_price > gates.max_gas_price:
        yield _reason(
            "ARB-002", "gas is too dear, in wei", str(gates.max_gas_price), str(gas_price)
        )
    for number, slippage in enumerate(found.hop_slippage_ppm, 1):
        if slippage > found.slippage_limit_ppm:
            text = f"hop {number} would move its price too far, in percent"
            yield _reason("ARB-003", text, percent(found.slippage_limit_ppm), percent(slippage))
    if found.slippage_ppm > found.slippage_limit_ppm:
        text = "all hops together would move prices too far, in percent"
        limit = percent(found.slippage_limit_ppm)
        yield _reason("ARB-004", text, limit, percent(found.slippage_ppm))
    earned = found.gross - found.loan_fee
    if earned * 100 < found.gas * gates.gas_cover_percent:
        covered = mul_div_ceil(found.gas, gates.gas_cover_percent, 100)
        text = "what it earns before gas does not cover the gas well enough"
        yield _reason("ARB-005", text, dollars(covered), dollars(earned))
    if done.pool_held is not None and done.amount_in * 100 > (
        done.pool_held * gates.loan_share_percent
    ):
        text = "it would take too large a part of what the pool holds"
        most = done.pool_held * gates.loan_share_percent // 100
        yield _reason("ARB-006", text, str(most), str(done.amount_in))


def _reason(code: str, message: str, limit: str, value: str) -> Reason:
    return Reason(code=code, message=message, limit=limit, value=value)


def _worth_floor(amount: int, prices: Prices) -> int:
    """Of a loss the larger one."""
    if amount < 0:
        return -_worth_ceil(-amount, prices)
    return mul_div_floor(amount, prices.token, prices.token_unit)


def _worth_ceil(amount: int, prices: Prices) -> int:
    return mul_div_ceil(amount, prices.token, prices.token_unit)


def _compounded_ppm(each: Sequence[int]) -> int:
    """What is lost of the whole where each hop loses its share of what is left. Rounded up."""
    left = PPM
    for slippage in each:
        left = mul_div_floor(left, PPM - slippage, PPM)
    return PPM - left


def dollars(micros: int) -> str:
    """A decimal string of millionths of a dollar."""
    whole, rest = divmod(abs(micros), PPM)
    text = f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if micros < 0 else text


def percent(ppm: int) -> str:
    whole, rest = divmod(ppm, BPS)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
