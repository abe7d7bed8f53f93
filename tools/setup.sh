#!/bin/sh
# Makes .venv with a Python that is new enough, installs the hashed lock into it, and the compiled
# kernel where there is a Rust to build it with.
set -eu

works() {
    "$1" -c 'import sys, venv, ssl; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))' \
        >/dev/null 2>&1
}

find_python() {
    for version in 3.13 3.14 3.12; do
        for candidate in "python$version" \
            "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
            if works "$candidate"; then
                echo "$candidate"
                return 0
            fi
        done
        if command -v uv >/dev/null 2>&1; then
            candidate=$(uv python find "$version" 2>/dev/null || true)
            if [ -n "$candidate" ] && works "$candidate"; then
                echo "$candidate"
                return 0
            fi
        fi
    done
    return 1
}

if ! works .venv/bin/python; then
    python=$(find_python) || {
        echo "omnivenue needs Python 3.12, 3.13 or 3.14, and found none on PATH, under pyenv or" >&2
        echo "through uv. Install one, for example with: pyenv install 3.13" >&2
        exit 2
    }
    echo "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python .venv/bin/python --require-hashes -r locks/dev.txt
    uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes -r locks/dev.txt
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation -e .
fi

# The reference kernel gives the same answers, so nothing waits for Rust; but what was compiled of
# other sources must not stay. The stamp is from after the build.
stamp=.venv/.compiled

is_of_these_sources() {
    [ -e "$stamp" ] && [ -z "$(find rust -name target -prune -o -type f -newer "$stamp" -print)" ]
}

go_without() {
    rm -f "$stamp"
    .venv/bin/python -m pip uninstall --quiet --yes omnivenue-kernel 2>/dev/null || true
}

if ! command -v cargo >/dev/null 2>&1; then
    if is_of_these_sources; then
        echo "no cargo on PATH: the kernel that was compiled of these sources stays" >&2
    else
        echo "no cargo on PATH: the pure-Python kernel will run, which is slower (see rustup.rs)" >&2
        go_without
    fi
elif built=$(cd rust/kernel && VIRTUAL_ENV="$OLDPWD/.venv" \
    "$OLDPWD/.venv/bin/maturin" develop --release --locked 2>&1); then
    touch "$stamp"
else
    echo "$built" >&2
    echo "so the compiled kernel was not built, and the pure-Python one will run" >&2
    go_without
fi
touch .venv/.ready
