"""The chains that routes are priced on: the file with the pools of each, and what it costs there.

The one place where a program reads its own pools from. A file is read when it is first asked for
and again when it has changed, so whoever writes pools there need not tell anybody.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import msgspec

from omnivenue.message import Reason
from omnivenue.route import ChainTerms, PoolMarket, default_terms
from omnivenue.wire.errors import Invalid
from omnivenue.wire.json_body import read_json
from omnivenue.wire.pools import Pools, read_pools

POOLS_BYTES_MAX = 512 * 2**20
DEFAULT = "POLYGON"
NO_POOLS = Reason(
    code="NO_POOLS",
    message="there are no pools to price it with: give a file of them (--pools FILE), or say "
    "[chain.NAME] pools in the configuration",
)


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    terms: ChainTerms
    pools: Path | None = None  # as it was given: a ~ is a home, and need not be anybody's


type _Told = tuple[tuple[Chain, ...], Path | None]


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Pools as they were read, and ready to be priced by."""

    pools: Pools
    market: PoolMarket


class Chains:
    def __init__(self, chains: Iterable[Chain] = (), pools: Path | None = None) -> None:
        """`pools`: the file of chains that are not among these."""
        self._chains = {chain.terms.chain: chain for chain in chains}
        self._pools = pools
        self._read: dict[str, tuple[tuple[int, int, int], Market]] = {}

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """As `to_json` wrote it."""
        chains, pools = msgspec.json.decode(raw, type=_Told, dec_hook=_from_text)
        return cls(chains, pools)

    def to_json(self) -> bytes:
        """For another process, which reads the pools itself."""
        told: _Told = (tuple(self._chains.values()), self._pools)
        return msgspec.json.encode(told, enc_hook=str)

    def chain(self, name: str | None = None) -> Chain:
        """The one of that name; without a name Polygon, or the only one that is configured."""
        if name is None:
            name = next(iter(self._chains)) if len(self._chains) == 1 else DEFAULT
        return self._chains.get(name) or Chain(terms=default_terms(name), pools=self._pools)

    def market(self, chain: Chain) -> Market | Reason:
        """Its pools as they are now, or why there are none."""
        if chain.pools is None:
            return NO_POOLS
        try:
            path = chain.pools.expanduser()
            said = path.stat()
            mark = (said.st_mtime_ns, said.st_size, said.st_ino)
            known = self._read.get(chain.terms.chain)
            if known is not None and known[0] == mark:
                return known[1]
            with path.open("rb") as file:
                raw = file.read(POOLS_BYTES_MAX + 1)
        except OSError as error:
            return _unread(chain.pools, f"cannot be read: {error.strerror}")
        except (RuntimeError, ValueError) as error:  # nobody's home; a name that no file can have
            return _unread(chain.pools, f"cannot be read: {error}")
        document = read_json(raw, POOLS_BYTES_MAX)
        pools = document if isinstance(document, Invalid) else read_pools(document)
        if isinstance(pools, Invalid):
            return _unread(chain.pools, pools.document.error.message)
        found = Market(pools=pools, market=PoolMarket(pools.listed, chain.terms.all_dollars))
        self._read[chain.terms.chain] = (mark, found)
        return found


def _from_text(kind: type[Any], text: str) -> Any:
    return kind(text)


def _unread(path: Path, why: str) -> Reason:
    return Reason(code="NO_POOLS", message=f"the pools in {path.name}: {why}")
