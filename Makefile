# Two commands do everything on a machine with Python >= 3.10 and make:
#   make report   create the environment, install, run the main job, write reports/
#   make test     the whole test suite
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One BLAS thread per process: more are slower here, and disastrous beside another busy process.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# Compile once, not in every process, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report full test check mutate bench problems docs dist clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

report: $(STAMP)
	$(BIN)/asymptotix report --out reports --claimed tests/paper.toml
	$(BIN)/python -m derivations.render

full: $(STAMP)
	$(BIN)/asymptotix verify --full --out reports --resume reports/.verification.jsonl \
		--measured reports/data/experiments.jsonl

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# change the core in 240 places, one at a time, and see which changes no test notices: an hour
mutate: $(STAMP)
	$(BIN)/python -m tools.mutate

bench: $(STAMP)
	$(BIN)/python -m benchmarks | tee reports/benchmarks.md

# 10^5 random problems a network, and their table: hours, continued where it was stopped
problems: $(STAMP)
	$(BIN)/python -m benchmarks.problems
	$(BIN)/python -m benchmarks.problems --table | tee reports/problems.md

docs: $(STAMP)
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

dist: $(STAMP)
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) docs/_build docs/derivations dist .pytest_cache .mypy_cache .ruff_cache
