"""Of every session: it says which kernel ran, since the same tests are to pass with either."""

import pytest

from omnivenue import kernel


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    why = "" if kernel.WHY_REFERENCE is None else f" ({kernel.WHY_REFERENCE})"
    terminalreporter.write_line(f"quotes came from the {kernel.NAME} kernel{why}")
