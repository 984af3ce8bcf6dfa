# Six commands: demo test check bench docs clean (and test-neo4j, graphiql, lock, sbom).
# Python >= 3.11 and make are enough for `make demo` and `make test`; Node >= 20.19 adds the page GraphiQL.
# Versions and hashes come from requirements/; LOCKED=0 takes the newest that pyproject.toml allows.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ARGS   ?=
LOCKED ?= 1
LOCKS  := requirements
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test test-neo4j check bench docs clean graphiql lock sbom attacks
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml $(LOCKS)/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …  需要 Python 3.11 以上"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing packages into $(VENV), a minute or two the first time 安装依赖，首次约一两分钟 …"
ifeq ($(LOCKED),1)
	@$(PIP) install -q --require-hashes -r $(LOCKS)/dev.txt && $(PIP) install -q --no-deps --no-build-isolation -e . \
	 || { echo "The locked versions could not be installed; LOCKED=0 takes others 锁定的依赖无法安装，可用 LOCKED=0"; exit 3; }
	@$(PIP) check >/dev/null || { $(PIP) check; echo "pyproject.toml has changed: run make lock 依赖已变，请运行 make lock"; exit 3; }
else
	@$(PIP) install -q -e '.[dev]'
endif
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

# Attacks a hub over HTTP: URL=… [CLIENT=id JWK=file] [ARGS="--anywhere H05"]; this machine only unless told.
attacks: $(STAMP)
	@test -n "$(URL)" || { echo "which hub? make attacks URL=http://127.0.0.1:8000 [CLIENT=id JWK=file]"; exit 2; }
	@$(BIN)/python -m tests.attacks $(URL) $(if $(CLIENT),--client $(CLIENT),) $(if $(JWK),--jwk $(JWK),) $(ARGS)

# After a change of dependencies: the same versions on Python 3.11 to 3.13 and every system, no addresses. UPGRADE=1: newest.
UV   := .cache/lock/bin/uv
LOCK := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate $(if $(UPGRADE),--upgrade,)
lock:
	@test -x $(UV) || { $(PYTHON) -m venv .cache/lock && .cache/lock/bin/python -m pip install -q --disable-pip-version-check uv; }
	@$(LOCK) pyproject.toml --extra dev -o $(LOCKS)/dev.txt
	@$(LOCK) pyproject.toml $(foreach e,embedded postgres otel pkcs11 timestamps,--extra $(e)) -c $(LOCKS)/dev.txt -o $(LOCKS)/run.txt
	@echo hatchling | $(LOCK) - -c $(LOCKS)/dev.txt -o $(LOCKS)/build.txt

sbom: $(STAMP)
	@$(BIN)/python -m tests.docs.sbom build/sbom.cdx.json

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
