"""The scopes in which trading is stopped and limits hold: `global`, or a kind and what it names."""

from collections.abc import Collection

from omnivenue.api.site import Site
from omnivenue.model import nearest_hint
from omnivenue.wire import ErrorCode, normal_instrument_id
from omnivenue.wire.fields import NAME, Fields, cut

GLOBAL = "global"
STOPPABLE = (GLOBAL, "venue", "account", "strategy", "chain")
LIMITED = (GLOBAL, "venue", "account", "strategy", "instrument")


def read_scope(fields: Fields, site: Site, kinds: Collection[str]) -> str:
    """The member `scope`, as the core writes it. A strategy need not have traded yet; all else must
    be known, so that a slip stops nothing by mistake and leaves nothing running by mistake."""
    if not fields.has("scope"):
        fields.missing("scope")
    text = fields.text("scope")
    if text is None:
        return ""
    kind, colon, what = text.partition(":")
    if kind not in kinds or (kind == GLOBAL) == bool(colon):
        forms = ", ".join(each if each == GLOBAL else f"{each}:{each[0].upper()}" for each in kinds)
        message = f"scope must be one of {forms}{nearest_hint(kind, kinds)}"
        fields.add(ErrorCode.UNKNOWN_SCOPE, message, value=cut(text))
        return ""
    match kind:
        case "venue":
            _known(fields, kind, what, site.state.venues)
        case "account":
            _known(fields, kind, what, site.state.accounts)
        case "instrument":
            what = normal_instrument_id(what)
            _known(fields, kind, what, site.state.instruments)
        case "strategy":
            fields.checked_id("the strategy of scope", what, NAME)
        case "chain":
            fields.add(ErrorCode.NOT_BUILT, "chains are not built yet")
        case _:
            pass
    return f"{kind}:{what}" if what else kind


def _known(fields: Fields, kind: str, what: str, known: Collection[str]) -> None:
    if what not in known:
        text = f"scope names the unknown {kind} {cut(what)}{nearest_hint(what, known)}"
        fields.add(ErrorCode.UNKNOWN_SCOPE, text, value=cut(what))
