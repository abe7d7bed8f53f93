"""Every call that there is, with the scope that it needs. What is not in this table does not exist,
and a line without a scope does not start.

A path is fixed, or ends in one `{name}`: so a look-up is one map, and no pattern is ever matched.
"""

from collections.abc import Iterable, Mapping

import msgspec

from omnivenue.api.scope import Scope


class Route(msgspec.Struct, frozen=True):
    method: str
    path: str
    scope: Scope
    name: str  # of the endpoint that answers; "" while it is not built

    @property
    def has_param(self) -> bool:
        return self.path.endswith("}")


_TABLE = """
    GET     /                          public
    GET     /docs                      public
    GET     /openapi.json              public
    GET     /health                    public  health
    POST    /v1/instructions           trade   instruct
    POST    /v1/instructions/batch     trade   instruct_all
    GET     /v1/instructions/{id}      read    instruction
    GET     /v1/orders                 read    orders
    GET     /v1/orders/{id}            read    order
    DELETE  /v1/orders/{id}            trade   cancel
    PATCH   /v1/orders/{id}            trade
    GET     /v1/fills                  read    fills
    GET     /v1/positions              read    positions
    GET     /v1/balances               read    balances
    GET     /v1/instruments            read    instruments
    GET     /v1/market/{instrument}    read    market
    GET     /v1/venues                 read    venues
    GET     /v1/pnl                    read
    GET     /v1/plans                  read
    GET     /v1/plans/{id}             read
    GET     /v1/transactions           read
    GET     /v1/risk                   read
    PATCH   /v1/risk                   admin
    POST    /v1/quote                  read
    POST    /v1/arb                    read
    POST    /v1/kill                   trade
    POST    /v1/rearm                  admin
    GET     /v1/journal                admin
    GET     /v1/stream                 read
    GET     /metrics                   read
    POST    /execute                   trade
    POST    /execute/batch             trade
    POST    /simulate                  read
    GET     /stats                     read
"""


def _route(method: str, path: str, scope: str, name: str = "") -> Route:
    """Raises where a line has no scope or an unknown one."""
    return Route(method, path, Scope(scope), name)


ROUTES = tuple(_route(*line.split()) for line in _TABLE.strip().splitlines())


class Found(msgspec.Struct, frozen=True):
    by_method: Mapping[str, Route]
    param: str


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
            if place.setdefault(path, {}).setdefault(route.method, route) is not route:
                raise ValueError(f"{route.method} {route.path} is there twice")

    def find(self, path: str) -> Found | None:
        """The routes of a path by method. None: there is no such path."""
        by_method = self._fixed.get(path)
        if by_method is not None:
            return Found(by_method, "")
        parent, _, param = path.rpartition("/")
        by_method = self._by_parent.get(parent)
        return Found(by_method, param) if by_method is not None and param else None
