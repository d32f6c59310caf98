# From a machine with Python 3.11 and make, and nothing else. Every target does its own set-up.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-browser run test test-cluster lint fix bench faults fuzz clean FORCE

# The first Python here that is new enough; nothing of it is changed.
PYTHON := $(or $(PYTHON),$(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python && break; done))
VENV := .venv/bin
UV := .tools/uv
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# uv brings a list of certificates of its own; where the machine has one, that counts (a company's proxy).
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif

help: ## Show these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r name text; do printf '%-22s %s\n' "$$name" "$$text"; done

setup: .venv/.synced ## Prepare everything: Python packages, Valkey, Postgres, the built screens
	@$(VENV)/python tools/frontend.py build

run: setup ## Start the demo board of Paris on http://127.0.0.1:8000
	@exec $(VENV)/capacity up --demo

test: setup setup-browser ## Run every test: Python, Lua, SQL, TypeScript, browser
	@$(VENV)/python tools/frontend.py npm run check
	@$(VENV)/python tools/frontend.py npm test
	@$(VENV)/pytest

test-cluster: setup ## Run the tests of stores and services on a Valkey Cluster of six processes
	@CAPACITY_TEST_CLUSTER=1 $(VENV)/pytest tests/store tests/services

lint: setup ## Check style and types
	@$(VENV)/ruff check
	@$(VENV)/ruff format --check
	@$(VENV)/mypy
	@$(VENV)/python tools/frontend.py npm run check
	@$(VENV)/python tools/frontend.py npm run lint

fix: setup ## Repair what the linters can repair
	@$(VENV)/ruff check --fix
	@$(VENV)/ruff format
	@$(VENV)/python tools/frontend.py npm run fix

bench: setup ## Measure the figures of docs/ anew, beside the peers that a team would else pick
	@CAPACITY_SKIP_FRONTEND=1 $(UV) sync --quiet --frozen --inexact --all-extras --group dev --group bench
	@$(VENV)/python -m benchmarks

faults: setup ## Kill, pause and cut everything again and again; ROUNDS=500 SEED=0
	@$(VENV)/python -m tests.faults --rounds $(or $(ROUNDS),500) --seed $(or $(SEED),0)

fuzz: setup ## Say hostile things to every edge for long; SECONDS=600 SEED=0
	@$(VENV)/python -m tests.hostile --seconds $(or $(SECONDS),600) --seed $(or $(SEED),0)

setup-browser: .venv/.synced # Find or install a Chromium for the tests
	@$(VENV)/python tests/browser.py

clean: ## Remove all that the other targets made, except your data
	rm -rf .venv .tools capacity/static frontend/node_modules dist .hypothesis .mypy_cache .ruff_cache test-results fault-logs fuzz-logs

$(UV): uv.lock tools/fetch_uv.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@$(PYTHON) tools/fetch_uv.py .tools
	@touch $@

.venv/.synced: pyproject.toml uv.lock $(UV)
	@echo "installing the Python packages that uv.lock names"
	@node=$$($(PYTHON) tools/frontend.py needs-node); \
	CAPACITY_SKIP_FRONTEND=1 $(UV) sync --quiet --frozen --all-extras --group dev $${node:+--group node} --python $(PYTHON)
	@touch $@
