"""Curve's StableSwap pools as documents. The template says how many coins there are, and how finely
A is counted."""

from omnivenue.kernel import CurvePool, Template
from omnivenue.wire.pools.pool_fields import WORD_MAX, PoolFields

FEE_ONE = 10**10
A_MAX = 10**6
BALANCE_MAX = 2**128 - 1
TEMPLATES = {"3pool": Template.THREE_POOL, "steth": Template.STETH, "base2": Template.BASE2}
_KNOWN = ("template", "balances", "decimals", "A", "A_precision", "fee", "admin_fee", "lp_supply")


def read_curve(fields: PoolFields, count: int) -> CurvePool | None:
    fields.only(("kind", "tokens", *_KNOWN))
    name = fields.choice("template", tuple(TEMPLATES))
    balances = fields.wholes("balances", 1, BALANCE_MAX, count=count)
    decimals = fields.wholes("decimals", 0, 18, count=count)
    precision = fields.whole("A_precision", 1, 100)
    amp = fields.whole("A", 1, A_MAX * (precision or 1))
    fee = fields.whole("fee", 0, FEE_ONE - 1)
    admin_fee = fields.whole("admin_fee", 0, FEE_ONE, default=0)
    supply = fields.whole("lp_supply", 0, WORD_MAX, default=0)
    if name is None:
        return None
    template = TEMPLATES[name]
    terms = template.value
    if count != terms.coins:
        fields.contradiction(f"a pool of template {name} has {terms.coins} tokens, not {count}")
    if precision is not None and precision != terms.a_precision:
        fields.contradiction(f"A_precision of template {name} is {terms.a_precision}")
    if not terms.is_scaled and any(d != 18 for d in decimals):
        fields.contradiction(f"both tokens of template {name} have 18 decimals")
    if amp is not None and amp < terms.a_precision:
        fields.contradiction(
            f"A is multiplied by A_precision, so it is {terms.a_precision} or more"
        )
    if None in (precision, amp, fee, admin_fee, supply) or not (balances and decimals):
        return None
    if fields.wrong:
        return None
    return CurvePool(template, balances, decimals, amp or 0, fee or 0, admin_fee or 0, supply or 0)
