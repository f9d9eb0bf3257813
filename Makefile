# Everything a person types here. Nothing is installed outside this folder: `rm -rf .venv .mergeflow` undoes it all.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# GitHub draws the plan's graphs with Mermaid, and so does a test. It is one file of npm's package, which is told by its digest.
MERMAID         := 11.17.2
MERMAID_SHA512  := 57a2b70bc101744b0f1595d228c25eea9a50384371b87011afd1af1d7e21878ee501b84c443f6a7f8a042bb2e869143150b31af34feab798073bbdda0a578106
MERMAID_FILE    := .mergeflow/mermaid-$(MERMAID)/package/dist/mermaid.min.js

# Where bytecode may not be written, every start of `mergeflow` compiles the checkout anew, and the tests start it often.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up up-kpi test drawn faults lint bench bench-quick lock clean

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv from the hash-pinned lock, and install the commit hook

demo: $(STAMP) ## refuse a bad pull request, merge a good one, run its DAG, show the rows
	@$(BIN)/python -m tests.demo

up: $(STAMP) ## Airflow on SQLite, following this repository's main, until Ctrl-C
	@$(BIN)/mergeflow up $(ARGS)

up-kpi: $(STAMP) ## the same, with the simulators' site beside it (system B)
	@$(BIN)/mergeflow up --site $(ARGS)

test: $(STAMP) ## every test but the demo's and the long ones in a live Airflow
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

drawn: $(STAMP) $(MERMAID_FILE) ## in Chromium: plans' graphs, drawn with npm's Mermaid as GitHub does, and reports' pages
	@MERGEFLOW_MERMAID=$(MERMAID_FILE) MERGEFLOW_MUST_DRAW=1 \
	  $(BIN)/python -m pytest tests/render/test_plan_mermaid_drawn.py tests/browser $(ARGS)

faults: $(STAMP) ## the demo, and the long tests in a live Airflow: what goes wrong around it, gates, tests (9 minutes)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder tests/demo tests/faults $(ARGS)

lint: $(STAMP) ## style, types, and whether what is generated is up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mergeflow check
	@$(BIN)/mergeflow rules --check
	@$(BIN)/mergeflow stubs --check
	@$(BIN)/mergeflow schema --check
	@$(BIN)/python -m tests.render.generated --check
	@PYTHONWARNINGS=ignore AIRFLOW_HOME=$(CURDIR)/.mergeflow/lint $(BIN)/mergeflow catalog check

bench: $(STAMP) ## measure against the peers, as ratios (25 minutes), and write docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-quick: $(STAMP) ## the same with a small fleet and no Airflow (3 minutes): is a ratio past its bar?
	@$(BIN)/python -m tests.benchmarks --quick $(ARGS)

lock: $(STAMP) ## resolve pyproject.toml again into requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --all-extras --no-header pyproject.toml -o requirements.lock

clean: ## remove what setup and runs have made
	rm -rf $(VENV) .mergeflow .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(MERMAID_FILE):
	@mkdir -p .mergeflow/mermaid-$(MERMAID)
	@cd .mergeflow/mermaid-$(MERMAID) && npm pack --silent mermaid@$(MERMAID) >/dev/null \
	  && echo "$(MERMAID_SHA512)  mermaid-$(MERMAID).tgz" | sha512sum --check --quiet \
	  && tar --extract --touch --file mermaid-$(MERMAID).tgz package/dist/mermaid.min.js \
	  || { echo "npm has no Mermaid $(MERMAID) with the digest that is written in the Makefile; on Debian: apt-get install npm" >&2; exit 1; }

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Mergeflow needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is another. Try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "installing the locked packages into $(VENV) (about two minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@! git rev-parse --git-dir >/dev/null 2>&1 || PRE_COMMIT_HOME=$(CURDIR)/$(VENV)/pre-commit $(BIN)/pre-commit install >/dev/null
	@touch $@
