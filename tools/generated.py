"""What is written from the code and committed: written anew, or held against the code."""

import sys
from pathlib import Path


def keep(page: Path, text: str, argv: list[str]) -> int:
    """The exit code: with --check 1 where the page is not `text`, and nothing is written."""
    if "--check" not in argv:
        page.write_text(text)
        return 0
    if page.exists() and page.read_text() == text:
        return 0
    tool = Path(sys.argv[0]).name
    sys.stderr.write(f"docs/{page.name} is not what the code says: run tools/{tool}\n")
    return 1
