"""The chains that are known by themselves, each with the id that transactions are signed for."""

_TABLE = """
    ETHEREUM  1      OPTIMISM   10     BSC    56     POLYGON  137    OPBNB  204
    FANTOM    250    ZKSYNC     324    MANTLE 5000   BASE     8453   ARBITRUM 42161
    CELO      42220  AVALANCHE  43114  LINEA  59144  BLAST    81457  SCROLL 534352
"""
_WORDS = _TABLE.split()

CHAIN_IDS = {name: int(number) for name, number in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
