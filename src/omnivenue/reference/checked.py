"""The contracts' checked arithmetic on words of 256 bits: what reverts there is an error here."""

from omnivenue.reference.error import QuoteError, Why

WORD_MAX = 2**256 - 1


def word(x: int) -> int:
    """`x`, where a word of the chain holds it."""
    if not 0 <= x <= WORD_MAX:
        raise QuoteError(Why.OVERFLOW)
    return x


def add(x: int, y: int) -> int:
    return word(x + y)


def sub(x: int, y: int) -> int:
    return word(x - y)


def mul(x: int, *factors: int) -> int:
    """From the left; each product on the way must fit, as in the contracts."""
    for y in factors:
        x = word(x * y)
    return x


def div_down(x: int, y: int) -> int:
    if not y:
        raise QuoteError(Why.OVERFLOW)
    return x // y


def div_up(x: int, y: int) -> int:
    if not y:
        raise QuoteError(Why.OVERFLOW)
    return -(-x // y)


def whole(x: int) -> int:
    """`x`, which is an int and nothing that acts as one: no bool, no float, no subclass."""
    if type(x) is not int:
        raise TypeError(f"an int is wanted, not {type(x).__name__}")
    return x


def pair(count: int, token_in: int, token_out: int) -> None:
    """Two different tokens of a pool that has `count`."""
    if whole(token_in) == whole(token_out) or not (
        0 <= token_in < count and 0 <= token_out < count
    ):
        raise QuoteError(Why.TOKEN)


def asked(amount: int) -> int:
    """An amount that can be asked for at all."""
    if whole(amount) == 0:
        raise QuoteError(Why.ZERO_AMOUNT)
    if not 0 < amount <= WORD_MAX:
        raise QuoteError(Why.AMOUNT_TOO_LARGE)
    return amount
