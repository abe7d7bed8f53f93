"""A caller as older programs have it: it starts a binary with an opportunity, and reads what that
says. It is theirs, word for word in what it sends and expects; ours is only the binary."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 5.0
SRC = Path(__file__).parents[1] / "src"


@dataclass
class RustArbitrageExecutor:
    rust_bin_path: str
    environ: Mapping[str, str] | None = None
    paper: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def execute(self, opportunity: dict[str, Any]) -> dict[str, Any]:
        found = self._compiled(opportunity)
        if found.get("error") and self.paper is not None:
            return self.paper(opportunity)
        return found

    def _compiled(self, opportunity: dict[str, Any]) -> dict[str, Any]:
        signal = {
            "route": opportunity["path"],
            "principal": int(opportunity["capital"] * 1e6),
            "min_profit_usd": opportunity["expected_profit"],
            "max_gas_gwei": 150,
            "slippage_bps": 30,
        }
        self.asked.append(signal)
        try:
            done = subprocess.run(
                [self.rust_bin_path, "--execute", "-"],
                input=json.dumps(signal),
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                env=None if self.environ is None else dict(self.environ),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return {"success": False, "error": str(error)}
        if done.returncode != 0:
            return {"success": False, "error": done.stderr}
        result = json.loads(done.stdout)
        tx_hash = result.get("tx_hash")
        return {
            "success": result["success"],
            "pnl": result["pnl_usd"],
            "gas_used": result["gas_used"],
            "execution_id": tx_hash or "SIMULATED",
            "mode": "RUST_LIVE" if tx_hash else "RUST_PAPER",
        }


def omni_bot(folder: Path) -> str:
    """The console script as an installer writes it, in a folder of the test's own."""
    path = folder / "omni-bot"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(SRC)!r})\n"
        "from omnivenue.cli import omni_bot\nsys.exit(omni_bot())\n"
    )
    path.chmod(0o700)
    return str(path)
