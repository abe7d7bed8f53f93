"""One question to both kernels, and whether anybody could tell them apart by the answers.

python tests/kernel/compare.py --count N --seed S    (`make kernel-diff`)
"""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from random import Random
from typing import Any

from kernel.draw import KINDS, Drawn, Question, draw_pool, draw_question
from omnivenue import reference
from omnivenue.reference import QuoteError


def fields_of(pool: Any) -> tuple[Any, ...]:
    names: dict[str, object] = pool.__dataclass_fields__
    return (type(pool).__name__, *(getattr(pool, name) for name in names))


def counterpart(kernel: Any, pool: Any) -> Any:
    """The same pool of another kernel."""
    kind, *fields = fields_of(pool)
    return getattr(kernel, kind)(*fields)


def outcome(ask: Callable[[], Any]) -> tuple[Any, ...]:
    """An answer taken apart as far as Python's own values, or the code of the error."""
    try:
        done: Any = ask()
    except QuoteError as error:
        return ("refused", error.code)
    if hasattr(done, "after"):
        told = (done.amount_in, done.amount_out, done.ticks_crossed, done.is_partial)
        return (*told, fields_of(done.after))
    return (done[0], fields_of(done[1]))


def asked(pool: Any, question: Question) -> tuple[Any, ...]:
    token_in, token_out, amount, limit, by_in = question
    return outcome(lambda: pool.swap(token_in, token_out, amount, limit, by_in=by_in))


def asked_shortly(pool: Any, question: Question) -> tuple[Any, ...]:
    ask = pool.exact_in if question.by_in else pool.exact_out
    return outcome(lambda: ask(question.token_in, question.token_out, question.amount))


def is_of_no_contract(drawn: Drawn, question: Question) -> bool:
    """What is to be paid for an exact output of Curve's is our own inverse. Where a coin has all
    but gone, get_dy is far from monotone, and the two kernels look for it in different ways."""
    if drawn.kind != "CurvePool" or question.by_in:
        return False
    held = drawn.fields["balances"]
    return max(held) > 10**6 * min(held) or min(held) < 10**6


def difference(kernel: Any, drawn: Drawn, question: Question) -> str | None:
    """None where there is none. The state after the swap is asked the same again."""
    ours, theirs = drawn.of(kernel), drawn.of(reference)
    if fields_of(ours) != fields_of(theirs):
        return f"{drawn}: has {fields_of(ours)}"
    if is_of_no_contract(drawn, question):
        return _too_little(ours, theirs, question)
    for ask in (asked, asked_shortly):
        expected, got = ask(theirs, question), ask(ours, question)
        if expected != got:
            return f"{theirs!r}\n{question}\nthe reference: {expected}\nwe: {got}"
    if expected[0] == "refused" or (drawn.kind == "CurvePool" and not question.by_in):
        return None  # of Curve's, it may be a pool of which nearly all is gone
    after_ours, after_theirs = (_after(pool, question) for pool in (ours, theirs))
    expected, got = asked(after_theirs, question), asked(after_ours, question)
    return None if expected == got else f"{after_theirs!r}\n{question}\n{expected}\n{got}"


def differences(kernel: Any, kind: str, count: int, seed: int) -> list[str]:
    """Of so many pools and questions, those that the two answer differently."""
    chance = Random(f"{kind} {seed}")
    found: list[str] = []
    for _ in range(count):
        drawn = draw_pool(chance, kind)
        why = difference(kernel, drawn, draw_question(chance, drawn))
        found += [] if why is None else [why]
    return found


def _too_little(ours: Any, theirs: Any, question: Question) -> str | None:
    """Where it answers, the reference agrees that so much buys what was asked for."""
    token_in, token_out, amount, _, _ = question
    got = asked_shortly(ours, question)
    if got[0] == "refused":
        return None
    bought = theirs.exact_in(token_in, token_out, got[0])[0]
    return None if bought >= amount else f"{theirs!r}\n{question}\n{got[0]} buys {bought}"


def _after(pool: Any, question: Question) -> Any:
    ask = pool.exact_in if question.by_in else pool.exact_out
    return ask(question.token_in, question.token_out, question.amount)[1]


def main() -> int:
    """1 where some question was answered differently."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked, failed = parser.parse_args(), False
    try:
        kernel: Any = import_module("omnivenue_kernel")
    except ImportError:
        print("the compiled kernel is not installed: make setup, with cargo there", file=sys.stderr)
        return 1
    for kind in KINDS:
        found = differences(kernel, kind, asked.count, asked.seed)
        print(f"{kind}: {len(found)} differences of {asked.count}")
        print(*found[:3], sep="\n", end="\n" if found else "")
        failed |= bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
