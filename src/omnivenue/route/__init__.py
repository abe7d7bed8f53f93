"""Which venues an order goes to, and how much of it to each. Pure: books in, legs out."""

from omnivenue.route.candidates import candidates, is_alike, is_smart, meant
from omnivenue.route.split import Leg, Offer, Split, is_too_little, resting_place, split

__all__ = [
    "Leg",
    "Offer",
    "Split",
    "candidates",
    "is_alike",
    "is_smart",
    "is_too_little",
    "meant",
    "resting_place",
    "split",
]
