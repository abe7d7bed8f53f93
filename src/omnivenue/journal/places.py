"""All orders that have ever left State, by their places: so that a list reads one page of them.

Written in the commit that files them; the archive tells the same, so what a program of before there
was this table has filed, is noted at the next start. How far that has come stands in a row of its
own, before all places.
"""

from collections.abc import Iterable, Sequence
from typing import cast

import apsw
import msgspec

from omnivenue.engine import decode_archived
from omnivenue.journal.archive import Place, places
from omnivenue.journal.chain import Broken

CREATE = """
CREATE TABLE IF NOT EXISTS archive_place (
    seq INTEGER NOT NULL, order_id TEXT NOT NULL, id INTEGER NOT NULL,
    PRIMARY KEY (seq, order_id)
) STRICT, WITHOUT ROWID;
"""

AFTER = (
    "SELECT seq, order_id, id FROM archive_place WHERE (seq, order_id) > (?, ?) "
    "ORDER BY seq, order_id LIMIT ?"
)

_NOTE = "INSERT OR REPLACE INTO archive_place VALUES (?, ?, ?)"
_BATCH = 1_000

type Family = tuple[int, Iterable[Place]]
"""The number that it is filed by, and the places of its orders."""


def note(cursor: apsw.Cursor, filed: Sequence[Family]) -> None:
    """In numbers that go up, up to the last there is. Within the transaction that files them."""
    rows = [(*place, number) for number, found in filed for place in found]
    cursor.executemany(_NOTE, [*rows, (-1, "", filed[-1][0])])


def catch_up(db: apsw.Connection) -> None:
    """A thousand at a time: a start that is interrupted goes on from there. Raises Broken."""
    cursor = db.cursor()
    query = "SELECT id, content FROM archive WHERE id > ? ORDER BY id LIMIT ?"
    while rows := cursor.execute(query, (_noted(cursor), _BATCH)).fetchall():
        found = cast("list[tuple[int, bytes]]", rows)
        filed = [(number, _places(number, content)) for number, content in found]
        with db:
            note(cursor, filed)


def _places(number: int, content: bytes) -> tuple[Place, ...]:
    try:
        return places(decode_archived(content))
    except msgspec.DecodeError as exc:
        raise Broken(f"number {number} of the archive cannot be read: {exc}") from exc


def _noted(cursor: apsw.Cursor) -> int:
    rows = cursor.execute("SELECT id FROM archive_place WHERE seq = -1").fetchall()
    return cast(int, rows[0][0]) if rows else 0
