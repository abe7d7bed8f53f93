"""Every call that there is, with the scope that it needs. What is not in this table does not exist,
and a line without a scope does not start.

A path is fixed, or ends in one `{name}`: so a look-up is one map, and no pattern is ever matched.
It is looked up as it came. Only what stands for the name is decoded, and only then: an escaped
slash belongs to it, as in `stop/12/BYBIT`, and leads nowhere else.
"""

from collections.abc import Iterable
from urllib.parse import unquote

import msgspec

from omnivenue.api.scope import Scope
from omnivenue.wire import BODY_MAX

POOLS_MAX = 8 * 2**20
_WITH_POOLS = frozenset({"/v1/quote", "/v1/arb"})
"""Whole pools, tick by tick, come with a question about them."""


class Route(msgspec.Struct, frozen=True):
    method: str
    path: str
    scope: Scope
    name: str  # of the endpoint that answers; "" while it is not built

    @property
    def body_max(self) -> int:
        """In bytes."""
        return POOLS_MAX if self.path in _WITH_POOLS else BODY_MAX

    @property
    def has_param(self) -> bool:
        return self.path.endswith("}")


_TABLE = """
    GET     /                          public  front
    GET     /docs                      public  docs
    GET     /openapi.json              public  openapi
    GET     /health                    public  health
    POST    /v1/instructions           trade   instruct
    POST    /v1/instructions/batch     trade   instruct_all
    GET     /v1/instructions/{id}      read    instruction
    GET     /v1/orders                 read    orders
    GET     /v1/orders/{id}            read    order
    DELETE  /v1/orders/{id}            trade   cancel
    PATCH   /v1/orders/{id}            trade   replace
    GET     /v1/fills                  read    fills
    GET     /v1/positions              read    positions
    GET     /v1/balances               read    balances
    GET     /v1/instruments            read    instruments
    GET     /v1/market/{instrument}    read    market
    GET     /v1/venues                 read    venues
    GET     /v1/pnl                    read    pnl
    GET     /v1/plans                  read
    GET     /v1/plans/{id}             read
    GET     /v1/transactions           read
    GET     /v1/risk                   read    risk
    PATCH   /v1/risk                   admin   set_limits
    POST    /v1/quote                  read    quote
    POST    /v1/arb                    read    arb
    POST    /v1/kill                   trade   kill
    POST    /v1/rearm                  admin   rearm
    POST    /v1/reconcile              trade   reconcile
    POST    /v1/adjustments            admin   adjust
    GET     /v1/journal                admin   journal
    GET     /v1/stream                 read    stream
    GET     /metrics                   read    metrics
    POST    /execute                   trade   execute
    POST    /execute/batch             trade   execute_all
    POST    /simulate                  read    simulate
    GET     /stats                     read    stats
"""


def _route(method: str, path: str, scope: str, name: str = "") -> Route:
    """Raises where a line has no scope or an unknown one."""
    return Route(method, path, Scope(scope), name)


ROUTES = tuple(_route(*line.split()) for line in _TABLE.strip().splitlines())

WITH_BODY = frozenset({"POST", "PATCH", "PUT"})

STREAMS = {
    "/v1/stream": Route("WebSocket", "/v1/stream", Scope.READ, "stream"),
    "/": Route("WebSocket", "/", Scope.READ, "execution"),
}
"""Where a WebSocket may be opened. What is said over one may need a wider scope."""


class RouteTable:
    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises ValueError for a route without a scope or one that is there already."""
        self._fixed: dict[str, dict[str, Route]] = {}
        self._by_parent: dict[str, dict[str, Route]] = {}
        for route in routes:
            if not isinstance(route.scope, Scope):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ValueError(f"{route.method} {route.path} declares no scope")
            place, path = self._fixed, route.path
            if route.has_param:
                place, path = self._by_parent, path.rpartition("/")[0]
            by_method = place.setdefault(path, {})
            if route.method in by_method:
                raise ValueError(f"{route.method} {route.path} is there twice")
            by_method[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, str] | None:
        """The route, and the last part of the path, decoded, where that is a parameter."""
        route = self._fixed.get(path, {}).get(method)
        if route is not None:
            return route, ""
        parent, _, param = path.rpartition("/")
        route = self._by_parent.get(parent, {}).get(method) if param else None
        return None if route is None else (route, unquote(param))

    def methods(self, path: str) -> list[str]:
        """What a path may be called with; nothing where there is no such path."""
        parent, _, param = path.rpartition("/")
        found = set(self._fixed.get(path, ()))
        return sorted(found.union(self._by_parent.get(parent, ()) if param else ()))
