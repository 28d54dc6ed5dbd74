# Two commands on a fresh machine: `make demo` and `make test`. Both set up by themselves.
PYTHON ?= python3
BIN := .venv/bin
DEMO := demo
DUCKDB_OLDER := 1.5.6

.PHONY: demo test setup lint types docs soak clean

demo: .venv/ready
	@rm -rf $(DEMO)
	@$(BIN)/upcross init $(DEMO) --sample
	@echo; echo "$$ upcross load"; $(BIN)/upcross load -C $(DEMO) || test $$? -eq 1
	@echo; echo "$$ upcross plan"; $(BIN)/upcross plan -C $(DEMO)
	@echo; echo "The project is in $(DEMO)/: cd $(DEMO), and run the commands above as ../$(BIN)/upcross"

test: setup lint types
	$(BIN)/python -m pytest -n 2 --dist loadfile

setup: .venv/ready
	@bash .ci/setup

lint: .venv/ready
	$(BIN)/ruff check src tests docs
	$(BIN)/ruff format --check src tests docs
	$(BIN)/python docs/generate.py --check

types: .venv/ready
	$(BIN)/mypy

docs: .venv/ready
	$(BIN)/python docs/generate.py

soak: setup
	UPCROSS_SOAK=1 $(BIN)/python -m pytest -n 2 --dist loadfile

clean:
	rm -rf .venv $(DEMO) .mypy_cache .ruff_cache .pytest_cache

.venv/ready: pyproject.toml constraints.txt
	@echo "setting up in .venv (once; a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 demo"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3 lacks venv: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@# An independent implementation to compare with, in tests only: it asks for Python 3.12 and runs on 3.11, and what it
	@# uses of its dependencies is there already.
	@$(BIN)/python -m pip install --quiet --ignore-requires-python --no-deps saas-metrics==0.2.1
	@# The older DuckDB that is supported, beside the newer: tests load it in a process of its own.
	@$(BIN)/python -m pip install --quiet --upgrade --no-deps --target .venv/duckdb-1.5 duckdb==$(DUCKDB_OLDER)
	@touch $@
