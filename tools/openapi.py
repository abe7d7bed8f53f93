"""`python tools/openapi.py [--check]`: docs/openapi.json, as a server gives it."""

import json
import sys
from pathlib import Path

from omnivenue.api.openapi import document

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"


def main(argv: list[str]) -> int:
    text = json.dumps(document(), indent=1) + "\n"
    if "--check" not in argv:
        FILE.write_text(text)
        return 0
    if FILE.exists() and FILE.read_text() == text:
        return 0
    sys.stderr.write("docs/openapi.json is not what is served: run tools/openapi.py\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
