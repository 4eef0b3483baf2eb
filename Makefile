# The one entry point for people and for CI. Needs Python >= 3.11 with venv and
# pip; uv is used instead of them when it is on PATH.
# ARGS is passed on: make run ARGS="--tab density", make test ARGS="-k ranking".

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
# Set up again when .venv is gone, or its Python is.
FRESH := $(shell test -x $(BIN)/python || echo FORCE)

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench screenshots opening messages lock clean FORCE

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run-stamp ## Start CityTech (ARGS="--tab density")
	@$(BIN)/citytech-tui $(ARGS)

test: .venv/.dev-stamp ## Run the tests (ARGS="-k ranking")
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: .venv/.dev-stamp ## Check style, formatting, types and import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import-linter

format: .venv/.dev-stamp ## Format the code and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev-stamp ## Run the benchmarks
	@$(BIN)/python -m bench.run $(ARGS)

screenshots: .venv/.dev-stamp ## Draw docs/screenshots anew
	@$(BIN)/python -m citytech_tui.screenshots docs/screenshots $(ARGS)

opening: .venv/.dev-stamp ## Store anew what the first screen shows of each embedded dataset
	@$(BIN)/python -m citytech_data.evidence
	@$(BIN)/python -m citytech_data.opening

# --universal: one lock for every system and every Python from 3.11 on.
COMPILE = pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

MESSAGES := tui/citytech_tui/locale
messages: .venv/.dev-stamp ## Collect the messages of the program for translation, and compile the catalogues
	@mkdir -p .cache
	@$(BIN)/python -m tests.messages .cache/messages.pot
	@$(BIN)/pybabel --quiet update --domain citytech --input-file .cache/messages.pot \
		--output-dir $(MESSAGES) --locale zh --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --width 98
	@$(BIN)/pybabel --quiet compile --domain citytech --directory $(MESSAGES)

lock: ## Write the lock files anew (ARGS=--upgrade for newer versions)
ifeq ($(UV),)
	@$(check_python)
	test -x .cache/uv/bin/uv || { $(PYTHON) -m venv --clear .cache/uv && \
		.cache/uv/bin/python -m pip install --quiet uv; }
endif
	$(if $(UV),uv,.cache/uv/bin/uv) $(COMPILE) $(ARGS) pyproject.toml --group build \
		--output-file requirements.lock
	$(if $(UV),uv,.cache/uv/bin/uv) $(COMPILE) $(ARGS) pyproject.toml --all-extras --group dev \
		--constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove all that make has made, .venv too
	rm -rf .venv .cache .hypothesis build dist
	find tui data tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- Set-up ------------------------------------------------------------------

define check_python
command -v "$(PYTHON)" >/dev/null || { \
	echo "Error: $(PYTHON) not found. CityTech needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 1; }; \
"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Error: $$("$(PYTHON)" --version 2>&1) is too old. CityTech needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 1; }; \
$(if $(UV),:,"$(PYTHON)" -c 'import ensurepip, venv') 2>/dev/null || { \
	echo "Error: $(PYTHON) has no venv module. Install it (Debian, Ubuntu: python3-venv) or install uv." >&2; exit 1; }
endef

# $(call install,LOCK): .venv with what LOCK pins, and this project, editable.
# hatchling and editables are in each lock, hence no build isolation. The last
# step writes .pyc files: without them the first start takes far longer. A file
# that does not compile is none of ours, so its error does not count.
ifeq ($(UV),)
make_venv = "$(PYTHON)" -m venv --clear .venv
pip = $(BIN)/python -m pip --no-input --disable-pip-version-check install --quiet
# A .venv that uv made has no pip.
pip_ready = $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
else
make_venv = uv venv --quiet --clear --no-project --python "$$(command -v "$(PYTHON)")" .venv
pip = uv pip install --quiet --python $(BIN)/python
pip_ready = :
endif

define install
@test -x $(BIN)/python || { $(check_python); echo "Making .venv ..." >&2; $(make_venv); }
@$(pip_ready)
@echo "Installing from $(1) ..." >&2
@$(pip) --require-hashes -r $(1)
@$(pip) --no-deps --no-build-isolation -e .
@$(BIN)/python -m compileall -qq -j 0 .venv/lib tui data || true
endef

.venv/.run-stamp: requirements.lock pyproject.toml $(FRESH)
	$(call install,requirements.lock)
	@touch $@

# The dev set holds the run set, at the same versions.
.venv/.dev-stamp: requirements-dev.lock pyproject.toml $(FRESH)
	$(call install,requirements-dev.lock)
	@touch .venv/.run-stamp $@

FORCE:
