"""Which kernel runs where the compiled one is not as it should be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tidy.sources import ROOT

ASK = "from omnivenue import kernel; print(kernel.NAME, kernel.WHY_REFERENCE); kernel.V2Pool"


def told(found_first: Path) -> str:
    path = os.pathsep.join((str(found_first), str(ROOT / "src")))
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("OMNIVENUE_KERNEL", None)
    words = [sys.executable, "-c", ASK]
    return subprocess.run(
        words, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise ImportError('no such symbol')", "cannot be loaded (no such symbol); make clean"),
        ("class V2Pool: pass", "of another version, without CurvePool, PoolGraph"),
    ],
)
def test_a_compiled_kernel_that_does_not_fit_is_not_used(
    tmp_path: Path, text: str, why: str
) -> None:
    (tmp_path / "omnivenue_kernel.py").write_text(text)
    said = told(tmp_path)
    assert said.startswith("reference the compiled one ")
    assert why in said
