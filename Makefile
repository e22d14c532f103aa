# Everything a person does with this checkout starts here; `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
ROUNDS ?= 10
USERS ?= 50
MINUTES ?= 10
SHAPE ?= embedded
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup run test check bench crash load soak lock
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "make %-8s %s\n", $$1, $$2}'

$(STAMP): requirements-dev.lock
	@echo "setting up the environment in $(VENV) (Python 3.11 or newer, about two minutes the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which one with: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@printf '#!/bin/sh\n# The command line of this checkout; made by make setup.\nROOT=$$(cd "$$(dirname "$$0")/../.." && pwd)\nPYTHONPATH="$$ROOT$${PYTHONPATH:+:$$PYTHONPATH}" exec "$$ROOT/.venv/bin/python" -m frontend.cli "$$@"\n' > $(BIN)/yaosu && chmod +x $(BIN)/yaosu
	@touch $(STAMP)

setup: $(STAMP) ## make the environment in .venv (nothing else)

run: $(STAMP) ## make the demo market in ./var if it is not there, and serve it: make run PORT=8000
	@scripts/run-demo $(PORT)

test: $(STAMP) ## run every test this machine can run, and say what was left out
	@$(BIN)/python -m scripts.run_tests

check: $(STAMP) ## rules of style, types, arrows between the rooms, and of the architecture
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2 tests/architecture

bench: $(STAMP) ## measure, and write docs/benchmarks.md: make bench [REALDATA=folder] [ROWS=n]
	@$(BIN)/python -m scripts.bench $(if $(REALDATA),--realdata $(REALDATA)) $(if $(ROWS),--rows $(ROWS))

crash: $(STAMP) ## kill -9 at random moments under writers, in both shapes: make crash ROUNDS=10
	@YAOSU_CRASH_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -s tests/crash

load: $(STAMP) ## many people at once, beside one alone, into docs/benchmarks.md: make load USERS=50 MINUTES=10 [SHAPE=city]
	@$(BIN)/python -m scripts.load $(USERS) $(MINUTES) $(SHAPE)

soak: $(STAMP) ## memory of a market in use, a line a minute: make soak MINUTES=60
	@$(BIN)/python -m scripts.soak $(if $(filter command line,$(origin MINUTES)),$(MINUTES),60)

lock: $(STAMP) ## choose versions anew and write both lock files
	$(BIN)/uv pip compile --quiet --upgrade --no-emit-index-url --generate-hashes --no-header --universal --python-version 3.11 requirements-dev.in -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --no-emit-index-url --generate-hashes --no-header --universal --python-version 3.11 requirements.in -c requirements-dev.lock -o requirements.lock
