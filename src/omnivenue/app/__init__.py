"""The composition root: puts the parts together, and is imported by none of them."""

from omnivenue.app.serve import serve

__all__ = ["serve"]
