"""Uniswap's pools as documents. A pool whose numbers contradict one another is told as such: its
quotes would be those of no contract."""

from itertools import accumulate

from omnivenue.kernel import RATIO_MAX, RATIO_MIN, TICK_MAX, V2Pool, V3Pool, ratio_at, tick_at
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import cut
from omnivenue.wire.pools.pool_fields import PoolFields

RESERVE_MAX = 2**112 - 1
LIQUIDITY_MAX = 2**128 - 1
NET_MAX = 2**127 - 1
SPACING_MAX, SPACING_V4_MAX = 16_383, 32_767
PROTOCOL_PIPS_MAX = 1_000
TICKS_SHOWN_MAX = 10
PIPS_ONE = 1_000_000
_CONCENTRATED = ("fee_pips", "tick_spacing", "sqrt_price_x96", "tick", "liquidity", "ticks")


def read_v2(fields: PoolFields) -> V2Pool | None:
    fields.only(("kind", "tokens", "reserves", "fee_bps"))
    reserves = fields.wholes("reserves", 1, RESERVE_MAX, count=2)
    fee = fields.whole("fee_bps", 0, 9_999)
    if fee is None or len(reserves) != 2:
        return None
    return V2Pool((reserves[0], reserves[1]), fee)


def read_v3(fields: PoolFields) -> V3Pool | None:
    fields.only(("kind", "tokens", *_CONCENTRATED))
    return _concentrated(fields, 999_999, SPACING_MAX, None)


def read_v4(fields: PoolFields) -> V3Pool | None:
    """Without hooks. Pool and protocol may take all of what is paid."""
    fields.only(("kind", "tokens", *_CONCENTRATED, "protocol_fee_pips"))
    protocol = (0, 0)
    if fields.has("protocol_fee_pips"):
        listed = fields.wholes("protocol_fee_pips", 0, PROTOCOL_PIPS_MAX, count=2)
        protocol = (listed[0], listed[1]) if len(listed) == 2 else protocol
    return _concentrated(fields, PIPS_ONE, SPACING_V4_MAX, protocol)


def _concentrated(
    fields: PoolFields, fee_max: int, spacing_max: int, protocol: tuple[int, int] | None
) -> V3Pool | None:
    fee = fields.whole("fee_pips", 0, fee_max)
    spacing = fields.whole("tick_spacing", 1, spacing_max)
    price = fields.whole("sqrt_price_x96", RATIO_MIN, RATIO_MAX - 1)
    tick = fields.whole("tick", -TICK_MAX, TICK_MAX - 1)
    liquidity = fields.whole("liquidity", 0, LIQUIDITY_MAX)
    nets = _ticks(fields, spacing or 1)
    if price is not None and tick is not None:
        _price_within_tick(fields, price, tick)
    if fee is None or spacing is None or price is None or tick is None or liquidity is None:
        return None
    if nets is None:
        return None
    _sums(fields, nets, tick, liquidity)
    if fields.wrong:
        return None
    held = (tick, liquidity, tuple(nets), tuple(nets.values()))
    return V3Pool(fee, spacing, price, *held, protocol)


def _ticks(fields: PoolFields, spacing: int) -> dict[int, int] | None:
    """In order."""
    inner = fields.part("ticks")
    if inner is None:
        return None
    found: dict[int, int] = {}
    faults = 0
    for name, _ in inner.members():
        at = _tick(inner, name, spacing)
        net = inner.whole(name, -NET_MAX - 1, NET_MAX)
        if at is None or net is None:
            faults += 1
        elif at in found:
            inner.contradiction(f"tick {at} stands there twice")
            faults += 1
        else:
            found[at] = net
        if faults > TICKS_SHOWN_MAX:
            inner.contradiction("and more: too many of its ticks are wrong to tell all")
            return None
    return None if faults else dict(sorted(found.items()))


def _tick(inner: PoolFields, name: str, spacing: int) -> int | None:
    digits = name.removeprefix("-")
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= 6):
        inner.add(ErrorCode.OUT_OF_RANGE, "a tick must be a whole number", value=cut(name))
        return None
    at = int(name)
    if abs(at) > TICK_MAX:
        text = f"tick {at} must be -{TICK_MAX} to {TICK_MAX}"
        inner.add(ErrorCode.OUT_OF_RANGE, text, value=name)
        return None
    if at % spacing:
        inner.contradiction(f"tick {at} is no multiple of the tick spacing {spacing}")
        return None
    return at


def _price_within_tick(fields: PoolFields, price: int, tick: int) -> None:
    """A swap that ends on a tick from above leaves the price there and the tick below it."""
    if tick != tick_at(price) and price != ratio_at(tick + 1):
        fields.contradiction(f"the price lies in tick {tick_at(price)}, not in tick {tick}")


def _sums(fields: PoolFields, nets: dict[int, int], tick: int, liquidity: int) -> None:
    """Every position is added at one tick and taken off at another."""
    if sum(nets.values()):
        fields.contradiction("the liquidity of its ticks does not sum to zero")
    if not all(0 <= total <= LIQUIDITY_MAX for total in accumulate(nets.values())):
        fields.contradiction("the liquidity of its ticks falls below zero or exceeds 2^128 - 1")
    here = sum(net for at, net in nets.items() if at <= tick)
    if here != liquidity:
        fields.contradiction(f"its ticks add up to a liquidity of {here}, not {liquidity}")
