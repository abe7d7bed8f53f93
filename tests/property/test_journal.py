"""Over generated journals: a snapshot and its tail are the whole, and no change stays unseen."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journals import ACTIONS, written
from omnivenue.engine import State, state_hash
from omnivenue.journal import (
    Broken,
    Chain,
    MemoryJournal,
    UnknownSchema,
    apply_entry,
    load_latest,
    recover,
    replay,
    verify,
    write_snapshot,
)

SCRIPTS = st.lists(st.integers(0, ACTIONS - 1), max_size=30)

# Where each byte of a line may stand. A byte of any of these may flip.
BYTE_CLASSES: dict[str, Callable[[int], bool]] = {
    "structure": lambda byte: byte in b'{}[]:,"',
    "digit": lambda byte: 48 <= byte <= 57,
    "lower": lambda byte: 97 <= byte <= 122,
    "upper": lambda byte: 65 <= byte <= 90,
    "sign": lambda byte: byte in b"-_./ ",
}


@pytest.mark.holds("I5", "I7")
@given(script=SCRIPTS)
def test_decided_again_it_is_the_same(script: list[int]) -> None:
    desk = written(script)
    lines = list(desk.journal.lines())
    expected = state_hash(desk.state)
    assert state_hash(replay(State(), lines)) == expected
    assert state_hash(verify(State(), lines)) == expected
    assert state_hash(recover(MemoryJournal("paper", lines))) == expected


@pytest.mark.holds("I5")
@settings(deadline=None)
@given(script=SCRIPTS, draw=st.data())
def test_a_snapshot_and_its_tail_are_the_whole(script: list[int], draw: st.DataObject) -> None:
    desk = written(script)
    lines = list(desk.journal.lines())
    cuts = draw.draw(st.sets(st.integers(0, len(lines)), max_size=4))
    with TemporaryDirectory() as name:
        folder = Path(name)
        state, chain = State(), Chain(0)
        for seq in range(len(lines) + 1):
            if seq in cuts:
                write_snapshot(folder, state, chain)
            for entry in chain.check(lines[seq : seq + 1]):
                apply_entry(state, entry)
        found = load_latest(folder, desk.journal)
        assert (found and found[0].seq) == max(cuts, default=None)
        assert state_hash(recover(desk.journal, folder)) == state_hash(desk.state)
        if cuts:
            newest = folder / f"{max(cuts)}.snap"
            content = newest.read_bytes()
            newest.write_bytes(content[: draw.draw(st.integers(0, len(content) - 1))])
            assert state_hash(recover(desk.journal, folder)) == state_hash(desk.state)


@pytest.mark.holds("I5")
@settings(deadline=None)
@given(script=SCRIPTS, draw=st.data())
def test_a_writer_that_comes_back_goes_on(script: list[int], draw: st.DataObject) -> None:
    """Stopped anywhere, it is who it was, and decides as if it had not been away."""
    desk = written(script)
    lines = list(desk.journal.lines())
    cut = draw.draw(st.integers(1, len(lines)))
    journal = MemoryJournal("paper", lines[:cut])
    state = recover(journal)
    for entry in Chain(0, cut, journal.head).check(lines[cut:]):
        apply_entry(state, entry)
    assert state_hash(state) == state_hash(desk.state)


@pytest.mark.holds("T02", "T05")
@pytest.mark.parametrize("where", BYTE_CLASSES)
@settings(deadline=None)
@given(script=SCRIPTS, draw=st.data())
def test_a_flipped_bit_shows(where: str, script: list[int], draw: st.DataObject) -> None:
    lines = list(written(script).journal.lines())
    whole = Chain(0)
    list(whole.check(lines))
    is_in = BYTE_CLASSES[where]
    seq = draw.draw(st.sampled_from([i for i, li in enumerate(lines) if any(map(is_in, li))]))
    line = lines[seq]
    at = draw.draw(st.sampled_from([i for i, byte in enumerate(line) if is_in(byte)]))
    flipped = bytes([line[at] ^ 1 << draw.draw(st.integers(0, 7))])
    lines[seq] = line[:at] + flipped + line[at + 1 :]
    assert shows(lines, whole)


@pytest.mark.holds("T05")
@settings(deadline=None)
@given(script=SCRIPTS, draw=st.data())
def test_a_lost_repeated_or_moved_entry_shows(script: list[int], draw: st.DataObject) -> None:
    lines = list(written(script).journal.lines())
    whole = Chain(0)
    list(whole.check(lines))
    one = draw.draw(st.integers(0, len(lines) - 2))
    other = draw.draw(st.integers(one + 1, len(lines) - 1))
    swapped = list(lines)
    swapped[one], swapped[other] = lines[other], lines[one]
    for changed in (
        lines[:one] + lines[one + 1 :],
        lines[:one] + lines[other:],
        lines[:other],
        lines[:other] + lines[one:],
        swapped,
        [*lines[:one], lines[one][: draw.draw(st.integers(0, len(lines[one]) - 1))]],
    ):
        assert shows(changed, whole)


def shows(lines: list[bytes], whole: Chain) -> bool:
    """To whoever remembers the head, as the store and every snapshot do."""
    chain = Chain(0)
    try:
        for _ in chain.check(lines):
            pass
    except (Broken, UnknownSchema):
        return True
    return (chain.seq, chain.head) != (whole.seq, whole.head)
