# Every command sets itself up: it makes .venv and installs what it needs, once. What was
# installed is remembered in stamp files that depend on pyproject.toml alone, so a second run
# asks the network for nothing.

PYTHON ?= python3
# Arguments handed on: make train ARGS="--epochs 3"
ARGS ?=
# Test processes at a time. Each keeps to one BLAS thread.
JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --durations=5

# Compiled files are kept, whatever the environment says: without them an import takes five times
# as long, and the tests start many programs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help train test test-cpu test-strict test-slow test-gpu coverage lint format types bench docs gpu oracle clean distclean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# ---- the commands ----------------------------------------------------------------------------

train: $(STAMPS)/train $(STAMPS)/gpu  ## train a classifier of handwritten digits (ARGS="--epochs 3")
	@$(BIN)/python examples/train_digits.py $(ARGS)

test: lint test-cpu test-strict  ## run lint and all tests, on the CPU and on the strict stand-in device

test-cpu: $(STAMPS)/test
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTEST) $(ARGS)

# The stand-in device behaves as a GPU would: code that would break there breaks here.
test-strict: $(STAMPS)/test
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTEST) --device strict $(ARGS)

test-slow: $(STAMPS)/test  ## run the long sweeps that the other tests leave out
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTEST) -m slow $(ARGS)

test-gpu: $(STAMPS)/test $(STAMPS)/gpu  ## run the tests that need a GPU
	$(BIN)/python -m pytest -m gpu $(ARGS)

coverage: $(STAMPS)/test $(STAMPS)/oracle  ## measure the coverage table, docs/coverage.json, anew
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTEST) -m "slow or not slow" --write-coverage \
		-k "test_all or test_devices or no_samples" tests/test_opdb.py tests/test_opdb_float32.py \
		tests/test_opdb_variants.py tests/test_opdb_dtypes.py tests/test_coverage.py $(ARGS)

lint: $(STAMPS)/dev  ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory types

# Types are checked on an installed copy, where autograd_core.nn and its like are in their places.
types: $(STAMPS)/dev
	@rm -rf build
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index --target build/types . 2> build.log \
		|| { cat build.log; rm -f build.log; exit 1; }
	@rm -f build.log
	cd build/types && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p autograd_core

format: $(STAMPS)/dev  ## mend style and format where that can be done by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMPS)/train $(STAMPS)/gpu  ## time operators and training steps (ARGS="--against torch")
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(STAMPS)/docs  ## build the documentation into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

clean:  ## remove caches and built files
	rm -rf build dist *.egg-info docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean  ## remove .venv too
	rm -rf $(VENV)

# ---- what they need --------------------------------------------------------------------------

$(STAMPS)/venv:
	@command -v $(PYTHON) > /dev/null || { echo "error: $(PYTHON) was not found; install Python 3.11 or later, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or later is needed and $(PYTHON) is $$($(PYTHON) -V 2>&1); name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; it takes a minute or two) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "error: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@# The build backend is kept here, so that installing the project itself needs no network.
	@$(PIP) install --quiet "setuptools>=77"
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/train $(STAMPS)/test $(STAMPS)/dev $(STAMPS)/docs $(STAMPS)/oracle: $(STAMPS)/%: pyproject.toml | $(STAMPS)/venv
	@echo "Installing what 'make $*' needs ..."
	@$(PIP) install --quiet --no-build-isolation -e ".[$*]"
	@touch $@

# A GPU is a gift: where its libraries cannot be had, everything runs on the CPU.
$(STAMPS)/gpu: | $(STAMPS)/venv
	@if version=$$(nvidia-smi 2> /dev/null | sed -n 's/.*CUDA Version: *\([0-9][0-9]*\).*/\1/p') && [ -n "$$version" ]; then \
		extra=cuda12; [ "$$version" -lt 13 ] || extra=cuda13; \
		echo "Found an NVIDIA GPU; installing CuPy ($$extra) ..."; \
		$(PIP) install --quiet --retries 1 --timeout 30 --no-build-isolation -e ".[$$extra]" > /dev/null 2>&1 \
			|| echo "CuPy could not be installed, so this runs on the CPU; 'make gpu' tries again."; \
	fi
	@touch $@

gpu:  ## look for a GPU again and install CuPy for it
	@rm -f $(STAMPS)/gpu
	@$(MAKE) --no-print-directory $(STAMPS)/gpu

oracle: $(STAMPS)/oracle  ## install PyTorch, which the tests then ask for the right answers
