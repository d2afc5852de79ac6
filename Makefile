# Two commands for a newcomer: `make demo` and `make test`. Both make their own virtual
# environment in .venv and install what they need; only python3 (with venv), git and make
# must be there already.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: demo test gui-test kill-test privacy plugin-wheel-check lint bench bench-workbench ibsi descriptors intervals fuzz ingest-table docs sample-registry screenshots display format clean help

help:
	@echo "make demo         the whole job on the digital case, into demo/"
	@echo "make test         all tests (installs what they need)"
	@echo "make gui-test     those of them that open a real napari window"
	@echo "make kill-test    200 kills -9 while somebody annotates: damaged, lost seconds"
	@echo "make plugin-wheel-check  the plugin from its wheel in a fresh environment"
	@echo "make privacy      de-identify every file of the test data, not a few of each folder"
	@echo "make lint         ruff, mypy, import-linter"
	@echo "make bench        ratios against named peers"
	@echo "make bench-workbench  the window on four phases beside plain napari"
	@echo "make fuzz         ten minutes of damaged files, archives and DICOMDIRs"
	@echo "make ingest-table what happens to each of 200 inputs, into the documentation"
	@echo "make ibsi         IBSI's reference values beside ours, as a table"
	@echo "make descriptors  words of 200 phantom variants beside what was planted"
	@echo "make intervals    do 95 % intervals hold what was planted?"
	@echo "make docs         the documentation site, into site/"
	@echo "make sample-registry  registry and page of the public samples, from a table of candidates"
	@echo "make screenshots  the pictures of the documentation"

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(DEV_STAMP): $(STAMP) plugins/napari-liverseg/pyproject.toml
	$(BIN)/python -m pip install --quiet --editable . --group dev
	$(BIN)/python -m pip install --quiet --editable plugins/napari-liverseg
	@touch $@

demo: $(STAMP)
	$(BIN)/liverseg demo -o demo --overwrite

# The display packages and the DICOM validator are Debian's; without root the tests that
# need them skip and say so.
display:
	@sh tests/install_display.sh

# Two processes, each with a screen of its own (pytest-xvfb) and one thread for linear algebra:
# threads of both would wait for each other. JOBS=1 runs everything in one.
test: $(DEV_STAMP) display
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(or $(JOBS),2) --dist worksteal \
		--cov --cov-report=term --cov-report=xml:build/coverage.xml $(PYTEST_ARGS)

gui-test: $(DEV_STAMP) display
	$(BIN)/python -m pytest -m gui tests/plugin $(PYTEST_ARGS)

# KILLS, WINDOWS and SEED can be given: make kill-test KILLS=20 WINDOWS=0
kill-test: $(DEV_STAMP) display
	@sh tests/run_with_display.sh $(BIN)/python -W ignore tests/kills.py \
		--kills $(or $(KILLS),200) --windows $(or $(WINDOWS),5) --seed $(or $(SEED),1)

# Downloads napari and its friends into build/: some minutes and a gigabyte.
plugin-wheel-check: display
	sh tests/wheel_check.sh $(PYTHON) build/wheel-check

privacy: $(DEV_STAMP) display
	LIVERSEG_ALL_FILES=1 $(BIN)/python -m pytest tests/unit/privacy tests/e2e/test_deidentify.py \
		tests/e2e/test_outputs_name_nobody.py $(PYTEST_ARGS)

lint: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/ingest.py

bench-workbench: $(DEV_STAMP) display
	@sh tests/run_with_display.sh $(BIN)/python -W ignore benchmarks/workbench.py

# MINUTES and SEED can be given: make fuzz MINUTES=1 SEED=7
fuzz: $(DEV_STAMP)
	$(BIN)/python -W ignore benchmarks/fuzz_ingest.py \
		--minutes $(or $(MINUTES),10) --seed $(or $(SEED),1)

ingest-table: $(DEV_STAMP)
	$(BIN)/python -W ignore benchmarks/ingest_table.py

ibsi: $(DEV_STAMP)
	@$(BIN)/python tests/ibsi_table.py

descriptors: $(DEV_STAMP)
	$(BIN)/python benchmarks/descriptors.py

intervals: $(DEV_STAMP)
	$(BIN)/python benchmarks/intervals.py

docs: $(DEV_STAMP)
	$(BIN)/python -m mkdocs build --strict --site-dir site

# CANDIDATES is a table of series of the Imaging Data Commons; without one the page alone is made.
sample-registry: $(DEV_STAMP)
	$(if $(CANDIDATES),$(BIN)/python sample_data/make_series.py $(CANDIDATES))
	$(BIN)/python sample_data/make_page.py
	$(BIN)/python plugins/napari-liverseg/sample_menu.py

screenshots: $(DEV_STAMP) display demo
	sh tests/run_with_display.sh $(BIN)/python -m napari_liverseg.screenshots \
		demo/case.liverseg docs/pictures

clean:
	rm -rf $(VENV) build site demo .pytest_cache .mypy_cache .ruff_cache
