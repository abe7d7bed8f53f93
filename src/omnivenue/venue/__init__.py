"""Venues. One folder each; all of them look the same from here."""

from omnivenue.venue.protocol import Capabilities, Deliver, Overloaded, Venue

__all__ = ["Capabilities", "Deliver", "Overloaded", "Venue"]
