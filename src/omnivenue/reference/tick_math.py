"""Between ticks and square roots of prices, of Uniswap V3.

Source: `getSqrtRatioAtTick` and `getTickAtSqrtRatio` of TickMath. A ratio is a Q64.96. The second
is the greatest tick whose ratio is not above the given one, and is found as that, by halving: the
contract's logarithm gives the same, faster and harder to read.
"""

TICK_MAX = 887_272
RATIO_MIN = 4_295_128_739
RATIO_MAX = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342

_ONE = 1 << 128
# 1.0001 to the power of -(2^k) / 2, in Q128.128, for k = 0..19: the contract's own constants.
_POWERS = (
    0xFFFCB933BD6FAD37AA2D162D1A594001,
    0xFFF97272373D413259A46990580E213A,
    0xFFF2E50F5F656932EF12357CF3C7FDCC,
    0xFFE5CACA7E10E4E61C3624EAA0941CD0,
    0xFFCB9843D60F6159C9DB58835C926644,
    0xFF973B41FA98C081472E6896DFB254C0,
    0xFF2EA16466C96A3843EC78B326B52861,
    0xFE5DEE046A99A2A811C461F1969C3053,
    0xFCBE86C7900A88AEDCFFC83B479AA3A4,
    0xF987A7253AC413176F2B074CF7815E54,
    0xF3392B0822B70005940C7A398E4B70F3,
    0xE7159475A2C29B7443B29C7FA6E889D9,
    0xD097F3BDFD2022B8845AD8F792AA5825,
    0xA9F746462D870FDF8A65DC1F90E061E5,
    0x70D869A156D2A1B890BB3DF62BAF32F7,
    0x31BE135F97D08FD981231505542FCFA6,
    0x9AA508B5B7A84E1C677DE54F3E99BC9,
    0x5D6AF8DEDB81196699C329225EE604,
    0x2216E584F5FA1EA926041BEDFE98,
    0x48A170391F7DC42444E8FA2,
)


def ratio_at(tick: int) -> int:
    """Rounded up from the Q128.128, so that `tick_at` of it is the tick again."""
    assert abs(tick) <= TICK_MAX
    ratio, size = _ONE, abs(tick)
    for k, power in enumerate(_POWERS):
        if size >> k & 1:
            ratio = ratio * power >> 128
    if tick > 0:
        ratio = (2**256 - 1) // ratio
    return (ratio >> 32) + bool(ratio & 0xFFFFFFFF)


def tick_at(ratio: int) -> int:
    assert RATIO_MIN <= ratio < RATIO_MAX
    low, high = -TICK_MAX, TICK_MAX - 1
    while low < high:
        middle = (low + high + 1) // 2
        if ratio_at(middle) <= ratio:
            low = middle
        else:
            high = middle - 1
    return low
