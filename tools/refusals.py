"""`python tools/refusals.py [--check]`: docs/refusals.md, printed from the tables that refuse."""

import sys
from pathlib import Path

from generated import keep
from omnivenue.oms import Unfit
from omnivenue.risk import Rule
from omnivenue.wire import ErrorCode

PAGE = Path(__file__).parents[1] / "docs" / "refusals.md"

HEAD = """\
# Every refusal

Printed from the tables in `risk/rules.py`, `oms/unfit.py` and `wire/errors.py` by
`python tools/refusals.py`; `make check` compares. A refusal names every rule that failed, each with
its code, the sentence below, and its limit and value where it has them; codes never change their
meaning.

## Risk: journaled, the key is used

| code | HTTP | name | what you read | `limit` | `value` |
|---|---|---|---|---|---|
"""
ORDERS = """
## Orders: journaled, the key is used, 422

| code | what you read | `limit` | `value` |
|---|---|---|---|
"""
DOOR = """
## The door: not journaled, the key stays unused

What is wrong with a text is said in a sentence of its own, which names the field and what would be
right.

| code | HTTP | name |
|---|---|---|
"""


def page() -> str:
    risk = "".join(
        f"| {r.code} | {r.status} | {r.title} | {r.sentence} | {r.limit_is} | {r.value_is} |\n"
        for r in Rule
    )
    orders = "".join(f"| {u.code} | {u.sentence} | {u.limit_is} | {u.value_is} |\n" for u in Unfit)
    door = "".join(
        f"| {e.code} | {e.status} | {e.name.lower().replace('_', ' ')} |\n" for e in ErrorCode
    )
    return HEAD + risk + ORDERS + orders + DOOR + door


def main(argv: list[str]) -> int:
    return keep(PAGE, page(), argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
