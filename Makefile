# Everything starts here. `make run` and `make test` need Python 3.11-3.13 and make, nothing else.
SHELL := bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/pytest
# The tests that need no real process, and those that do; what is not there yet is left out.
FAST_TESTS := $(wildcard tests/unit tests/dags tests/expectations tests/warehouse)
# Other random companies at every run; their seed is printed, and `make … ORACLE_BASE_SEED=` takes it.
ORACLE = $(PYTEST) -n 2 --dist worksteal tests/oracle
SIZE ?= S
# Superset needs older libraries than the pipeline: an environment and a lock of its own.
SUPERSET := .venv-superset
N ?= 200

# Byte code is what makes Airflow, dbt and Great Expectations start in seconds.
unexport PYTHONDONTWRITEBYTECODE
export DBT_SEND_ANONYMOUS_USAGE_STATS := 0
export RUNTIME__DLTHUB_TELEMETRY := false

.PHONY: help env run up dashboards test check bench oracle mutants lock clean fast-tests oracle-tests integration-tests browser-tests

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

env: $(STAMP) ## Make the environment in .venv/ (every other target does it by itself)

# The environment is exactly requirements.lock, checked by hash; a changed lock brings it in step.
$(STAMP): requirements.lock requirements-bootstrap.lock pyproject.toml scripts/make_venv.sh
	@bash scripts/make_venv.sh $(VENV)
	@touch $@

run: $(STAMP) ## The main job: demo company, its last night in Airflow, published, scorecard
	@$(BIN)/python -m sales_support_kpi.orchestration.local run --size $(SIZE)

up: $(STAMP) ## Airflow with its UI and schedules, until Ctrl-C
	@$(BIN)/python -m sales_support_kpi.orchestration.local up

dashboards: $(STAMP) $(SUPERSET)/.installed ## Superset on the published files, until Ctrl-C
	@$(BIN)/python -m sales_support_kpi.dashboards \
		--config $(or $(KPI_CONFIG),examples/demo_company/config)

$(SUPERSET)/.installed: dashboards/requirements.lock | $(STAMP)
	$(BIN)/python -m venv $(SUPERSET)
	$(BIN)/uv --quiet pip sync --python $(SUPERSET)/bin/python --require-hashes \
		--compile-bytecode dashboards/requirements.lock
	@touch $@

test: fast-tests oracle-tests integration-tests browser-tests ## All tests, the fast ones first

fast-tests: $(STAMP)
	$(PYTEST) -n 2 --dist loadfile $(FAST_TESTS)

oracle-tests: $(STAMP) fast-tests
	$(ORACLE)

integration-tests: $(STAMP) oracle-tests
	$(if $(wildcard tests/integration),$(PYTEST) tests/integration,@true)

browser-tests: $(STAMP) $(SUPERSET)/.installed integration-tests
	$(PYTEST) tests/browser

check: $(STAMP) ## Everything that is checked before tests: lint, format, types, SQL, lock, secrets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models docs/queries
	$(BIN)/python scripts/check_tree.py

bench: $(STAMP) ## The goals in numbers, measured side by side
	$(BIN)/python -m bench

oracle: $(STAMP) ## Compare the warehouse with the brute-force oracle on N random companies, and N/10 by night
	ORACLE_COMPANIES=$(N) $(ORACLE)

mutants: $(STAMP) ## Break the SQL in sixty ways; every one has to be caught
	$(BIN)/python -m tests.oracle.mutants

lock: $(STAMP) ## Write both locks anew
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes \
		--no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile dashboards/requirements.in --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -q -o dashboards/requirements.lock

.env: ## Passwords and keys for docker-compose.yml, generated once
	@python3 scripts/make_env.py .env

clean: ## Remove caches; data in var/ and the environment stay
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
	@echo "kept: var/ (data) and $(VENV)/"
