"""When the market has come to where something waits for it."""

from omnivenue.market.quote import Quote
from omnivenue.model import Ticks, TriggerBy


def trigger_px(quote: Quote, by: TriggerBy) -> Ticks | None:
    """What a trigger of this kind looks at; None where the quote does not say. The mark is the mid,
    rounded down, as everywhere."""
    match by:
        case TriggerBy.LAST:
            return quote.last[0] if quote.last else None
        case TriggerBy.BID:
            return quote.bids[0][0] if quote.bids else None
        case TriggerBy.ASK:
            return quote.asks[0][0] if quote.asks else None
        case TriggerBy.MARK:
            if not (quote.bids and quote.asks):
                return None
            return Ticks((quote.bids[0][0] + quote.asks[0][0]) // 2)


def rung(px: int, *, is_above: bool) -> int:
    """A price as a step towards the trigger: the trigger is reached where this is at least the
    rung of its own price, whichever side it waits on."""
    return px if is_above else -px
