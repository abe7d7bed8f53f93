"""The compiled kernel against the reference: nobody can tell them apart by what they answer."""

import os
import subprocess
import sys
from random import Random
from typing import Any

import pytest

from kernel.compare import differences, fields_of
from kernel.draw import KINDS, draw_pool
from omnivenue import kernel, reference

COUNT = 1_500
compiled: Any = pytest.importorskip("omnivenue_kernel", reason="the compiled kernel is not built")


@pytest.mark.covers("D1")
@pytest.mark.parametrize("kind", KINDS)
def test_both_kernels_answer_alike(kind: str) -> None:
    found = differences(compiled, kind, COUNT, seed=1)
    assert not found, f"{len(found)} of {COUNT}, the first of them:\n{found[0]}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_difference_would_be_found(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that gives a unit more, once in a while, is another."""
    pools = getattr(reference, kind)
    honest = pools.exact_in

    def generous(self: Any, token_in: int, token_out: int, amount: int) -> Any:
        out, after = honest(self, token_in, token_out, amount)
        return out + (amount % 7 == 0), after

    monkeypatch.setattr(pools, "exact_in", generous)
    assert differences(compiled, kind, COUNT // 5, seed=2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_looks_the_same(kind: str) -> None:
    drawn = draw_pool(Random(3), kind)
    ours, theirs = drawn.of(compiled), drawn.of(reference)
    assert fields_of(ours) == fields_of(theirs)
    assert repr(ours) == repr(theirs)
    assert hash(ours) == hash(theirs)
    assert ours == drawn.of(compiled)
    assert ours != theirs, "a pool of another kernel is another thing"
    with pytest.raises(AttributeError, match="nothing"):
        _ = ours.nothing
    with pytest.raises(AttributeError):
        ours.fee = 1


def test_ticks_and_ratios() -> None:
    for tick in (-887_272, -887_271, -1, 0, 1, 60, 887_271):
        ratio = reference.ratio_at(tick)
        assert compiled.ratio_at(tick) == ratio
        assert compiled.tick_at(ratio) == reference.tick_at(ratio) == tick
    assert compiled.tick_at(2**96 - 1) == -1
    for wrong in (0, reference.RATIO_MAX, -1, 2**256):
        with pytest.raises(ValueError, match=r"ratio|2\^256"):
            compiled.tick_at(wrong)


@pytest.mark.parametrize(("asked", "name"), [("reference", "reference"), ("", "compiled")])
def test_the_environment_says_which_one_runs(asked: str, name: str) -> None:
    code = "from omnivenue import kernel; print(kernel.NAME, kernel.V2Pool.__module__)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"OMNIVENUE_KERNEL": asked},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.split()[0] == name
    assert kernel.IS_COMPILED is (kernel.NAME == "compiled")
