# The commands that stay put; `make help` lists them. Stamp files make `setup` quick when nothing changed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python
UI_SOURCES := vite.config.ts tsconfig.json $(shell find agents boards project sessions -path '*/ui/*' -type f 2>/dev/null)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Workroom needs Python 3.11 or newer: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.installed: package-lock.json package.json
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("Workroom needs Node 20 or newer"); process.exit(1) }'
	npm ci --silent --no-audit --no-fund
	@touch $@

static/dist/.vite/manifest.json: node_modules/.installed $(UI_SOURCES)
	npm run --silent build -- --logLevel warn
	@touch $@

setup: .venv/.installed static/dist/.vite/manifest.json ## .venv with the locked packages, npm ci, front-end build
	@:

run: setup ## demo board and server on http://127.0.0.1:8000 (PORT=…), in development mode
	@export WORKROOM_DEBUG=1; \
	$(PY) manage.py migrate --noinput --verbosity 0; \
	$(PY) manage.py demo; \
	exec $(PY) manage.py serve --host 127.0.0.1 --port $(PORT)

test: setup ## every test: vitest, Python on PostgreSQL + Redis where they are, Python on SQLite with Chromium
	@$(PY) -m tests.tools.suite

check: setup ## format, lint, types, import rules, migrations, tsc, docs
	.venv/bin/ruff format --check --output-format concise --quiet .
	.venv/bin/ruff check --quiet .
	$(PY) -m mypy --no-error-summary
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py check --fail-level WARNING
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py makemigrations --check --dry-run
	npm run --silent check
	$(PY) -m pytest -q tests/docs

bench: setup ## benchmarks beside their competitors: a table, and JSON in bench-results/
	@$(PY) -m tests.bench

rig: setup ## long trials with real servers: killed at every moment of a run, stopped, joined, crowded, used for long (more than an hour)
	@$(PY) -m tests.rig

example-optimise: .venv/.installed ## both examples made faster round by round, offline; kept in docs/example-report/
	@export WORKROOM_DEBUG=1 WORKROOM_DATA_DIR=$$(mktemp -d); \
	trap 'rm -rf "$$WORKROOM_DATA_DIR"' EXIT; \
	status=0; \
	for name in slow_board slow_orders; do \
	  $(PY) manage.py optimise examples/$$name --rules --out docs/example-report/$$name || status=$$?; \
	done; \
	exit $$status

screenshots: setup ## the documents' pictures anew, with Chromium
	@$(PY) -m tests.tools.screenshots

format: .venv/.installed ## put the Python sources into their form
	.venv/bin/ruff format --quiet .
	.venv/bin/ruff check --quiet --fix .

lock: ## write requirements.txt and requirements-dev.txt anew from pyproject.toml (needs uv)
	@$(PYTHON) tests/tools/lock.py

clean: ## remove what setup and the tools made; the data in var/ stays
	rm -rf .venv node_modules static/dist bench-results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup run test check bench rig example-optimise screenshots format lock clean
