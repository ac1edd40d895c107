# The two commands that a stranger needs: make demo, make test.
# Another Python beside the first: make test PYTHON=python3.12 VENV=.venv-3.12
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# Not compiled ahead: most of what is installed is never imported, and Python keeps what it compiles.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
FOR_DEMO := $(VENV)/.for-demo
FOR_ALL := $(VENV)/.for-all

.PHONY: setup demo test suite lint bench soak audit lock docs docs-lock clean

setup: $(FOR_ALL)

# The lock pins names, versions and hashes; nothing is resolved and no build isolation is needed.
# Its first group is all that the package and its demo need.
$(FOR_DEMO): .ci/lock.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	sed '/^# Group 2/,$$d' .ci/lock.txt >$(VENV)/group-1.txt
	$(INSTALL) --require-hashes -r $(VENV)/group-1.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(FOR_ALL): $(FOR_DEMO) .ci/black-lowest.txt
	$(INSTALL) --require-hashes -r .ci/lock.txt
	$(INSTALL) --require-hashes --no-deps --upgrade --target $(VENV)/black-lowest -r .ci/black-lowest.txt
	touch $@

demo: $(FOR_DEMO)
	$(BIN)/specbridge demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/black --check --quiet generator tests
	$(BIN)/mypy
	$(BIN)/basedpyright
	# Fresh: the manifest does not know of changes to the generator itself.
	$(BIN)/specbridge check --fresh

# Side by side: the type checkers have one core busy, and the tests need not wait for them.
test: setup
	$(MAKE) --no-print-directory -j 2 lint suite

suite: setup
	$(BIN)/pytest -n auto --dist worksteal

bench: setup
	$(BIN)/python -m tests.benchmarks

soak: setup
	$(BIN)/python -m tests.runtime.soak --histories 50000
	$(BIN)/python -m tests.drift.agreement --changes 10000
	$(BIN)/python -m tests.acceptance.kills --store sqlite
	$(BIN)/python -m tests.acceptance.kills --store postgresql
	$(BIN)/python -m tests.acceptance.pairs.trials
	$(BIN)/python -m tests.acceptance.webhooks 10000
	$(BIN)/python -m tests.acceptance.workers --companies 200 --workers 4 --minutes 10 --kills 50
	$(BIN)/python -m tests.acceptance.latency --companies 200
	$(BIN)/python -m tests.acceptance.stopping --store sqlite
	$(BIN)/python -m tests.acceptance.stopping --store postgresql

# Needs the network: asks an advisory service about every package of the lock.
audit: setup
	$(BIN)/pip-audit --require-hashes --disable-pip -r .ci/lock.txt

# Needs uv; writes no address of an index. One resolution of all groups, then the first group within it:
# versions stay as they are locked unless pyproject.toml rules them out or UPGRADE=--upgrade is given.
RESOLVE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
lock:
	made=$$(mktemp -d) && trap 'rm -r "$$made"' EXIT && cp .ci/lock.txt "$$made/all.txt" && \
	$(RESOLVE) $(UPGRADE) --all-extras --group dev --group bench pyproject.toml -o "$$made/all.txt" && \
	$(RESOLVE) --extra sandbox --group link -c "$$made/all.txt" pyproject.toml -o "$$made/demo.txt" && \
	$(PYTHON) .ci/lock.py "$$made/all.txt" "$$made/demo.txt" .ci/lock.txt

# The site, build/site/index.html, and the manual, build/man: an environment of their own, because Sphinx and the
# tool want different docutils. The reference is written by the tool's environment beforehand; warnings are errors.
FOR_DOCS := .venv-docs/.for-docs
$(FOR_DOCS): .ci/docs-lock.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/docs-lock.txt
	touch $@

SPHINX := .venv-docs/bin/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet -d build/doctrees
docs: $(FOR_DEMO) $(FOR_DOCS)
	$(BIN)/python .ci/reference docs/reference/made
	$(SPHINX) -b html docs build/site
	$(SPHINX) -b man docs build/man

# Needs uv, as `make lock` does.
docs-lock:
	made=$$(mktemp) && trap 'rm "$$made"' EXIT && cp .ci/docs-lock.txt "$$made" && \
	$(RESOLVE) $(UPGRADE) .ci/docs-requirements.txt -o "$$made" && \
	{ echo '# Written by `make docs-lock` from .ci/docs-requirements.txt: what builds the site, apart from the lock of the tool.'; \
	cat "$$made"; } >.ci/docs-lock.txt

clean:
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis build docs/reference/made
