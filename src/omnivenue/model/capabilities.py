"""What a venue can do, as data: it decides what is legal, and what may be done about silence."""

import msgspec

from omnivenue.model.order_terms import TimeInForce, TriggerBy


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the capability table. The defaults promise as little as a venue may have."""

    has_cancel: bool = True
    has_replace: bool = False  # else an order is cancelled and sent anew
    has_post_only: bool = False
    has_reduce_only: bool = False
    has_dead_man_switch: bool = False  # it cancels everything when we have been silent
    reports_balances: bool = False  # with the answer to a query
    tifs: tuple[TimeInForce, ...] = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
    triggers: tuple[TriggerBy, ...] = ()  # by which it keeps stops itself; else we watch
    is_idempotent_by_cl_ord_id: bool = False  # twice the same id is one order, for ever
    finds_closed_orders: bool = False  # by client id, also after their end
    honours_expiry: bool = False  # refuses what arrives after `expires_at`
    confirms_by: str = "ack"  # "ack", "fill" or "block"
    proven_rejects: tuple[str, ...] = ()  # codes that prove that the order was never placed

    @property
    def can_prove_absence(self) -> bool:
        """Only then may "not found", twice after its expiry, be the end of an order."""
        return self.finds_closed_orders and self.honours_expiry
