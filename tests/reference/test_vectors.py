"""What the contracts answered, against what the kernel says: no unit of difference, and an error
wherever they revert."""

import pytest

from chain.case import REVERTS, differences
from chain.kinds import KINDS
from chain.vectors import load


@pytest.mark.covers("D1")
@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_the_contracts(kind: str):
    found = [each for scene in load(kind) for each in differences(scene, KINDS[kind].answer)]
    assert not found, found[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_contracts_answered_both_ways(kind: str):
    """A set of reverts alone, or of none, would show half."""
    cases = [case for scene in load(kind) for case in scene.cases]
    reverts = sum(case.expected == REVERTS for case in cases)
    assert len(cases) >= 100
    assert 0 < reverts < len(cases) // 2
