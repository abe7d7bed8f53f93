"""What of an order's terms cannot be done: asked of a plain order, and of each place of a split."""

from omnivenue.message import OrderInstructed, Reason
from omnivenue.model import Capabilities, Nanos, TimeInForce
from omnivenue.oms import Unfit


def unable(able: Capabilities, order: OrderInstructed) -> list[Reason]:
    """What a venue cannot do, and nobody can do in its place."""
    found: list[Reason] = []
    if order.tif is TimeInForce.FOK and order.tif not in able.tifs:
        found.append(Unfit.NOT_AT_VENUE.because(value="fill-or-kill"))
    if order.post_only and not able.has_post_only:
        found.append(Unfit.NOT_AT_VENUE.because(value="post-only"))
    return found


def too_late(at: Nanos, order: OrderInstructed) -> list[Reason]:
    """Its end has come before it."""
    if order.expire_at is None or order.expire_at > at:
        return []
    return [Unfit.PAST.because(value=str(order.expire_at))]
