#!/bin/sh
# Makes .bench-peers, an environment of its own for what omnivenue is measured beside: degenbot, the
# newest release with its core in Rust, or else the newest that installs. `omnivenue bench arb` takes
# it from there.
set -eu

[ -x .bench-peers/bin/python ] || .venv/bin/python -m venv .bench-peers
pip() {
    .bench-peers/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "$@"
}
# Naming a pre-release admits those of degenbot, and of nothing else. Its Rust core came with 0.6.
pip --only-binary degenbot 'degenbot>=0.6.0a1' || pip degenbot
.bench-peers/bin/python -m pip show degenbot 2>/dev/null | sed -n 's/^Version: /degenbot /p'
