# What a person types. Needs python3 (3.11 or newer, with venv) and make; `make help` lists the targets.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup system check test cover demo bench onefile lock clean

# Where pip is told of a mirror, uv asks the same one.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(READY)  ## make or update .venv

# pip brings uv alone; every pinned package carries its hash. A failed step leaves no stamp, so the next run repeats it.
$(BIN)/uv: requirements/uv.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 is older than 3.11")'
	test -x $(BIN)/python || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(READY): $(BIN)/uv requirements/base.txt requirements/dev.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/base.txt -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

system:  ## install what the tests need from Debian (as root)
	@scripts/system.sh

check: setup  ## lint, types, layers, what is committed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy src scripts tests $(wildcard bench)
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_repository.py

test: setup system  ## run the tests; PYTEST_ARGS adds to them
	$(BIN)/pytest -n $(JOBS) $(PYTEST_ARGS)

cover: setup system  ## run the tests and hold coverage to its floor
	$(BIN)/pytest -n $(JOBS) --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

demo: setup  ## the whole story, in a town on this machine
	$(BIN)/unhijack demo

bench: setup  ## measure `unhijack check`; other names: .venv/bin/python -m bench NAME
	$(BIN)/python -m bench check

onefile: setup  ## build dist/unhijack-scan.pyz, the one-file scanner
	$(BIN)/python scripts/onefile.py

lock: setup  ## pin requirements/ anew from pyproject.toml; UPGRADE=--upgrade takes the newest
	scripts/lock.sh $(BIN)/uv $(UPGRADE)

clean:  ## remove .venv and what the tools left
	rm -rf $(VENV) .coverage .coverage.* htmlcov .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist build
	find src tests scripts $(wildcard bench) -name __pycache__ -prune -exec rm -rf {} +
