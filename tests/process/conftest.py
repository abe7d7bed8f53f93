"""A home for each test of real processes, and an end of all that was started on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()
