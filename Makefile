# SPDX-License-Identifier: Apache-2.0
# One command for each thing. Needs make and Python 3.11 to 3.13 with venv; the rest comes with
# its hashes into .venv. PYTHON=/path/to/python3.12 picks the interpreter, WORKERS=4 the number of
# test processes, TESTS=tests/journal a part of the tests.

PYTHON ?=
WORKERS ?= 2
TESTS ?= tests
BIN := .venv/bin
SOURCES := agent hardware tests .ci/environment.py .ci/lock.py

.DEFAULT_GOAL := help
.PHONY: help demo demo-script test check prove bench deb lock clean demo-environment dev-environment

help:
	@echo "make demo-script  the main job with real processes, told line by line (under a minute)"
	@echo "make demo         till, paper and phone in a browser, with a guided tour"
	@echo "make test         every test (WORKERS=2, TESTS=tests)"
	@echo "make check        format, lint, types and house rules"
	@echo "make lock         compile requirements/*.in anew to the newest versions, with hashes"
	@echo "make clean        remove .venv, .demo and all that tools left behind"
	@echo "make bench        speed and memory side by side with others (12 minutes; BENCH_QUICK=1: 3)"
	@echo "make prove        all proofs with progress, some hours; can be stopped and goes on (SLICE=1:"
	@echo "                  a few minutes; PROVE=simulation: one part; FRESH=1: begin anew)"
	@echo "make deb          comes with a later issue"

demo-environment:
	@python=$$(.ci/python "$(PYTHON)") && "$$python" .ci/environment.py demo

dev-environment:
	@python=$$(.ci/python "$(PYTHON)") && "$$python" .ci/environment.py dev

demo demo-script: demo-environment
	@$(BIN)/countermark $@

# Workers take whole files, so that a fixture of a module is made once.
test: dev-environment
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile $(TESTS)

check: dev-environment
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/house

# Finished pieces are kept in .prove under a digest of the sources. See docs/proof.md.
prove: dev-environment
	@$(BIN)/python -m tests.prove --workers $(WORKERS) $(if $(PROVE),--part $(PROVE)) \
		$(if $(SLICE),--slice) $(if $(FRESH),--fresh) $(if $(PAGE),--page) $(if $(SEED),--seed $(SEED))

# BENCH=journal measures one part, BENCH_QUICK=1 less of each. See docs/performance.md.
bench: dev-environment
	@$(BIN)/python -m tests.bench

deb:
	@echo "make deb: the Debian package comes with a later issue; nothing was built." >&2; exit 1

lock:
	@python=$$(.ci/python "$(PYTHON)") && "$$python" .ci/lock.py

clean:
	@rm -rf .venv .demo .prove build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis htmlcov .coverage .coverage.*
	@find agent hardware tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -rf ./*.egg-info
