"""One question to both kernels, and whether anybody could tell them apart by the answers."""

from collections.abc import Callable
from random import Random
from typing import Any

from kernel.draw import Drawn, Question, draw_pool, draw_question
from omnivenue import reference
from omnivenue.reference import QuoteError


def fields_of(pool: Any) -> tuple[Any, ...]:
    names = type(pool).__match_args__
    return (type(pool).__name__, *(getattr(pool, name) for name in names))


def outcome(ask: Callable[[], Any]) -> tuple[Any, ...]:
    """An answer taken apart as far as Python's own values, or the code of the error."""
    try:
        done = ask()
    except QuoteError as error:
        return ("refused", error.code)
    if isinstance(done, reference.Swap):
        told = (done.amount_in, done.amount_out, done.ticks_crossed, done.is_partial)
        return (*told, fields_of(done.after))
    if isinstance(done, tuple):
        return (done[0], fields_of(done[1]))
    return (done,)


def asked(pool: Any, question: Question) -> tuple[Any, ...]:
    token_in, token_out, amount, limit, by_in = question
    return outcome(lambda: pool.swap(token_in, token_out, amount, limit, by_in=by_in))


def asked_shortly(pool: Any, question: Question) -> tuple[Any, ...]:
    ask = pool.exact_in if question.by_in else pool.exact_out
    return outcome(lambda: ask(question.token_in, question.token_out, question.amount))


def is_of_no_contract(drawn: Drawn, question: Question) -> bool:
    """What is to be paid for an exact output of Curve's is our own inverse, and where a coin has
    all but gone the two kernels look for it in different ways: get_dy is far from monotone there."""
    if drawn.kind != "CurvePool" or question.by_in:
        return False
    held = drawn.fields["balances"]
    sold_out = question.amount * 100 > 95 * held[question.token_out % len(held)]
    return sold_out or max(held) > 10**6 * min(held) or min(held) < 10**6


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
