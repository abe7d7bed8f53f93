"""Random Balancer pools and requests: lopsided weights, tokens without decimals, batches that come
to a pool twice."""

from random import Random
from typing import Any

from chain import balancer
from chain.case import Case, Scene
from chain.deployed import Deployed
from chain.draw import of_bits
from chain.node import Node
from chain.rpc import Reverted

TOKENS = "ABCDE"
LEAST_WEIGHT = balancer.ONE // 100
TRIES_MAX = 20


def scene(node: Node, at: Deployed, rng: Random, count: int) -> Scene:
    decimals = [rng.choice([18, 18, 6, 8, rng.randint(0, 18)]) for _ in TOKENS]
    vault = balancer.make_vault(node, at, decimals)
    made = {
        "p1": drawn_pool(node, vault, rng, weighted),
        "p2": drawn_pool(node, vault, rng, stable),
    }
    pools = {name: pool.state for name, pool in made.items()}
    cases = list[Case]()
    for n in range(count):
        request = {"id": f"q{n}"} | (batch if rng.random() < 0.3 else single)(rng, pools)
        cases.append(Case(pools, request, balancer.quote(node, vault, made, request)))
    return Scene(pools, cases)


def drawn_pool(node: Node, vault: balancer.Vault, rng: Random, draw: Any) -> balancer.Pool:
    for _ in range(TRIES_MAX):
        try:
            return draw(node, vault, rng)
        except Reverted:
            continue  # too little in it to begin with, or an invariant that does not settle
    raise RuntimeError("no pool could be made of anything drawn")


def some_tokens(rng: Random) -> str:
    return "".join(sorted(rng.sample(TOKENS, rng.choice([2, 2, 3, 5]))))


def fee(rng: Random) -> int:
    return rng.choice([10**12, 3 * 10**15, 10**17, rng.randint(10**12, 10**17)])


def weighted(node: Node, vault: balancer.Vault, rng: Random) -> balancer.Pool:
    tokens = some_tokens(rng)
    balances = [1 + of_bits(rng, 20, rng.choice([90, 111])) for _ in tokens]
    return balancer.make_weighted(
        node, vault, tokens, balances, weights(rng, len(tokens)), fee(rng)
    )


def weights(rng: Random, count: int) -> list[int]:
    """At least a hundredth each, one together."""
    share = balancer.ONE // count
    first = rng.choice([LEAST_WEIGHT, share, balancer.ONE // 5, rng.randint(LEAST_WEIGHT, share)])
    found = [first]
    for left in range(count - 1, 1, -1):
        free = balancer.ONE - sum(found) - left * LEAST_WEIGHT
        found.append(LEAST_WEIGHT + rng.randint(0, free))
    return [*found, balancer.ONE - sum(found)]


def stable(node: Node, vault: balancer.Vault, rng: Random) -> balancer.Pool:
    """Balances of about one value, or far from it."""
    tokens = some_tokens(rng)
    value, apart = rng.randint(10**3, 10**10), rng.choice([2, 10, 1000])
    balances = [rng.randint(value, value * apart) * 10 ** vault.decimals[name] for name in tokens]
    amp = rng.choice([1, 50, 200, 5000, rng.randint(1, 5000)])
    return balancer.make_stable(node, vault, tokens, balances, amp, fee(rng))


def amount_near(rng: Random, balance: int) -> int:
    """Up to all of a balance; a weighted pool refuses more than three tenths."""
    allowed = balance * 3 // 10
    edges = [0, 1, allowed, allowed + 1, balance - 1, balance, balance + 1, 2**112, 2**256 - 1]
    within = [rng.randint(0, allowed), of_bits(rng, 1, balance.bit_length())]
    return max(0, rng.choice([*within * 9, *edges, allowed + 1, allowed]))


def balance_of(pool: dict[str, Any], token: str) -> int:
    return int(pool["balances"][pool["tokens"].index(token)])


def single(rng: Random, pools: dict[str, Any]) -> dict[str, Any]:
    kind = rng.choice(["exact_in", "exact_out"])
    name = rng.choice(sorted(pools))
    token_in, token_out = rng.sample(pools[name]["tokens"], 2)
    moved = token_in if kind == "exact_in" else token_out
    return {
        "kind": kind,
        "path": [{"pool": name, "token_in": token_in, "token_out": token_out}],
        "amount": str(amount_near(rng, balance_of(pools[name], moved))),
    }


def batch(rng: Random, pools: dict[str, Any]) -> dict[str, Any]:
    """Up to four steps, through pools that have moved; at times on what the step before gave."""
    swap_kind = rng.choice(["given_in", "given_out"])
    ends = ("asset_in", "asset_out") if swap_kind == "given_in" else ("asset_out", "asset_in")
    steps = list[dict[str, Any]]()
    before: str | None = None
    for _ in range(rng.randint(1, 4)):
        name = rng.choice(sorted(pools))
        known = pools[name]["tokens"]
        goes_on = before in known and rng.random() < 0.6
        # Rarely what is handed on is not what the step before gave: the vault refuses.
        as_told = goes_on and before and rng.random() < 0.9
        given = before if as_told and before else rng.choice(known)
        other = rng.choice([token for token in known if token != given])
        amount = 0 if goes_on else amount_near(rng, balance_of(pools[name], given) // 8)
        steps.append(
            {
                "pool": name,
                ends[0]: TOKENS.index(given),
                ends[1]: TOKENS.index(other),
                "amount": str(amount),
            }
        )
        before = other
    return {
        "kind": "balancer_batch",
        "swap_kind": swap_kind,
        "assets": list(TOKENS),
        "steps": steps,
    }
