"""Assets and their atoms: each is counted at one fixed exponent, everywhere and for ever.

An exponent may only be added here. To change one would give every journal another meaning.
"""

from functools import cache

from omnivenue.model.ids import AssetID

_EXPONENTS = {
    "BTC": 8,
    "ETH": 18,
    "USDT": 8,
    "USDC": 8,
    "USD": 8,
    "EUR": 8,
    "GBP": 8,
    "JPY": 8,
}

DEFAULT_EXPONENT = 18
"""What most tokens have. Finer than any exchange counts, so nothing is lost in it."""


def exponent(asset: AssetID) -> int:
    """How many decimals one atom of `asset` is away from the whole asset."""
    return _EXPONENTS.get(asset, DEFAULT_EXPONENT)


@cache
def unit(asset: AssetID) -> int:
    """Atoms in one whole asset."""
    return 10 ** exponent(asset)
