"""What is stored of a small day, to the byte: its State, as a snapshot has it, and what has left
it, as the archive has it.

Both outlive the program that wrote them, and the entries that they are made of are recorded
(`tools/golden_day.py`), so only a change of shape changes a byte here. One that was not meant shows
before a user's next start does. One that was meant is made like this:

- Raise `FORMAT` in `journal/snapshots.py`: an older snapshot is then left aside, and the start
  folds the journal and makes another. Without that a snapshot of an older shape may be read as what
  it is not, or none be read at all.
- Teach `decode_archived` (`engine/archived.py`) the shape that was, with a test that reads a row of
  it: an archive is never made anew, so whatever was ever archived must be read for ever.
- Then write the new hashes, which these tests tell, in place of those below.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from omnivenue.engine import State, decode_archived, decode_state
from omnivenue.journal import Chain, apply_entry
from omnivenue.journal.archive import Filed, files
from omnivenue.journal.snapshots import FORMAT
from omnivenue.message import encode

DAY = Path(__file__).parents[1] / "replay" / "day-1.jsonl"
STORED = (
    b"omnivenue-snapshot-5",
    "b017fb94abf5bd63ff4f2bba1d43b325a739dc679cf559eb5f90ffe4631a42d6",
)
ARCHIVED = "132b2b61c0318c18ea370b4bf8267dc9f6041e407f01c0466f7abfcc6892841a"


def folded() -> Iterator[tuple[State, list[Filed]]]:
    """After each entry: the state, and what has just left it."""
    state = State()
    for entry in Chain(0).check(DAY.read_bytes().splitlines()):
        apply_entry(state, entry)
        yield state, files(state)


def test_the_state_is_stored_as_it_was() -> None:
    *_, (state, _) = folded()
    stored = encode(state)
    assert encode(decode_state(stored)) == stored
    assert (FORMAT, sha256(stored).hexdigest()) == STORED, "the head of this file says what to do"


def test_what_has_left_is_archived_as_it_was() -> None:
    contents = [each.content for _, left in folded() for each in left]
    assert len(contents) == 6
    assert [decode_archived(content).encoded() for content in contents] == contents
    found = [decode_archived(content) for content in contents]
    assert any(each.composites for each in found)
    assert any(each.request for each in found)
    assert any(order.fills for each in found for order in each.orders.values())
    assert sha256(b"\n".join(contents)).hexdigest() == ARCHIVED, (
        "the head of this file says what to do"
    )


def test_the_day_has_something_of_all_that_is_kept() -> None:
    """At some time of it. Else a shape could change where there is nothing to see it by."""
    names = State.__struct_fields__
    seen = {name for state, _ in folded() for name in names if getattr(state, name)}
    assert set(names) - seen == {"hedging"}
