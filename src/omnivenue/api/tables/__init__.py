"""Read tables for people who ask in SQL: `<home>/<mode>/views.db`.

A projection of the journal, written behind the writer by a process of its own (`follow`), so that
whoever asks much of it slows nobody down. It lags, says by how much, and can be made anew from the
journal at any time: nothing is ever decided by it.
"""

from omnivenue.api.tables.file import NotTables, Overtaken, Progress, TablesFile, read_progress
from omnivenue.api.tables.projection import Elsewhere, Projection, rebuild

__all__ = [
    "Elsewhere",
    "NotTables",
    "Overtaken",
    "Progress",
    "Projection",
    "TablesFile",
    "read_progress",
    "rebuild",
]
