"""Solidly's stable curve without its contract's steps: what is left is found by halving.

No contract of that kind can be had as a package, so this is what the vectors of it are from. The
curve `x y (x^2 + y^2)`, cut after 18 decimals in each product, never falls where a balance grows;
so there is one least balance that keeps it, and with tokens of 18 decimals, of which there is a
whole one at least, the contract's search ends nowhere else: there, a unit moves the curve by more
than one.

    python tests/solidly_curve.py    (writes tests/vectors/solidly_stable.json)
"""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

ONE = 10**18
BPS_ONE = 10_000
PATH = Path(__file__).parent / "vectors" / "solidly_stable.json"
SEED, SCENES, CASES = 6, 10, 6
ABOUT = f"made by tests/solidly_curve.py, by halving and by no contract, seed {SEED}"


def curve(x: int, y: int) -> int:
    return x * y // ONE * (x * x // ONE + y * y // ONE) // ONE


def least(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """Of the numbers from `low` to `high`; the last one is enough."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return low


def received(reserves: tuple[int, int], fee_bps: int, token_in: int, amount: int) -> int:
    held_in, held_out = reserves[token_in], reserves[1 - token_in]
    x, kept = held_in + amount - amount * fee_bps // BPS_ONE, curve(*reserves)
    return held_out - least(0, held_out, lambda y: curve(x, y) >= kept)


def paid(reserves: tuple[int, int], fee_bps: int, token_in: int, amount: int) -> int | None:
    """The least that buys so much; None where a thousand times the reserves does not."""
    most = 1_000 * max(reserves)
    if received(reserves, fee_bps, token_in, most) < amount:
        return None
    return least(1, most, lambda each: received(reserves, fee_bps, token_in, each) >= amount)


def drawn_reserves(chance: Random) -> tuple[int, int]:
    """From a whole token on, neither more than a thousand times the other."""
    first = chance.randint(ONE, 10 ** chance.randint(19, 25))
    second = first * chance.choice([chance.randint(900, 1_100), chance.randint(1, 10**6)]) // 1_000
    return max(first, ONE), max(second, ONE)


def case(chance: Random, reserves: tuple[int, int], fee: int, number: int) -> dict[str, Any]:
    token_in, by_in = chance.randint(0, 1), chance.random() < 0.5
    held = reserves[token_in if by_in else 1 - token_in]
    amount = chance.choice([1, held // 1_000, chance.getrandbits(chance.randint(1, 60)), held // 3])
    amount = max(amount % held, 1)
    if by_in:
        ends = amount, received(reserves, fee, token_in, amount)
    else:
        amount = chance.choice([*[amount] * 5, held])  # not even all of it can be bought
        needed = paid(reserves, fee, token_in, amount) if amount < held else None
        ends = (needed, amount) if needed else None
    names = "AB"[token_in], "AB"[1 - token_in]
    path = [{"pool": "p1", "token_in": names[0], "token_out": names[1]}]
    kind = "exact_in" if by_in else "exact_out"
    request = {"id": f"q{number}", "kind": kind, "path": path, "amount": str(amount)}
    if ends is None:
        return {"request": request, "expected": "reverts"}
    told = {"amount_in": str(ends[0]), "amount_out": str(ends[1])}
    return {"request": request, "expected": told | {"hops": [{"pool": "p1"} | told]}}


def drawn() -> str:
    chance, rows = Random(SEED), list[str]()
    for _ in range(SCENES):
        reserves, fee = drawn_reserves(chance), chance.choice([0, 1, 5, 30])
        pool: dict[str, Any] = {"kind": "solidly_stable", "tokens": ["A", "B"], "fee_bps": fee}
        pool |= {"reserves": [str(reserve) for reserve in reserves], "decimals": [18, 18]}
        cases = [case(chance, reserves, fee, n) for n in range(CASES)]
        rows.append(json.dumps({"pools": {"p1": pool}, "cases": cases}, separators=(",", ":")))
    scenes = ",\n".join(rows)
    return f'{{"about": "{ABOUT}", "scenes": [\n{scenes}\n]}}\n'


if __name__ == "__main__":
    PATH.write_text(drawn())
