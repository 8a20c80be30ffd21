# What a developer does with txmon; `make` alone lists it.
# Everything runs in .venv, which follows constraints.txt and pyproject.toml.

PYTHON ?= python3.11
BIN := .venv/bin
PIP := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test mutate lint types bench docs figures prove clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 12

demo: .venv/run.stamp  ## score sample_data/ with rules/ into out/demo and tell what was found
	@$(BIN)/txmon score sample_data/payments --rules rules --out out/demo
	@$(BIN)/python benchmarks/figures.py story out/demo sample_data

test: .venv/dev.stamp  ## the tests, with branch coverage
	$(BIN)/pytest -n 2 --cov --cov-report=term

mutate: .venv/dev.stamp  ## whether the cases of the shipped rules notice every small change to a rule
	$(BIN)/txmon mutate rules --min-score 100%

lint: .venv/dev.stamp  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp  ## mypy, strict
	$(BIN)/mypy

bench: .venv/dev.stamp  ## the benchmarks; their last table is in benchmarks/README.md
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/graph.py

docs: .venv/dev.stamp  ## put what commands really print into the pages that show it
	$(BIN)/python tests/docs/refresh.py

figures: .venv/dev.stamp  ## what the shipped rules find, on data they were not made for, into rules/README.md
	$(BIN)/python benchmarks/figures.py table

prove: .venv/dev.stamp  ## the laws with many more examples: for an hour or so
	TXMON_PROFILE=deep $(BIN)/pytest -n 2 tests/laws

clean:  ## remove the environment, caches and what demo wrote
	rm -rf .venv out build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find engine tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: constraints.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing txmon into .venv"
	@$(PIP) install --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@echo "installing what the tests need into .venv"
	@$(PIP) install --editable '.[dev]'
	@touch $@
