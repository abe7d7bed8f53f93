"""What a caller may do: each scope holds all of those before it."""

from enum import Enum


class Scope(Enum):
    """PUBLIC is for routes that show nothing of the account; no token has it."""

    PUBLIC = "public"
    READ = "read"
    TRADE = "trade"
    TRANSFER = "transfer"
    ADMIN = "admin"

    def allows(self, needed: "Scope") -> bool:
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER = tuple(Scope)

TOKEN_SCOPES = tuple(scope for scope in Scope if scope is not Scope.PUBLIC)
