"""The chains of a configuration: what is settled of each, and where routes on them are priced."""

from pathlib import Path

from omnivenue.config.read import Mistake
from omnivenue.config.settled import ChainConfig, Config
from omnivenue.config.shape import ChainSection
from omnivenue.model import CHAIN_IDS, NotDecimal, nearest_hint, parse_decimal
from omnivenue.route import ChainTerms, default_terms
from omnivenue.wire.arbitrage import Chain, Chains

GWEI_DECIMALS = 9


def settle_chain(name: str, section: ChainSection, mistakes: list[Mistake]) -> ChainConfig | None:
    path, chain = f"chain.{name}", name.upper()
    if chain not in CHAIN_IDS:
        known = [each.lower() for each in CHAIN_IDS]
        mistakes.append(Mistake(path, f"unknown chain{nearest_hint(name, known)}"))
        return None
    if section.native == ():
        mistakes.append(Mistake(f"{path}.native", "must name at least one token"))
    default = default_terms(chain)
    return ChainConfig(
        chain=chain,
        pools=section.pools,
        native=section.native or default.native,
        base_fee=_wei(section.base_fee_gwei, default.base_fee, f"{path}.base_fee_gwei", mistakes),
        priority_fee=_wei(
            section.priority_fee_gwei, default.priority_fee, f"{path}.priority_fee_gwei", mistakes
        ),
        loan_fee_bps=section.loan_fee_bps,
        dollars=tuple(sorted(section.dollars.items())),
    )


def chains_of(config: Config, pools: str | None = None) -> Chains:
    """`pools`: a file in place of that of every chain, also of those that the configuration says
    nothing about."""
    found = [Chain(terms=_terms(each), pools=_path(pools or each.pools)) for each in config.chains]
    return Chains(found, _path(pools))


def _terms(chain: ChainConfig) -> ChainTerms:
    return ChainTerms(
        chain=chain.chain,
        native=chain.native,
        base_fee=chain.base_fee,
        priority_fee=chain.priority_fee,
        loan_fee_bps=chain.loan_fee_bps,
        dollars=dict(chain.dollars),
    )


def _path(file: str | None) -> Path | None:
    return None if file is None else Path(file)


def _wei(text: str | None, default: int, path: str, mistakes: list[Mistake]) -> int:
    if text is None:
        return default
    try:
        return parse_decimal(text, GWEI_DECIMALS)
    except NotDecimal as error:
        mistakes.append(Mistake(path, f"{text[:60]!r} {error}"))
        return default
