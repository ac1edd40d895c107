# The two commands that a stranger needs: make demo, make test.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
MADE := .venv/.made

.PHONY: setup demo test lint bench soak audit lock clean

setup: $(MADE)

# The lock pins names, versions and hashes; nothing is resolved and no build isolation is needed.
$(MADE): .ci/lock.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: setup
	$(BIN)/specbridge demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/black --check --quiet generator tests
	$(BIN)/mypy
	$(BIN)/basedpyright
	# Fresh: the manifest does not know of changes to the generator itself.
	$(BIN)/specbridge check --fresh

test: lint
	$(BIN)/pytest -n auto

bench: setup
	$(BIN)/python -m tests.benchmarks

soak: setup
	$(BIN)/python -m tests.runtime.soak --histories 50000
	$(BIN)/python -m tests.acceptance.kills --store sqlite
	$(BIN)/python -m tests.acceptance.kills --store postgresql

# Needs the network: asks an advisory service about every package of the lock.
audit: setup
	$(BIN)/pip-audit --require-hashes --disable-pip -r .ci/lock.txt

# Needs uv; writes no address of an index.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--python-version 3.11 --all-extras --group dev --group bench pyproject.toml -o .ci/lock.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
