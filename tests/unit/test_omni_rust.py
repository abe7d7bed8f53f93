"""The module that older programs import: a route in, an object out."""

import json
from pathlib import Path

import pytest

from omni_rust import ArbitrageRow, calculate_arbitrage_route, get_expected_slippage
from pool_documents import CYCLE, profitable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMNIVENUE_POOLS", raising=False)
    (tmp_path / "pools.json").write_text(json.dumps({"pools": profitable()}))
    return tmp_path


@pytest.mark.covers("C3")
def test_a_route_is_an_object_with_its_profit_and_its_hops(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIVENUE_POOLS", str(folder / "pools.json"))
    found = calculate_arbitrage_route([*CYCLE], 10_000_000, 30)
    assert isinstance(found, ArbitrageRow)
    assert (found.success, found.pnl_usd, found.tx_hash) == (True, 0.55378, None)
    assert [hop.pool for hop in found.hops] == ["usdc-wmatic", "wmatic-weth", "weth-usdc"]
    assert found.hops[-1].amount_out == found.amount_out == "10570880"


@pytest.mark.covers("C3")
def test_the_arguments_may_be_named_and_the_path_a_tuple(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIVENUE_POOLS", str(folder / "pools.json"))
    by_name = calculate_arbitrage_route(path=CYCLE, principal=10**9, slippage_bps=3)
    assert (by_name.success, by_name.reason) == (False, "ARB-003")
    assert by_name.pnl_usd == 56.343733


@pytest.mark.covers("C3")
def test_without_pools_it_earns_nothing_and_says_why(folder: Path) -> None:
    found = calculate_arbitrage_route(CYCLE, 10_000_000, 30)
    assert (found.success, found.pnl_usd, found.reason) == (False, 0.0, "NO_POOLS")


def test_pools_come_from_the_configuration_of_the_folder(folder: Path) -> None:
    (folder / "omnivenue.toml").write_text('[chain.polygon]\npools = "pools.json"\n')
    assert calculate_arbitrage_route(CYCLE, 10**9, 30).pnl_usd == 56.343733


def test_a_wrong_argument_is_a_refusal_that_names_everything(folder: Path) -> None:
    found = calculate_arbitrage_route(["USDC"], 0, 10_001)
    assert (found.success, found.pnl_usd) == (False, 0.0)
    assert [reason.message.split()[0] for reason in found.reasons] == [
        *("route", "principal", "slippage_bps")
    ]


def test_arguments_that_no_document_could_hold_are_refused_too(folder: Path) -> None:
    (found,) = calculate_arbitrage_route(CYCLE, 10**5_000, 30).reasons
    assert found.message == "principal must be 1 to 2^256 - 1"
    (found,) = calculate_arbitrage_route("USDC", 1, 30).reasons
    assert found.message == "route must be a list of token names, not a string"


@pytest.mark.covers("I4")
def test_slippage_is_expected_by_the_depth_of_a_pool(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is 0.1003 % of a reserve after its fee loses 0.1002 %; ten times as much, not ten."""
    with pytest.raises(LookupError, match="there are no pools"):
        get_expected_slippage("uniswap_v2", "USDC/WMATIC", 5_030_090_271)
    monkeypatch.setenv("OMNIVENUE_POOLS", str(folder / "pools.json"))
    assert get_expected_slippage("uniswap_v2", "USDC/WMATIC", 5_030_090_271) == 0.1002
    assert get_expected_slippage("uniswap_v2", "USDC/WMATIC", 50_300_902_710) == 0.9931
    for dex, pair in (("uniswap_v3", "USDC/WMATIC"), ("uniswap_v2", "USDC/X"), ("x", "USDC")):
        with pytest.raises(LookupError, match=f"no pool of kind {dex}"):
            get_expected_slippage(dex, pair, 1)
