# Six commands: demo test check bench docs clean (and test-neo4j, graphiql).
# Python >= 3.11 and make are enough for `make demo` and `make test`; Node >= 20.19 adds the page GraphiQL.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ARGS   ?=

.PHONY: demo test test-neo4j check bench docs clean graphiql
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …  需要 Python 3.11 以上"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP) $(if $(CHECK),,graphiql)
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

# Never fails: without Node, or when the build fails, the hub runs without the page.
PAGE := hub/graphiql
graphiql: $(PAGE)/dist/index.html

$(PAGE)/dist/index.html: $(wildcard $(PAGE)/src/*) $(addprefix $(PAGE)/,index.html package-lock.json vite.config.ts)
	@if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	 || ! command -v npm >/dev/null; then echo "GraphiQL needs Node >= 20.19; going on without it 未安装 Node，跳过 GraphiQL"; \
	else echo "building GraphiQL 构建 GraphiQL …"; (cd $(PAGE) && npm ci --silent && npm run --silent build) \
	 || echo "GraphiQL could not be built; going on without it 构建失败，跳过 GraphiQL"; fi

clean:
	@rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info tests/node/node_modules tests/node/gateways/node_modules $(PAGE)/dist $(PAGE)/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
