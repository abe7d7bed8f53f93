"""The contracts' answers through the reference, where the session itself asks the compiled one."""

import os
import subprocess
import sys

import pytest

from omnivenue import kernel
from tidy.sources import ROOT


@pytest.mark.covers("D1")
@pytest.mark.skipif(
    not kernel.IS_COMPILED, reason="the compiled kernel is not built here: there is only one to ask"
)
def test_the_reference_answers_as_the_contracts_do() -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/reference/test_vectors.py",
        ],
        cwd=ROOT,
        env=os.environ | {"OMNIVENUE_KERNEL": "reference"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
    assert "quotes came from the reference kernel" in ran.stdout
