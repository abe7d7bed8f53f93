"""Venues. One folder each; all of them look the same from here."""

from omnivenue.venue.protocol import Deliver, Overloaded, Venue

__all__ = ["Deliver", "Overloaded", "Venue"]
