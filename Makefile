# Six commands: demo test check bench docs clean (and test-neo4j).
# Python >= 3.11 and make are enough for `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ARGS   ?=

.PHONY: demo test test-neo4j check bench docs clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …  需要 Python 3.11 以上"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/credit-hub demo $(if $(CHECK),--check,) $(ARGS)

test: $(STAMP)
	@$(BIN)/python -m pytest $(ARGS)

test-neo4j: $(STAMP)
	@HUB_TEST_NEO4J=1 $(BIN)/python -m pytest tests/integration $(ARGS)

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m hub schema | diff -u docs/schema.graphql - || { echo "docs/schema.graphql is not up to date: run make docs"; exit 1; }

bench: $(STAMP)
	@$(BIN)/python -m tests.bench $(ARGS)

docs: $(STAMP)
	@$(BIN)/python -m tests.docs.generate

clean:
	@rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info tests/node/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
