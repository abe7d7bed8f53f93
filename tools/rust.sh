#!/bin/sh
# `rust.sh check` lints what is written in Rust, `rust.sh test` runs its tests. Without cargo neither
# can be done, and nothing of Python needs it: then it says so.
set -eu
if ! command -v cargo >/dev/null 2>&1; then
    echo "no cargo on PATH: left out the $1 of rust/" >&2
    exit 0
fi
cd rust
case $1 in
check)
    cargo fmt --check
    cargo clippy --quiet --locked --all-targets -- -D warnings
    ;;
test)
    cargo test --quiet --locked  # with overflow checks, so that overflows of our own are found
    ;;
*)
    echo "check or test, not $1" >&2
    exit 2
    ;;
esac
