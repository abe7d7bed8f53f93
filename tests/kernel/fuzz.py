"""`make kernel-fuzz COUNT=1000000`: whatever comes, the compiled kernel answers or says why not.

    python tests/kernel/fuzz.py --count N --seed S

Fields and arguments are what `draw` has, and now and then something that belongs there not at all.
Anything but an answer or an exception of the kinds below is a failure: a panic above all.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from random import Random
from typing import Any

from kernel.draw import EDGES, KINDS, Question, draw_pool, draw_question
from omnivenue.reference import QuoteError, Template

TYPED = (QuoteError, ValueError, TypeError, OverflowError)
NONSENSE: tuple[Any, ...] = (
    *(True, None, 1.5, "7", b"7", (), [], {}, object(), (1,), (1, 2, 3), [-1, 2], ("a", "b")),
    *(Template.BASE2, (True, False), [2**256, 1], (2**255, 2**255), -(2**63), 2**31, 2**127),
)
QUESTIONS_PER_POOL = 20


def odd(chance: Random, value: Any, share: float) -> Any:
    """The value; as often as `share` says, something else."""
    if chance.random() >= share:
        return value
    return chance.choice(chance.choice((EDGES, NONSENSE)))


def tell(ask: Callable[[], Any]) -> tuple[str, Any]:
    """How it ended, and the answer if there is one. Raises what is no typed error."""
    try:
        return "answered", ask()
    except TYPED as error:
        return type(error).__name__, None


def questions(chance: Random, pool: Any, drawn: Question) -> list[Callable[[], Any]]:
    token_in, token_out, amount, limit = (odd(chance, part, 0.05) for part in drawn[:4])
    asks: list[Callable[[], Any]] = [
        lambda: pool.exact_in(token_in, token_out, amount),
        lambda: pool.exact_out(token_in, token_out, amount),
        lambda: pool.swap(token_in, token_out, amount, limit, by_in=drawn.by_in),
    ]
    if hasattr(pool, "virtual_price_down"):
        asks += [
            pool.virtual_price_down,
            lambda: pool.token_amount_down((amount, 1), is_deposit=drawn.by_in),
            lambda: pool.withdraw_one_coin_down(amount, token_in),
        ]
    return asks


def fuzz(kernel: Any, count: int, seed: int) -> Counter[str]:
    """How so many calls ended."""
    chance, ended = Random(seed), Counter[str]()
    while ended.total() < count:
        drawn = draw_pool(chance, chance.choice(KINDS))
        fields = {name: odd(chance, value, 0.04) for name, value in drawn.fields.items()}
        how, pool = tell(lambda d=drawn, f=fields: getattr(kernel, d.kind)(**f))
        ended[how] += 1
        for _ in range(QUESTIONS_PER_POOL if pool is not None else 0):
            asks = questions(chance, pool, draw_question(chance, drawn))
            how, _ = tell(chance.choice(asks))
            ended[how] += 1
    return ended


def main() -> int:
    """1 where a call ended in what is no typed error, which is then shown by Python."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    try:
        kernel: Any = import_module("omnivenue_kernel")
    except ImportError:
        print("the compiled kernel is not installed: make setup, with cargo there", file=sys.stderr)
        return 1
    print(dict(fuzz(kernel, asked.count, asked.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
