# Each target does its own set-up: the virtual environment with pinned requirements, then the job.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CORE := $(VENV)/.core
VERSION := runtime/flytekit_models/_version.py
STATSD := .cache/statsd
SOURCES := codegen runtime tests benchmarks

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): requirements/dev.txt pyproject.toml hatch_build.py $(VERSION)
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 10) <= sys.version_info < (3, 14) else "Python 3.10 to 3.13 is needed; name one with PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Holds "built", or "none" where it cannot be compiled.
$(CORE): $(INSTALLED) core/install.sh core/pyproject.toml core/setup.py $(wildcard core/src/*)
	bash core/install.sh $(BIN)/python $@

.PHONY: regenerate
regenerate: $(INSTALLED) $(CORE) ## Write generated/ from idl/, the contract and the templates.
	$(BIN)/flytekit-models regenerate

.PHONY: check
check: $(INSTALLED) ## Tell whether generated/ is what the generator writes.
	$(BIN)/flytekit-models regenerate --check

.PHONY: lint
lint: $(INSTALLED) ## Check types, style and layout.
	$(BIN)/black --check --quiet . || { $(BIN)/black --check .; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/mypy codegen/flytekit_codegen generated runtime
	$(BIN)/pyright

$(STATSD): $(INSTALLED) tests/support/install_statsd.sh
	bash tests/support/install_statsd.sh $@
	mkdir -p $@ && touch $@

PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --cov --cov-report=

.PHONY: test
test: check lint $(CORE) $(STATSD) ## Run all gates: check, lint and the tests, without the core and with it, with their coverage.
	FLYTEKIT_MODELS_CORE=0 $(PYTEST)
	if grep -q built $(CORE); then FLYTEKIT_MODELS_CORE=1 $(PYTEST) --cov-append; fi
	$(BIN)/python -m coverage report --fail-under=95

.PHONY: test-network
test-network: $(INSTALLED) ## Run the tests that read released packages from the package index.
	$(BIN)/python -m pytest -m network

.PHONY: compat
compat: $(INSTALLED) ## Compare flytekit on these models with flytekit on its own; CHECKOUT=DIR: an editable checkout of it.
	$(BIN)/python tests/compat/run.py $(if $(CHECKOUT),--checkout $(CHECKOUT))

.PHONY: matrix
matrix: $(INSTALLED) ## Check the models on every supported Python, flyteidl and protobuf.
	$(BIN)/python tests/matrix/run.py

.PHONY: matrix-thin
matrix-thin: $(INSTALLED) ## Check them on a diagonal of five cells.
	$(BIN)/python tests/matrix/run.py --thin

.PHONY: bench
bench: $(INSTALLED) ## Measure everything beside flytekit, protobuf and others; writes benchmarks/results.
	$(BIN)/python -m benchmarks

.PHONY: bench-quick
bench-quick: $(INSTALLED) ## Measure the gates of speed, in two minutes.
	$(BIN)/python -m benchmarks --quick

.PHONY: lock
lock: $(INSTALLED) ## Pin the newest requirements that fit together.
	$(BIN)/python -m pip install --quiet uv
	for name in dev compat bench bench-flytekit; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --upgrade --no-header --no-annotate \
			requirements/$$name.in --output-file requirements/$$name.txt || exit; \
	done

.PHONY: clean
clean: ## Remove what the other targets made.
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* build dist
