# Everything from nothing: each target sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup chain chain-diff kernel-diff kernel-fuzz vectors demo test check bench bench-peers sim races kills crash fuzz flood ledger arb-brute mutants requirements lock clean

PY := .venv/bin/python
# What setup leaves when it is done. Where there is a cargo it is the kernel's stamp, so that a cargo
# that comes later is made use of, and a build that failed is tried again.
READY := .venv/$(if $(shell command -v cargo),.compiled,.ready)
export PYTHONDONTWRITEBYTECODE := 1

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: $(READY)  ## the environment only

# Whatever the compiled kernel is built of.
RUST := $(shell find rust -name target -prune -o -type f -print)

$(READY): locks/core.txt locks/dev.txt pyproject.toml tools/setup.sh $(RUST)
	@sh tools/setup.sh

demo: setup  ## the main job: orders on simulated exchanges, kill -9 included
	@.venv/bin/omnivenue demo

test: setup  ## all tests
	@sh tools/rust.sh test
	$(PY) -m pytest -n 2 --dist worksteal

check: setup  ## lint, types, import contracts, tidiness
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	.venv/bin/pyright
	$(PY) tools/requirements.py --check
	$(PY) tools/order_states.py --check
	$(PY) tools/refusals.py --check
	$(PY) tools/openapi.py --check
	@sh tools/rust.sh check
	$(PY) -m pytest tests/tidy

bench: setup  ## measure into bench/results.json, and compare with bench/baseline.json
	.venv/bin/omnivenue bench --json > bench/results.json
	$(PY) tools/compare_bench.py

bench-peers: setup  ## install what the search for cycles is measured beside, in .bench-peers
	@sh tools/bench_peers.sh

sim: setup  ## 1,000 simulated days with everything going wrong
	PYTHONPATH=src:tests $(PY) tests/sim/seeds.py $${SEEDS:-1000}

races: setup  ## 10,000 times 64 clients, and room for one of them
	PYTHONPATH=src:tests $(PY) tests/sim/races.py $${ROUNDS:-10000}

kills: setup  ## 1,000 days with a kill at a random instant: nothing leaves after it
	PYTHONPATH=src:tests $(PY) tests/sim/kills.py $${ROUNDS:-1000}

crash: setup  ## SIGKILL at each step of the write-ahead protocol, and at 200 random instants
	$(PY) tools/crash.py

fuzz: setup  ## schemathesis over the interface, and frames of all kinds over its streams
	PYTHONPATH=src:tests $(PY) tests/fuzz/calls.py $${FUZZ_SECONDS:-600}
	PYTHONPATH=src:tests $(PY) tests/fuzz/frames.py $${CLIENTS:-20000}

flood: setup  ## a server under attack: its orders and stops are answered all the same, and in time
	$(PY) tools/flood.py $${FLOOD_SECONDS:-15}

ledger: setup  ## the ledger against one written from the rules, over 1,000,000 postings
	PYTHONPATH=src:tests $(PY) tools/ledger_campaign.py $${POSTINGS:-1000000}

arb-brute: setup  ## the best rounds of 1,000 small graphs against every size of every round
	GRAPHS=$${GRAPHS:-1000} $(PY) -m pytest -n 2 tests/reference/test_brute_force.py

chain: setup  ## fetch and compile what the local chain of the tests is made of, once, into .chain/
	$(PY) tools/chain_setup.py

chain-diff: chain  ## N quotes of drawn pools: the contracts' answers against the kernel's
	PYTHONPATH=src:tests:tools $(PY) tests/chain/diff.py --count $${N:-20000} --seed $${SEED:-1}

kernel-diff: setup  ## N drawn questions of each kind of pool to both kernels
	PYTHONPATH=src:tests $(PY) tests/kernel/compare.py --count $${N:-20000} --seed $${SEED:-1}

kernel-fuzz: setup  ## 1,000,000 calls of the compiled kernel with anything: an answer or a typed error
	PYTHONPATH=src:tests $(PY) tests/kernel/fuzz.py --count $${COUNT:-1000000}

vectors: chain  ## write tests/vectors anew from the contracts' answers
	PYTHONPATH=src:tests:tools $(PY) tests/chain/vectors.py

mutants: setup  ## plant bugs, and count what the tests catch
	$(PY) tools/mutants.py

requirements: setup  ## write which tests show which requirement into docs/requirements.md
	$(PY) tools/requirements.py

lock: setup  ## lock the dependencies anew
	sh tools/lock.sh

clean:  ## remove what was built
	rm -rf .venv .chain rust/target .pytest_cache .ruff_cache .hypothesis .import_linter_cache node_modules
