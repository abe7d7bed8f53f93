"""Which venues an order goes to, and how much of it to each; which round of swaps is worth sending.
Pure: books and quotes in, legs and scores out."""

from omnivenue.route.arbitrage import Gates, HopQuote, Prices, Round, Score, score
from omnivenue.route.candidates import candidates, is_alike, is_smart, meant
from omnivenue.route.chain_terms import ChainTerms, default_terms
from omnivenue.route.division import Effort
from omnivenue.route.pool_market import PoolMarket
from omnivenue.route.priced import Priced, Wanted, expected_slippage_ppm, priced
from omnivenue.route.round_gas import SwapKind, next_base_fee, round_gas
from omnivenue.route.split import Leg, Offer, Split, is_too_little, resting_place, split

__all__ = [
    "ChainTerms",
    "Effort",
    "Gates",
    "HopQuote",
    "Leg",
    "Offer",
    "PoolMarket",
    "Priced",
    "Prices",
    "Round",
    "Score",
    "Split",
    "SwapKind",
    "Wanted",
    "candidates",
    "default_terms",
    "expected_slippage_ppm",
    "is_alike",
    "is_smart",
    "is_too_little",
    "meant",
    "next_base_fee",
    "priced",
    "resting_place",
    "round_gas",
    "score",
    "split",
]
