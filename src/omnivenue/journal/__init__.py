"""The log. Written before anything is sent, replayed to become ourselves again."""

from omnivenue.journal.archive import Filed, Place, Placed, Shelf, by_client_id, by_order, files
from omnivenue.journal.audit import Report, verify_journal
from omnivenue.journal.chain import GENESIS, Broken, Chain, UnknownSchema
from omnivenue.journal.journal import (
    FREE_FLOOR,
    Durable,
    Journal,
    JournalFailed,
    MemoryJournal,
    WrongMode,
)
from omnivenue.journal.lock import Locked, free_space, private_file, sync_folder
from omnivenue.journal.replay import (
    Differs,
    Replayed,
    apply_entry,
    decision_hash,
    fold,
    recover,
    replay,
    verify,
)
from omnivenue.journal.snapshots import load_latest, write_snapshot
from omnivenue.journal.spawn import Snapshots
from omnivenue.journal.sqlite import NotAJournal, SqliteJournal, SqliteReader

__all__ = [
    "FREE_FLOOR",
    "GENESIS",
    "Broken",
    "Chain",
    "Differs",
    "Durable",
    "Filed",
    "Journal",
    "JournalFailed",
    "Locked",
    "MemoryJournal",
    "NotAJournal",
    "Place",
    "Placed",
    "Replayed",
    "Report",
    "Shelf",
    "Snapshots",
    "SqliteJournal",
    "SqliteReader",
    "UnknownSchema",
    "WrongMode",
    "apply_entry",
    "by_client_id",
    "by_order",
    "decision_hash",
    "files",
    "fold",
    "free_space",
    "load_latest",
    "private_file",
    "recover",
    "replay",
    "sync_folder",
    "verify",
    "verify_journal",
    "write_snapshot",
]
