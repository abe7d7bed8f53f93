"""The chains of a configuration, the pools of each, and the document that answers a signal."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from omnivenue.config import Config, ConfigInvalid, chains_of, parse_config, show
from omnivenue.message import Reason
from omnivenue.wire.arbitrage import (
    ArbitrageRow,
    ArbitrageSignal,
    Chains,
    answer,
    parse_arbitrage,
)
from omnivenue.wire.arbitrage.chains import Market
from pool_documents import E6, E18, SIGNAL, profitable, v2

GWEI = 10**9


def read(text: str) -> Config:
    return parse_config(text, "f.toml", {})


def written(folder: Path, pools: dict[str, Any], name: str = "pools.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"pools": pools}))
    return path


def answered(chains: Chains, **changes: Any) -> ArbitrageRow:
    signal = parse_arbitrage(SIGNAL | {"principal": 10**9} | changes)
    assert isinstance(signal, ArbitrageSignal)
    return answer(signal, chains)


def configured(text: str, pools: str | None = None) -> Chains:
    return chains_of(read(text), pools)


def test_a_chain_is_configured_in_full_or_in_part() -> None:
    config = read(
        """
        [chain.polygon]
        pools = "p.json"
        [chain.avalanche]
        native = ["0xb31f"]
        base_fee_gwei = "0.5"
        priority_fee_gwei = "1"
        loan_fee_bps = 5
        dollars = { "0xb97e" = 6 }
        """
    )
    avalanche, polygon = config.chains
    assert (polygon.chain, polygon.pools, polygon.native[0]) == ("POLYGON", "p.json", "WMATIC")
    assert (polygon.base_fee, polygon.priority_fee) == (30 * GWEI, 30 * GWEI)
    assert (avalanche.base_fee, avalanche.priority_fee) == (GWEI // 2, GWEI)
    assert show(config)["chain"]["avalanche"] == {
        "pools": None,
        "native": ["0xb31f"],
        "base_fee_gwei": "0.5",
        "priority_fee_gwei": "1",
        "loan_fee_bps": 5,
        "dollars": {"0xb97e": 6},
    }


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("[chain.polygn]", "chain.polygn", "unknown chain; nearest known: polygon"),
        ("[chain.base]\npool = 'x'", "chain.base.pool", "unknown key; nearest known: pools"),
        ("[chain.base]\nnative = []", "chain.base.native", "must name at least one token"),
        ("[chain.base]\nloan_fee_bps = -1", "chain.base.loan_fee_bps", "must be basis points"),
        ("[chain.base]\nbase_fee_gwei = 'x'", "chain.base.base_fee_gwei", "'x' must be a plain"),
        ("[chain.base]\ndollars = { A = 99 }", "chain.base.dollars.A", "must be a number of"),
        ("[server]\nexecutor_port = -1", "server.executor_port", "must be a port"),
    ],
)
def test_what_is_wrong_with_a_chain_is_told_by_its_key(text: str, path: str, message: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        read(text)
    assert [m.path for m in caught.value.mistakes] == [path]
    assert caught.value.mistakes[0].message.startswith(message)


def test_a_chain_decides_nothing_that_the_journal_depends_on() -> None:
    assert read("[chain.base]\npools = 'x'").config_hash == read("").config_hash


@pytest.mark.parametrize("text", ["", "[chain.polygon]", "[chain.base]\npools = 'x.json'"])
def test_without_pools_it_says_so(text: str) -> None:
    found = answered(configured(text), chain="polygon")
    assert (found.success, found.reason, found.pnl_usd) == (False, "NO_POOLS", 0.0)
    assert (found.execution_id, found.tx_hash, found.mode) == ("SIMULATED", None, "paper")
    assert "[chain.NAME] pools" in (found.error or "")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), ("{", "the body is not JSON"), ("[]", "JSON object")],
)
def test_pools_that_cannot_be_read_are_none_and_say_why(
    tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "p.json"
    if content is not None:
        path.write_text(content)
    found = answered(configured("", str(path)))
    assert (found.success, found.reason) == (False, "NO_POOLS")
    assert f"the pools in p.json: {said}" in (found.error or "") or said in (found.error or "")


@pytest.mark.parametrize("file", ["~nobody-of-that-name/p.json", "a\\u0000/p.json"])
def test_a_path_that_leads_nowhere_is_a_refusal_too(file: str) -> None:
    found = answered(configured(f'[chain.polygon]\npools = "{file}"'))
    assert (found.success, found.reason) == (False, "NO_POOLS")
    assert (found.error or "").startswith("the pools in p.json: cannot be read: ")


def test_a_tilde_is_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(written(tmp_path, profitable()).parent))
    assert answered(configured('[chain.polygon]\npools = "~/pools.json"')).success


def test_a_signal_without_a_chain_is_of_polygon_or_of_the_only_one(tmp_path: Path) -> None:
    path = written(tmp_path, profitable())
    for text, chain in (
        ("", "polygon"),
        ("[chain.base]", "base"),
        ("[chain.base]\n[chain.polygon]", "polygon"),
        ("[chain.base]\n[chain.scroll]", "polygon"),
    ):
        terms = answered(configured(text, str(path))).terms
        assert terms is not None
        assert terms.chain == chain


def test_what_a_chain_costs_is_counted_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, profitable())
    text = f"""
    [chain.polygon]
    pools = "{path}"
    base_fee_gwei = "100"
    priority_fee_gwei = "20"
    loan_fee_bps = 5
    """
    found = answered(configured(text))
    assert found.score is not None
    assert found.terms is not None
    assert (found.terms.base_fee_gwei, found.terms.priority_fee_gwei) == ("100", "20")
    assert (found.score.gas_usd, found.score.loan_fee_usd) == ("0.0342", "0.5")
    assert found.pnl_usd == found.pnl == pytest.approx(56.360833 - 0.0342 - 0.5)  # pyright: ignore


def test_addresses_can_be_named_as_dollars(tmp_path: Path) -> None:
    usd = "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
    pools = {n: json.loads(json.dumps(p).replace("USDC", usd)) for n, p in profitable().items()}
    path = written(tmp_path, pools)
    route = [usd, "WMATIC", "WETH", usd]
    assert answered(configured("", str(path)), route=route).reason == "NO_PRICE"
    text = f'[chain.polygon]\ndollars = {{ "{usd}" = 6 }}'
    assert answered(configured(text, str(path)), route=route).success


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    path = written(tmp_path, profitable())
    chains = configured("", str(path))
    first = chains.market(chains.chain())
    assert chains.market(chains.chain()) is first
    assert answered(chains).success
    written(tmp_path, profitable() | {"weth-usdc": v2(("WETH", 1_000 * E18), ("USDC", 10**6 * E6))})
    os.utime(path, ns=(1, 1))
    again = chains.market(chains.chain())
    assert isinstance(again, Market)
    assert again is not first
    assert answered(chains).reason == "ARB-001"
    path.unlink()
    assert isinstance(chains.market(chains.chain()), Reason)


def test_pools_that_are_wrong_take_no_part_and_are_named(tmp_path: Path) -> None:
    pools = profitable() | {f"bad{n}": {"kind": "uniswap_v2"} for n in range(30)}
    found = answered(configured("", str(written(tmp_path, pools))))
    assert found.success
    assert found.faulty_pools == tuple(f"bad{n}" for n in range(20))


def test_the_document_of_a_refusal_says_what_it_would_have_earned(tmp_path: Path) -> None:
    found = answered(configured("", str(written(tmp_path, profitable()))), principal=10_000_000)
    document = msgspec.to_builtins(found)
    assert (document["success"], document["reason"]) == (False, "ARB-001")
    assert document["pnl_usd"] == document["pnl"] == 0.55378
    assert document["gas_used"] == 570_000
    assert [*document["reasons"]] == [
        {
            "code": "ARB-001",
            "message": "it would not earn enough after loan fee and gas",
            "limit": "20",
            "value": "0.55378",
        }
    ]
    assert document["error"] == (
        "it would not earn enough after loan fee and gas (0.55378, limit 20)"
    )
    assert [hop["amount_out"] for hop in document["hops"]][-1] == document["amount_out"]
