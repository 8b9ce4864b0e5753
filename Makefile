# Everything is set up by the targets themselves:
#   make run    the window (without a display: a short demonstration in the terminal)
#   make test   style, types, import rules and tests; what continuous integration runs
#   make lint   the first three of these
#   make bench  the benchmarks, in an environment with the peers (BENCH="TASK ... --save")
#   make lock   renew requirements.lock after a change of dependencies in pyproject.toml
#   make clean  remove what the other targets made

PYTHON ?= python3
VENV ?= .venv

ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
  HAS_DISPLAY := yes
else
  BIN := $(VENV)/bin
  HAS_DISPLAY := $(if $(filter Darwin,$(shell uname -s)),yes,$(DISPLAY)$(WAYLAND_DISPLAY))
endif

STAMP := $(VENV)/.installed
PEERS := $(VENV)-bench
PEERS_BIN := $(subst $(VENV)/,$(PEERS)/,$(BIN))
UV_VERSION := 0.13.9
LECTURE := assets/graphs/lecture.vad

.PHONY: setup run test lint bench lock clean
.DEFAULT_GOAL := test

setup: $(STAMP)
	@$(BIN)/python scripts/qt_libraries.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "VisualAD needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing here: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The package goes in without build isolation, so that its build backend is the locked one too.
$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  -e . -e plugins/visualad-numba -e plugins/visualad-cuda
	@touch $@

run: setup
ifneq ($(HAS_DISPLAY),)
	$(BIN)/visualad $(LECTURE)
else
	$(BIN)/python -m visualad.headless
endif

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: export QT_QPA_PLATFORM = offscreen
# Two processes halve the time on two processors; a file's tests stay together with their fixtures.
test: lint
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

# The peers are large, so they have an environment of their own that is made when it is wanted.
$(PEERS)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PEERS_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(PEERS_BIN)/python scripts/install_peers.py
	@touch $@

bench: $(PEERS)/.installed
	$(PEERS_BIN)/python -m benchmarks $(BENCH)

# The lock holds for Linux, macOS and Windows and every supported Python. It names no host, so
# that any mirror serves it.
lock: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock
	@! grep -n '://' requirements.lock

clean:
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
