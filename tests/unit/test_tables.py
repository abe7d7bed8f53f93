"""The read tables: at whatever entry they stand, they hold what the API would have shown there."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, get_args

import apsw
import msgspec
import pytest
from msgspec.structs import replace

from journals import written
from omnivenue.api import named
from omnivenue.api.status_words import REJECTED
from omnivenue.api.tables import (
    NotTables,
    Overtaken,
    Progress,
    Projection,
    TablesFile,
    read_progress,
    rebuild,
    touched,
)
from omnivenue.api.tables.file import Batch
from omnivenue.api.tables.projection import Elsewhere
from omnivenue.api.tables.rows import EXTERNAL_SDK
from omnivenue.api.view import order_row
from omnivenue.api.view_rows import position_rows
from omnivenue.api.whole import ids, whole
from omnivenue.engine import State, evict
from omnivenue.journal import (
    Chain,
    MemoryJournal,
    NotAJournal,
    SqliteJournal,
    apply_entry,
    write_snapshot,
)
from omnivenue.message import Command, Event, Twap, decode_entry
from omnivenue.model import SECOND, ClOrdID, Nanos, OrderID, exponent, parse_decimal
from omnivenue.runtime import Books
from scene import Desk, buy
from sim.loop import CheckedLoop
from sim.test_composites import ask
from sim.world import Day

MODE, NOW = "paper", Nanos(1)
SEEDS = range(12)
SCRIPT = [0, 3, 1, 2, 4, 6, 3, 5, 8, 0, 7, 3, 1, 6] * 6

type Rows = dict[str, dict[str, Any]]


class Written:
    """A folder with tables, and somebody who asks them in SQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = apsw.Connection(str(folder / "views.db"), apsw.SQLITE_OPEN_READONLY)

    def rows(self, query: str, *values: str | int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for row in (cursor := self._db.execute(query, values)):
            names = [column[0] for column in cursor.get_description()]
            found.append(dict(zip(names, row, strict=True)))
        return found

    @property
    def everything(self) -> list[list[dict[str, Any]]]:
        orders = self.rows("SELECT * FROM unified_orders ORDER BY operation_id")
        positions = self.rows("SELECT * FROM unified_positions ORDER BY canonical_id")
        key = "ORDER BY account, strategy_id, canonical_id"
        parts = self.rows("SELECT * FROM strategy_positions " + key)
        progress = self.rows("SELECT mode, seq, head, at FROM views_progress")
        return [orders, positions, parts, progress]


class Reference:
    """The API's rows at an entry, by asking for all of them; of what has left, as it left."""

    def __init__(self) -> None:
        self.state, self.chain = State(), Chain(0)
        self._seen: Rows = {}

    def go_on(self, lines: list[bytes]) -> None:
        for line in lines:
            entry = decode_entry(line)
            if any(type(command).__name__ == "Evict" for command in entry.commands):
                self._look()
            apply_entry(self.state, entry)

    def orders(self) -> Rows:
        self._look()
        return self._seen

    def positions(self) -> Rows:
        rows = position_rows(self.state, Books(), NOW)
        return {"/".join(key): _builtin(row) for key, row in rows}

    def _look(self) -> None:
        for order_id, found in ids(self.state):
            row = order_row(self.state, whole(self.state, found), MODE)
            self._seen[order_id] = _builtin(row)


def _builtin(row: Any) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(row))


def as_the_api(row: dict[str, Any]) -> dict[str, Any]:
    """An order of the table, in the API's words."""
    rest = json.loads(row["metadata"])
    reason = row["rejection_reason"] if row["status"] == REJECTED else row["error_message"]
    assert reason == rest["reason"]
    return rest | {
        "id": row["operation_id"],
        "instrument": row["canonical_id"],
        "venue": row["venue"],
        "venue_order_id": row["venue_order_id"],
        "status": row["status"],
        "side": row["side"].lower(),
        "qty": row["quantity"],
        "price": row["price"],
        "fills": json.loads(row["fills"]),
        "strategy_id": row["strategy_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "type": row["order_type"],
        "tif": row["time_in_force"],
        "account": row["account"],
        "parent_id": row["parent_id"],
        "cum_qty": row["filled_quantity"],
        "avg_px": row["average_price"],
        "algo": _algo(row),
    }


def _algo(row: dict[str, Any]) -> dict[str, Any] | None:
    name, params = row["exec_algorithm"], row["exec_algorithm_params"]
    return None if name is None else {"name": name, **json.loads(params)}


def check(tables: Written, reference: Reference) -> None:
    orders = tables.rows("SELECT * FROM unified_orders")
    assert {row["operation_id"]: as_the_api(row) for row in orders} == reference.orders()
    assert all((row["venue_type"], row["operation"]) == (EXTERNAL_SDK, "trade") for row in orders)
    parts = tables.rows("SELECT * FROM strategy_positions")
    found = {f"{p['account']}/{p['strategy_id']}/{p['canonical_id']}": p for p in parts}
    wanted = reference.positions()
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        told = [found[key][c] for c in ("side", "quantity", "average_entry_price", "realized_pnl")]
        assert told == [row["side"], row["qty"], row["avg_px"], row["realized_pnl"]]


def check_sums(tables: Written, state: State) -> None:
    """What stands under an instrument comes to what stands for it."""
    for row in tables.rows("SELECT * FROM unified_positions"):
        query = "SELECT * FROM strategy_positions WHERE canonical_id = ?"
        parts = tables.rows(query, row["canonical_id"])
        signed = {"long": 1, "short": -1, "flat": 0}
        instrument = state.instruments[row["canonical_id"]]
        base, cash = exponent(instrument.qty_asset), exponent(instrument.cash)
        qty = sum(signed[p["side"]] * parse_decimal(p["quantity"], base) for p in parts)
        assert _signed(row["aggregated_quantity"], base) == qty
        assert row["base_asset"] == instrument.base
        assert json.loads(row["venue_positions"]) == {
            instrument.venue_id: row["aggregated_quantity"]
        }
        assert json.loads(row["venue_types"]) == {instrument.venue_id: EXTERNAL_SDK}
        for column in ("realized_pnl", "unrealized_pnl"):
            if row[column] is not None:
                assert _signed(row[column], cash) == sum(_signed(p[column], cash) for p in parts)


def _signed(text: str, digits: int) -> int:
    return parse_decimal(text.lstrip("-"), digits) * (-1 if text.startswith("-") else 1)


class Unchecked(CheckedLoop):
    """Its checkers know that nothing leaves State on so short a day, and here it does."""

    def on_open(self) -> None:
        super().on_open()
        self.checkers = ()


def day(seed: int, monkeypatch: pytest.MonkeyPatch) -> MemoryJournal:
    """One on which much goes wrong, and what is over soon leaves State. Some orders are over venues
    and over time."""
    monkeypatch.setattr(evict, "KEEP", Nanos(5 * SECOND))
    found, random = Day(seed, Unchecked), Random(f"whole {seed}")
    for n in range(3):
        ask(found, random, n)
    found.run()
    return MemoryJournal(MODE, found.disk)


@pytest.mark.covers("O1", "O2", "O4", "O6", "O7")
@pytest.mark.parametrize("seed", SEEDS)
def test_at_every_entry_the_tables_are_what_the_api_showed(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, random, reference = day(seed, monkeypatch), Random(seed), Reference()
    file = TablesFile(tmp_path, MODE)
    projection, progress = Projection(journal, MODE), file.progress()
    tables = Written(tmp_path)
    while batch := projection.fold(random.randrange(1, 80)):
        reference.go_on(list(journal.lines(progress.seq + 1))[: batch.seq - progress.seq])
        progress = file.write(batch, progress, batch.seq + 3, NOW)
        assert (progress.seq, progress.behind) == (batch.seq, 3)
        check(tables, reference)
        check_sums(tables, reference.state)
    assert progress.seq == len(list(journal.lines())) - 1


def test_an_algorithm_stands_in_the_row_of_its_order(tmp_path: Path) -> None:
    desk = Desk()
    algo = Twap(horizon=Nanos(10 * SECOND), interval=Nanos(SECOND // 2))
    desk.tell(replace(buy("i", lots=100), algo=algo))
    projection, file = Projection(desk.journal, MODE), TablesFile(tmp_path, MODE)
    batch = projection.fold()
    assert batch
    file.write(batch, file.progress(), batch.seq, NOW)
    whole, part = Written(tmp_path).rows("SELECT * FROM unified_orders ORDER BY operation_id")
    assert _algo(whole) == {"name": "twap", "horizon_secs": 10, "interval_secs": "0.5"}
    assert (part["parent_id"], _algo(part), part["exec_algorithm_params"]) == ("i", None, None)


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_goes_on_from_the_tables_comes_to_the_same(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of many processes ends after a few entries, with or without a snapshot to begin at."""
    journal, random = day(seed, monkeypatch), Random(seed)
    one, many = tmp_path / "one", tmp_path / "many"
    for folder in (one, many):
        folder.mkdir()
    at_once = Projection(journal, MODE)
    file = TablesFile(one, MODE)
    while batch := at_once.fold():
        file.write(batch, file.progress(), batch.seq, NOW)
    while True:
        file = TablesFile(many, MODE)
        progress, projection = file.progress(), Projection(journal, MODE)
        projection.resume(progress, many / "snapshots")
        batch = projection.fold(random.randrange(1, 60))
        if batch is None:
            break
        if random.randrange(3):  # else it is killed before it has written
            file.write(batch, progress, batch.seq, NOW)
        file.close()
        _snapshot_now_and_then(journal, many / "snapshots", random)
    assert Written(many).everything == Written(one).everything


def _snapshot_now_and_then(journal: MemoryJournal, folder: Path, random: Random) -> None:
    """Also ahead of where the tables stand: such a one is of no use, and must not be used."""
    if random.randrange(4) == 0:
        state, chain = State(), Chain(0)
        count = random.randrange(1, len(list(journal.lines())))
        for entry in chain.check(list(journal.lines())[:count]):
            apply_entry(state, entry)
        write_snapshot(folder, state, chain)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """With a journal of some orders in it."""
    journal = SqliteJournal(tmp_path, MODE)
    written(SCRIPT, journal)
    journal.close()
    yield tmp_path / MODE


def test_tables_made_anew_are_those_written_behind(home: Path) -> None:
    progress = rebuild(home, MODE, NOW)
    before = Written(home).everything
    assert progress.behind == 0
    assert len(before[0]) > 5
    db = apsw.Connection(str(home / "views.db"))
    db.execute("DELETE FROM unified_orders WHERE status = 'FILLED'")
    db.execute("UPDATE unified_orders SET quantity = '7'")
    db.execute("INSERT INTO unified_positions VALUES ('x', '', '', '', '', '', '', '', '', '')")
    db.close()
    assert Written(home).everything != before
    assert rebuild(home, MODE, NOW) == progress
    assert Written(home).everything == before


def test_who_reads_meanwhile_sees_the_old_tables_until_all_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild(home, MODE, NOW)
    tables = Written(home)
    before, seen = tables.everything, list[bool]()
    write = TablesFile.write

    def watched(self: TablesFile, *given: Any) -> Progress:
        done = write(self, *given)
        seen.append(tables.everything == before)
        return done

    monkeypatch.setattr(TablesFile, "write", watched)
    rebuild(home, MODE, NOW)
    assert seen == [True] * len(seen) != []


def test_a_rebuild_that_fails_leaves_what_was_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild(home, MODE, NOW)
    before = Written(home).everything

    def fails(*given: Any) -> Progress:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TablesFile, "write", fails)
    with pytest.raises(OSError, match="No space"):
        rebuild(home, MODE, NOW)
    assert Written(home).everything == before


def empty_batch(seq: int) -> Batch:
    return Batch(seq=seq, head="h", at=NOW, orders=(), positions=(), parts=())


def test_of_two_who_write_one_finds_itself_overtaken(tmp_path: Path) -> None:
    one, other = TablesFile(tmp_path, MODE), TablesFile(tmp_path, MODE)
    start = one.progress()
    assert start == other.progress()
    assert one.write(empty_batch(4), start, 4, NOW).seq == 4
    with pytest.raises(Overtaken):
        other.write(empty_batch(5), start, 5, NOW)
    with pytest.raises(Overtaken):
        other.looked(start, 9, NOW)
    assert other.progress().seq == 4


def test_nothing_of_a_batch_that_fails_is_there(tmp_path: Path) -> None:
    file = TablesFile(tmp_path, MODE)
    row = ("A", "BTC", "1", "{}", "{}", None, None, None, "0", "now")
    batch = msgspec.structs.replace(empty_batch(3), positions=(row,), parts=(("too", "short"),))
    with pytest.raises(apsw.Error):
        file.write(batch, file.progress(), 3, NOW)
    assert file.progress().seq == -1
    assert file.write(empty_batch(3), file.progress(), 3, NOW) == read_progress(tmp_path)
    assert Written(tmp_path).rows("SELECT * FROM unified_positions") == []


def test_it_says_that_somebody_looked_where_nothing_is_new(tmp_path: Path) -> None:
    file = TablesFile(tmp_path, MODE)
    assert file.progress().looked_at is None
    progress = file.looked(file.progress(), 7, NOW)
    assert (progress.seq, progress.journal_seq, progress.behind) == (-1, 7, 8)
    assert progress.looked_at == "1970-01-01T00:00:00.000000001Z"
    assert read_progress(tmp_path) == progress


def test_tables_of_another_journal_are_not_gone_on_with(home: Path) -> None:
    rebuild(home, MODE, NOW)
    progress = read_progress(home)
    assert progress is not None
    other = MemoryJournal(MODE)
    written(SCRIPT[::-1], other)
    with pytest.raises(Elsewhere):
        Projection(other, MODE).resume(progress)
    with pytest.raises(Elsewhere):
        Projection(MemoryJournal(MODE), MODE).resume(progress)


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0 torn"])
def test_what_is_no_table_of_ours_is_said_and_made_anew(home: Path, content: bytes) -> None:
    (home / "views.db").write_bytes(content)
    with pytest.raises(NotTables):
        TablesFile(home, MODE)
    assert read_progress(home) is None
    assert rebuild(home, MODE, NOW).behind == 0
    assert (home / "views.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("sql", ["DROP TABLE views_progress", "DELETE FROM views_progress"])
def test_tables_that_do_not_say_how_far_they_go_are_made_anew(home: Path, sql: str) -> None:
    rebuild(home, MODE, NOW)
    before = Written(home).everything
    db = apsw.Connection(str(home / "views.db"))
    db.execute(sql)
    db.close()
    with pytest.raises(NotTables):
        TablesFile(home, MODE)
    rebuild(home, MODE, NOW)
    assert Written(home).everything == before


def test_tables_that_cannot_even_be_emptied_are_made_anew(home: Path) -> None:
    """A page in the middle is gone: the file can be opened, and says how far it goes."""
    rebuild(home, MODE, NOW)
    before, path = Written(home).everything, home / "views.db"
    db = apsw.Connection(str(path))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(4096))
    tables = TablesFile(home, MODE)
    assert tables.progress().behind == 0
    with pytest.raises(NotTables):
        tables.empty()
    tables.close()
    assert rebuild(home, MODE, NOW).behind == 0
    assert Written(home).everything == before


@pytest.mark.parametrize("is_another_there", [False, True])
def test_a_file_that_was_taken_away_is_not_written_on(home: Path, is_another_there: bool) -> None:
    rebuild(home, MODE, NOW)
    tables = TablesFile(home, MODE)
    start = tables.progress()
    (home / "views.db").unlink()
    if is_another_there:
        rebuild(home, MODE, NOW)
    with pytest.raises(Overtaken):
        tables.looked(start, start.journal_seq, NOW)
    with pytest.raises(Overtaken):
        tables.write(empty_batch(9), start, 9, NOW)


def test_tables_of_another_layout_begin_anew(home: Path) -> None:
    rebuild(home, MODE, NOW)
    db = apsw.Connection(str(home / "views.db"))
    db.pragma("user_version", 99)
    db.close()
    assert TablesFile(home, MODE).progress().seq == -1


def test_tables_of_another_mode_are_refused(home: Path) -> None:
    rebuild(home, MODE, NOW)
    with pytest.raises(NotTables, match="mode paper, not live"):
        TablesFile(home, "live")


def test_without_a_journal_there_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(NotAJournal):
        rebuild(tmp_path, MODE, NOW)
    assert read_progress(tmp_path) is None
    assert not (tmp_path / "views.db").exists()


COLUMNS = """
    operation_id canonical_id venue venue_type venue_order_id status side quantity price fills
    strategy_id created_at updated_at
    order_type time_in_force exec_algorithm exec_algorithm_params rejection_reason error_message
    operation expected_deltas atomic_group_id sequence_in_group tx_hash gas_used gas_price_gwei
    contract_address source_token target_token max_slippage odds selection potential_payout
    source_venue target_venue metadata
"""
POSITION_COLUMNS = """
    canonical_id base_asset aggregated_quantity venue_positions venue_types average_entry_price
    current_price unrealized_pnl realized_pnl updated_at
"""


@pytest.mark.covers("O4", "O7")
def test_the_columns_are_those_that_others_have_queries_for(tmp_path: Path) -> None:
    TablesFile(tmp_path, MODE).close()
    tables = Written(tmp_path)

    def columns(table: str) -> set[str]:
        return {row["name"] for row in tables.rows("SELECT name FROM pragma_table_info(?)", table)}

    assert columns("unified_orders") >= set(COLUMNS.split())
    assert columns("unified_positions") == set(POSITION_COLUMNS.split())
    assert columns("views_progress") >= {"seq", "journal_seq", "looked_at"}


@pytest.mark.parametrize(
    "condition",
    [
        "status = ?",
        "status = ? AND strategy_id = 'x'",
        "venue = 'x' AND status = ?",
        "canonical_id = ?",
        "strategy_id = ?",
        "created_at > ?",
        "operation = ?",
        "atomic_group_id = ?",
        "tx_hash = ?",
    ],
)
def test_what_is_often_asked_has_an_index(condition: str, tmp_path: Path) -> None:
    TablesFile(tmp_path, MODE).close()
    plan = "EXPLAIN QUERY PLAN SELECT * FROM unified_orders WHERE "
    (row,) = Written(tmp_path).rows(plan + condition, "x")
    assert "USING INDEX" in row["detail"]


QUIET = {"Evict", "QueryOrders"}
"""They name orders, and change nothing that a row shows: one lets go of them, one asks."""

NAMES = {ClOrdID, OrderID, tuple[ClOrdID, ...], tuple[OrderID, ...]}


def kinds_that_name_orders() -> list[str]:
    kinds = (*get_args(Command.__value__), *get_args(Event.__value__))
    flat = [k for kind in kinds for k in get_args(getattr(kind, "__value__", kind)) or (kind,)]
    return sorted(
        {k.__name__ for k in flat if NAMES & {f.type for f in msgspec.structs.fields(k)}} - QUIET
    )


@pytest.mark.parametrize("name", kinds_that_name_orders())
def test_no_message_that_names_an_order_is_overlooked(name: str) -> None:
    texts = (Path(each.__file__ or "").read_text() for each in (named, touched))
    bodies = [text.partition("\nclass ")[2] for text in texts]
    if name in {"CancelInstructed", "ReplaceInstructed"}:
        return  # a wish: what comes of it is a command
    assert any(f"{name}(" in body for body in bodies)
