"""What a chain costs, for planning: its own token, and what a unit of gas does where nobody has
said. A configuration says what holds today; a result shows what was counted with.
"""

from collections.abc import Mapping

import msgspec

from omnivenue.model import CHAIN_IDS

GWEI = 10**9

_NATIVE = """
    ETHEREUM WETH,ETH    OPTIMISM WETH,ETH   BSC WBNB,BNB     POLYGON WMATIC,WPOL,POL,MATIC
    OPBNB WBNB,BNB       FANTOM WFTM,FTM     ZKSYNC WETH,ETH  MANTLE WMNT,MNT
    BASE WETH,ETH        ARBITRUM WETH,ETH   CELO CELO        AVALANCHE WAVAX,AVAX
    LINEA WETH,ETH       BLAST WETH,ETH      SCROLL WETH,ETH
"""
_WORDS = _NATIVE.split()
NATIVE: Mapping[str, tuple[str, ...]] = {
    chain: tuple(names.split(",")) for chain, names in zip(_WORDS[::2], _WORDS[1::2], strict=True)
}
"""The names under which pools know it, wrapped first."""

_DOLLARS = """
    USDC 6   USDC.e 6  USDbC 6  axlUSDC 6  USDT 6   USDT.e 6  USDT0 6  PYUSD 6  GUSD 2
    DAI 18   DAI.e 18  xDAI 18  USDS 18    FRAX 18  LUSD 18   TUSD 18  BUSD 18  USDP 18
    sUSD 18  GHO 18    crvUSD 18  FDUSD 18   USDe 18  USD1 18
"""
_DOLLAR_WORDS = _DOLLARS.split()
DOLLARS = {
    name: int(decimals)
    for name, decimals in zip(_DOLLAR_WORDS[::2], _DOLLAR_WORDS[1::2], strict=True)
}
"""Stablecoins of a dollar, with their decimals."""

_FINER = {"USDC": 18, "USDT": 18}
_FINER_ON = frozenset({"BSC", "OPBNB"})
"""There the bridged ones count in 18 decimals."""


class ChainTerms(msgspec.Struct, frozen=True, kw_only=True):
    chain: str  # as the table of chains has it
    native: tuple[str, ...]
    base_fee: int  # wei a unit, of the block that it is for
    priority_fee: int
    loan_fee_bps: int = 0  # of what is borrowed; Balancer's loans are free
    dollars: Mapping[str, int] = {}  # further stablecoins, with their decimals

    @property
    def all_dollars(self) -> dict[str, int]:
        finer = _FINER if self.chain in _FINER_ON else {}
        return {**DOLLARS, **finer, **self.dollars}


BASE_FEE = PRIORITY_FEE = 30 * GWEI
"""Polygon's, where 30 gwei were the least that validators took for themselves."""


def default_terms(chain: str) -> ChainTerms:
    assert chain in CHAIN_IDS
    native = NATIVE[chain]
    return ChainTerms(chain=chain, native=native, base_fee=BASE_FEE, priority_fee=PRIORITY_FEE)
