"""Fetches what the local chain of the tests is made of, once, into `.chain/` (`make chain`).

The contracts are other people's, under licences that forbid to ship them here, so they come from
npm by the locks in `tests/chain/packages`, and only their creation code is kept: in one file, which
a test reads in milliseconds where the packages have thousands. Balancer ships sources alone and is
compiled, in a tree of its own (its newer vault nests versions that clash with the others).
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".chain"
PACKAGES = ROOT / "tests" / "chain" / "packages"
CONTRACTS = CACHE / "contracts.json"
ANVIL = CACHE / "anvil"
SECONDS_MAX = 300
# Without a network a test shall be skipped soon, not after npm's own many minutes.
PATIENCE = ["--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-timeout=30000"]

_AAVE = "@aave/core-v3/artifacts/contracts"
_LOGIC = f"{_AAVE}/protocol/libraries/logic"
_CONFIGURED = f"{_AAVE}/protocol/configuration"
_TOKENS = f"{_AAVE}/protocol/tokenization"
_UNISWAP3 = "@uniswap/v3-periphery/artifacts/contracts"
_CORE3 = "@uniswap/v3-core/artifacts/contracts"
_CORE4 = "@uniswap/v4-core/out"
SHIPPED = {
    "WETH9": "canonical-weth/build/contracts/WETH9.json",
    "MintableERC20": f"{_AAVE}/mocks/tokens/MintableERC20.sol/MintableERC20.json",
    "UniswapV2Factory": "@uniswap/v2-core/build/UniswapV2Factory.json",
    "UniswapV2Router02": "@uniswap/v2-periphery/build/UniswapV2Router02.json",
    "UniswapV3Factory": f"{_CORE3}/UniswapV3Factory.sol/UniswapV3Factory.json",
    "NonfungiblePositionManager": f"{_UNISWAP3}/NonfungiblePositionManager.sol/"
    "NonfungiblePositionManager.json",
    "SwapRouter": f"{_UNISWAP3}/SwapRouter.sol/SwapRouter.json",
    "QuoterV2": f"{_UNISWAP3}/lens/QuoterV2.sol/QuoterV2.json",
    "Multicall": f"{_UNISWAP3}/lens/UniswapInterfaceMulticall.sol/UniswapInterfaceMulticall.json",
    **{
        name: f"{_CORE4}/{name}.sol/{name}.json"
        for name in ("PoolManager", "PoolModifyLiquidityTest", "PoolSwapTest")
    },
    "PoolAddressesProvider": f"{_CONFIGURED}/PoolAddressesProvider.sol/PoolAddressesProvider.json",
    "ACLManager": f"{_CONFIGURED}/ACLManager.sol/ACLManager.json",
    "Pool": f"{_AAVE}/protocol/pool/Pool.sol/Pool.json",
    "PoolConfigurator": f"{_AAVE}/protocol/pool/PoolConfigurator.sol/PoolConfigurator.json",
    "DefaultReserveInterestRateStrategy": f"{_AAVE}/protocol/pool/"
    "DefaultReserveInterestRateStrategy.sol/DefaultReserveInterestRateStrategy.json",
    "AaveOracle": f"{_AAVE}/misc/AaveOracle.sol/AaveOracle.json",
    "AToken": f"{_TOKENS}/AToken.sol/AToken.json",
    "StableDebtToken": f"{_TOKENS}/StableDebtToken.sol/StableDebtToken.json",
    "VariableDebtToken": f"{_TOKENS}/VariableDebtToken.sol/VariableDebtToken.json",
    "MockAggregator": f"{_AAVE}/mocks/oracle/CLAggregators/MockAggregator.sol/MockAggregator.json",
    "MockFlashLoanSimpleReceiver": f"{_AAVE}/mocks/flashloan/MockSimpleFlashLoanReceiver.sol/"
    "MockFlashLoanSimpleReceiver.json",
    **{
        name: f"{_LOGIC}/{name}.sol/{name}.json"
        for name in (
            *("SupplyLogic", "BorrowLogic", "LiquidationLogic", "EModeLogic"),
            *("BridgeLogic", "ConfiguratorLogic", "FlashLoanLogic", "PoolLogic"),
        )
    },
}


class NoChain(Exception):
    """npm, its packages or the platform's anvil cannot be had here: nothing to test against."""


def fingerprint() -> str:
    """Of everything that decides what the cache holds."""
    digest = hashlib.sha256()
    for path in (Path(__file__), *sorted(p for p in PACKAGES.rglob("*") if p.is_file())):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoChain(f"{command[0]}: {error}") from error
    if done.returncode:
        raise NoChain(f"{' '.join(command)}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def install(name: str) -> Path:
    """A tree of packages exactly as its lock has it; no package's own scripts are run."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*(PACKAGES / name).iterdir(), ROOT / ".npmrc"):
        shutil.copy(path, folder)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    run(["npm", "ci", "--ignore-scripts", *quiet, *PATIENCE], folder)
    return folder


def shipped(tree: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, path in SHIPPED.items():
        artefact: dict[str, Any] = json.loads((tree / "node_modules" / path).read_text())
        if "object" in artefact["bytecode"]:  # as forge writes it
            artefact = artefact["bytecode"] | {"bytecode": artefact["bytecode"]["object"]}
        code: str = artefact["bytecode"]
        links: dict[str, Any] = artefact.get("linkReferences") or {}
        found[name] = {"code": code.removeprefix("0x"), "links": links}
    return found


def native_anvil(tree: Path) -> Path:
    """The binary itself, not its node wrapper: whoever ends its pid must end anvil."""
    binaries = sorted((tree / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil*"))
    if not binaries:
        raise NoChain("npm has no anvil for this platform")
    return binaries[0]


def build() -> None:
    main = install("main")
    contracts = shipped(main)
    compiled = run(["node", "compile.js"], install("balancer"))
    for name, code in json.loads(compiled).items():
        contracts[name] = {"code": code, "links": {}}
    ANVIL.unlink(missing_ok=True)
    ANVIL.symlink_to(native_anvil(main))
    CONTRACTS.write_text(json.dumps(contracts))


def ensure() -> None:
    """Builds the cache unless it is what it would become. Two at once: the second one waits."""
    stamp = CACHE / "fingerprint"
    wanted = fingerprint()
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        build()
        stamp.write_text(wanted)


if __name__ == "__main__":
    try:
        ensure()
    except NoChain as why:
        sys.exit(f"no local chain: {why}")
    sys.stdout.write(f"contracts and anvil are in {os.path.relpath(CACHE)}\n")
