"""The live configuration as older programs write it, in JSON: read as if it were our own file.

It is one more way to write the same things down, so it is turned into the sections of our file and
nothing is decided here. A secret stands in it as `${NAME}`: it becomes a reference to that variable
and is never read into the tree. What nothing uses yet is named, since a switch that is taken for
one and is none would be worse than an error; a switch that is off where we cannot do without what
it is for is an error.
"""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from omnivenue.config.read import Mistake, read_struct
from omnivenue.config.shape import (
    LoggingSection,
    Port,
    RiskSection,
    SecretText,
    Section,
    ServerSection,
    Text,
)

SECRETS = frozenset({"api_key", "api_secret", "api_passphrase", "url"})
_WHOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

Connections = Annotated[int, Meta(ge=1, le=1000, description="a number of connections, 1 to 1000")]


class VenueClient(Section, frozen=True, kw_only=True):
    name: Text
    api_key: SecretText | None = None
    api_secret: SecretText | None = None
    base_url: Text | None = None


class PortfolioAccount(Section, frozen=True, kw_only=True):
    account_id: Text
    base_currency: Text = "USDT"


class Portfolio(Section, frozen=True, kw_only=True):
    accounts: tuple[PortfolioAccount, ...] = ()


class TradingNode(Section, frozen=True, kw_only=True):
    data_clients: tuple[VenueClient, ...] = ()
    exec_clients: tuple[VenueClient, ...] = ()
    portfolio: Portfolio = Portfolio()


class ExternalAdapter(Section, frozen=True, kw_only=True):
    """Of a venue with a library of its own."""

    enabled: bool = True
    host: Text | None = None
    port: Port | None = None
    client_id: int | None = None
    account_id: Text | None = None
    base_url: Text | None = None
    api_key: SecretText | None = None
    api_secret: SecretText | None = None


class Router(Section, frozen=True, kw_only=True):
    smart_execution_enabled: bool = True
    deribit_routing_enabled: bool = False
    nautilus_routing_enabled: bool = False


class Database(Section, frozen=True, kw_only=True):
    url: SecretText | None = None
    pool_size: Connections = 10


class LiveFile(Section, frozen=True, kw_only=True):
    mode: Literal["paper", "shadow", "live"] = "paper"  # live is nothing that one may forget
    server: ServerSection = ServerSection()
    trading_node: TradingNode = TradingNode()
    external_adapters: dict[str, ExternalAdapter] = msgspec.field(
        default_factory=dict[str, ExternalAdapter]
    )
    risk_engine: RiskSection = RiskSection()
    router: Router = Router()
    database: Database | None = None
    logging: LoggingSection = LoggingSection()


def without_secrets(value: Any) -> Any:
    """The same tree with a reference in place of each `${NAME}` that stands for a secret."""
    match value:
        case dict():
            return {key: _referred(key, inner) for key, inner in value.items()}  # pyright: ignore
        case list():
            return [without_secrets(each) for each in value]  # pyright: ignore
        case _:
            return value


def _referred(key: str, value: Any) -> Any:
    if key in SECRETS and isinstance(value, str) and (found := _WHOLE.fullmatch(value)):
        return f"env:{found[1]}"
    return without_secrets(value)


def our_tree(
    live: LiveFile, said: dict[str, Any], mode: str, mistakes: list[Mistake]
) -> dict[str, Any]:
    """The same in the sections of our own file. `said` is the JSON itself: what it leaves out is
    left to our defaults."""
    node, venues = live.trading_node, dict[str, dict[str, Any]]()
    for client in (*node.data_clients, *node.exec_clients):
        venue = venue_of(client.name)
        kind = "sim" if mode == "paper" else client.name.lower()
        keys = {"api_key": client.api_key, "api_secret": client.api_secret}
        given = {name: value for name, value in keys.items() if value is not None}
        venues[venue] = venues.get(venue, {}) | {"kind": kind} | given
    if not live.router.smart_execution_enabled:
        text = "cannot be switched off yet: whoever wants none names a venue in place of SMART"
        mistakes.append(Mistake("router.smart_execution_enabled", text))
    ours: dict[str, Any] = {"mode": live.mode}
    ours |= {name: said[name] for name in ("server", "logging") if name in said}
    if "risk_engine" in said:
        ours["risk"] = said["risk_engine"]
    if venues:
        ours["venues"] = venues
    if node.portfolio.accounts:
        traded = sorted({venue_of(client.name) for client in node.exec_clients})
        accounts = [account.account_id for account in node.portfolio.accounts]
        ours["accounts"] = {account: {"venues": traded} for account in accounts}
    return ours


def venue_of(name: str) -> str:
    return name.upper().replace("_", "-")


def unused(live: LiveFile) -> tuple[str, ...]:
    """What is read and has nobody yet who would do anything with it."""
    node, currency = live.trading_node, live.risk_engine.currency
    kinds = {"data_clients": node.data_clients, "exec_clients": node.exec_clients}
    found = [
        f"trading_node.{kind}[{i}].base_url"
        for kind, clients in kinds.items()
        for i, client in enumerate(clients)
        if client.base_url is not None
    ]
    found += [
        f"trading_node.portfolio.accounts[{i}].base_currency"
        for i, account in enumerate(node.portfolio.accounts)
        if account.base_currency != currency
    ]
    found += [f"external_adapters.{n}" for n, a in live.external_adapters.items() if a.enabled]
    if live.database is not None:
        found.append("database")
    switches = ("deribit_routing_enabled", "nautilus_routing_enabled")
    found += [f"router.{name}" for name in switches if getattr(live.router, name)]
    return tuple(found)


def read_live(tree: dict[str, Any], mistakes: list[Mistake]) -> LiveFile | None:
    """None where it is wrong, which has been said."""
    before = len(mistakes)
    live = read_struct(LiveFile, tree, "", mistakes)
    return live if len(mistakes) == before else None
