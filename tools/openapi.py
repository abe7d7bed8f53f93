"""`python tools/openapi.py [--check]`: docs/openapi.json, as a server gives it."""

import json
import sys
from pathlib import Path

from generated import keep
from omnivenue.api.openapi import document

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"


def main(argv: list[str]) -> int:
    return keep(FILE, json.dumps(document(), indent=1) + "\n", argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
