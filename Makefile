# The two commands of the README are `make demo` and `make test`; each makes what it needs.

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
# CI installs the versions in constraints.txt; elsewhere the ranges in pyproject.toml hold.
CONSTRAINTS := $(if $(CI),-c constraints.txt,)

.PHONY: demo test check bench cluster clean

demo: $(VENV)/.installed  ## Run an emulator with simulated systems, watch it, and end
	$(BIN)/beskedfordeler demo

# Where nothing may be kept compiled, each of some 500 starts would compile the emulator again: 0.3 s of 1.2.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.installed-test  ## Run the tests
	$(BIN)/python -m pytest

check: $(VENV)/.installed-test  ## Lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-test  ## Measure, beside RabbitMQ where it is installed
	$(BIN)/python -m benchmarks

cluster: $(VENV)/.installed  ## A cluster of processes: RabbitMQ, PostgreSQL, fronts, HAProxy; ARGS="--fronts 3 --data DIR"
	$(BIN)/python -m adapters.cluster up $(ARGS)

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[test]'
	@touch $(VENV)/.installed $@
