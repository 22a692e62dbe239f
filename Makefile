# Each target does its own set-up: the virtual environment with pinned requirements, then the job.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CORE := $(VENV)/.core
VERSION := runtime/flytekit_models/_version.py
STATSD := .cache/statsd
RELEASE := .cache/release
SITE := .cache/site
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

# Holds "built", or "none" and the reason where it cannot be compiled.
$(CORE): $(INSTALLED) core/install.sh core/obstacle.py core/pyproject.toml core/setup.py $(wildcard core/src/*)
	bash core/install.sh $(BIN)/python $@

.PHONY: regenerate
regenerate: $(INSTALLED) $(CORE) ## Write generated/ from idl/, the contract and the templates.
	$(BIN)/flytekit-models regenerate

.PHONY: check
check: $(INSTALLED) ## Tell whether generated/ is what the generator writes.
	$(BIN)/flytekit-models regenerate --check

.PHONY: lint
lint: $(INSTALLED) ## Check types, style and layout, and the workflows for weaknesses.
	$(BIN)/black --check --quiet . || { $(BIN)/black --check .; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/mypy codegen/flytekit_codegen generated runtime
	$(BIN)/mypy --config-file= --strict hatch_build.py wheel_only/flytekit/__init__.py
	$(BIN)/pyright
	$(BIN)/zizmor --offline --quiet --persona=pedantic .github

$(STATSD): $(INSTALLED) tests/support/install_statsd.sh
	bash tests/support/install_statsd.sh $@
	mkdir -p $@ && touch $@

PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --cov
# The last run tells the coverage of all, so that its own summary is the last line.
GATE := --cov-report=term --cov-fail-under=95
# Tests that read and write no model: once is enough.
ONCE := $(addprefix --ignore=tests/,distribution codegen/test_diff codegen/test_overlay codegen/test_sync codegen/test_upgrade)

.PHONY: test
test: check lint $(CORE) $(STATSD) ## Run all gates: check, lint and the tests, with the core and without, with their coverage.
	if grep -qx built $(CORE); then \
		FLYTEKIT_MODELS_CORE=1 $(PYTEST) --cov-report= && FLYTEKIT_MODELS_CORE=0 $(PYTEST) --cov-append $(GATE) $(ONCE); \
	else \
		echo "Without the compiled core: $$(cat $(CORE))"; FLYTEKIT_MODELS_CORE=0 $(PYTEST) $(GATE); \
	fi

.PHONY: test-network
test-network: $(INSTALLED) ## Run the tests that read released packages from the package index.
	$(BIN)/python -m pytest -m network

.PHONY: conformance
conformance: $(INSTALLED) $(CORE) ## Run protobuf's conformance suite over models of its messages, in both paths.
	$(BIN)/python tests/conformance/run.py

.PHONY: fuzz
fuzz: $(INSTALLED) ## Feed the compiled core and protobuf random bytes under the sanitizers; SECONDS= says for how long.
	bash core/sanitized.sh $(BIN)/python .cache/sanitized tests/core/fuzz.py $(or $(SECONDS),60)

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
bench-quick: $(INSTALLED) ## Measure the gates of speed on smaller subjects, in a few minutes.
	$(BIN)/python -m benchmarks --quick

$(RELEASE)/.installed: requirements/release.txt
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements/release.txt
	touch $@

.PHONY: dist
dist: $(INSTALLED) $(CORE) $(RELEASE)/.installed ## Build what is released, twice, check it, and try it in fresh environments.
	bash .ci/dist $(RELEASE)/bin/python
	FLYTEKIT_MODELS_DIST=dist $(BIN)/python -m pytest -m "network or not network" tests/distribution

$(SITE)/.installed: requirements/docs.txt
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements/docs.txt
	npm install --prefix $(SITE) --no-save --ignore-scripts --no-audit --no-fund --loglevel=error iframe-worker@1.0.4 || \
		echo "WARNING: without npm, the search of the site needs a server" >&2
	touch $@

.PHONY: docs
docs: $(SITE)/.installed ## Build the documentation as a site, into build/site; warnings are errors.
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/python -m mkdocs build --quiet --strict

.PHONY: audit
audit: $(RELEASE)/.installed ## Look up all requirements among the known vulnerabilities.
	bash .ci/audit $(RELEASE)/bin/python

.PHONY: lock
lock: $(INSTALLED) ## Pin the newest requirements that fit together.
	$(BIN)/python -m pip install --quiet uv
	for name in dev compat bench bench-flytekit release wheels docs; do \
		oldest=3.10; [ $$name != wheels ] || oldest=3.12; \
		$(BIN)/uv pip compile --quiet --universal --python-version $$oldest --upgrade --no-header --no-annotate \
			requirements/$$name.in --output-file requirements/$$name.txt || exit; \
	done

.PHONY: clean
clean: ## Remove what the other targets made.
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* build dist
