"""`python tests/fuzz/calls.py [SECONDS]`: schemathesis over the interface of a real server.

The document is the server's own, so what is asked is what is promised: statuses, content types,
bodies and headers as told, bad data and bad tokens refused, no fault of ours. While it runs, and
after it, orders are taken.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from servers import Home, Server, at_market, eventually

HERE = Path(__file__).parent
SUITE = (
    "--max-examples",
    "6",
    "--phases",
    "examples,coverage,fuzzing",
    "--generation-deterministic",
)


def schemathesis(
    server: Server, token: str, folder: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    """`folder`: for what it leaves behind."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file"),
            *(str(HERE / "schemathesis.toml"), "run", f"{server.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {token}", "--seed", "1", "--no-color"),
            *("--continue-on-failure", "--no-shrink"),
            *("--warnings", "off", "--request-timeout", "20", *more),
        ],
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "fuzz.hooks",
            "PYTHONPATH": str(HERE.parent),
            "FUZZ_URL": server.url,
            "FUZZ_TOKEN": token,
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def trades(server: Server, key: str) -> bool:
    """Once what was stopped is armed, what was limited is not any more, and what was adjusted is
    what the venues say."""
    with server.client() as client:
        client.reconcile()
        found = client.risk()
        for row in found["quarantined"]:
            what = (row["venue"], row["asset"], row["difference"])
            client.adjust(*what, "it was a test", account=row["account"])
        for row in found["states"]:
            client.rearm(row["scope"], "it was a test")
        names = {(row["scope"], row["name"]) for row in found["limits"]}
        free = [{"scope": scope, "name": name, "limit": None} for scope, name in sorted(names)]
        client.set_limits(free, "it was a test")
        client.submit(at_market(key) | {"price": "65000"})
        return bool(eventually(lambda: client.find_order(key)["status"] == "FILLED"))


def main(argv: list[str]) -> int:
    seconds = argv[0] if argv else "600"
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        try:
            server = home.serve().healthy()
            assert trades(server, "at-first")
            bounds = ("--max-time", seconds, "--max-examples", "1000")
            done = schemathesis(server, home.token, Path(folder), *bounds)
            sys.stdout.write(done.stdout + done.stderr)
            return 0 if done.returncode == 0 and trades(server, "at-last") else 1
        finally:
            home.close()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
