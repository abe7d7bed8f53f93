#!/bin/sh
# One lock per profile, with one set of versions: core is compiled under the constraints of dev.
set -eu
compile() {
    uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
        --python-version 3.12 "$@"
}
command -v uv >/dev/null 2>&1 || uv() { .venv/bin/python -m uv "$@"; }
compile pyproject.toml --extra dev -o locks/dev.txt
compile pyproject.toml -c locks/dev.txt -o locks/core.txt
