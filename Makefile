# CAMI Funding. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_ARGS ?=
KAFKA_PORT ?= 9092
CLUSTER ?= var/cluster
POSTGRES_DATA ?= .engines/postgres
POSTGRES_PORT ?= 55432
.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo test test-faults check bench format contracts clean kafka kafka-stop postgres postgres-stop cluster cluster-stop

help:            ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install     ## set everything up, then start every service on this machine
	@$(BIN)/cami run

demo: install    ## drive the whole road over HTTP, as a browser would; documents land in out/demo
	@$(BIN)/cami demo --out out/demo

install: $(VENV)/.installed   ## the set-up alone, into .venv

test: install-dev  ## set everything up, then run every test, on all cores (TEST_ARGS="-n 0": in one process)
	@$(BIN)/python -m pytest -n auto $(TEST_ARGS)

test-faults: install-dev  ## break everything while people work (FAULTS_MINUTES=10), and prove that nothing is lost
	@$(BIN)/python -m tests.faults

check: install-dev  ## style, types, who may import whom, contracts, documents, deployment files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/cami contracts check
	@$(BIN)/python -m pytest -q tests/docs tests/deploy

bench: install-dev ## measure against bare baselines; prints JSON last
	@$(BIN)/python -m tests.bench

postgres:        ## start a PostgreSQL of our own on this machine and print its URL
	@sh deploy/postgres/postgres.sh start $(POSTGRES_DATA) $(POSTGRES_PORT)

postgres-stop:   ## end it; its data stays
	@sh deploy/postgres/postgres.sh stop $(POSTGRES_DATA)

contracts: install-dev ## write schemas, AsyncAPI document and event catalogue anew
	@$(BIN)/cami contracts write

kafka:           ## start Apache Kafka on this machine, on port KAFKA_PORT; needs Java and Maven
	@sh deploy/kafka/kafka.sh start var/kafka --port $(KAFKA_PORT)

kafka-stop:      ## stop it; its data stay in var/kafka
	@sh deploy/kafka/kafka.sh stop var/kafka

cluster: install ## the same program on Kafka and PostgreSQL, replicas, nginx; RESTORE=FILE begins with a backup
	@sh deploy/system.sh cluster
	@$(BIN)/python -m deploy.cluster start --folder $(CLUSTER) $(if $(RESTORE),--restore $(RESTORE))

cluster-stop:    ## stop it, from another terminal; its data stay in var/cluster
	@$(BIN)/python -m deploy.cluster stop --folder $(CLUSTER)

clean:           ## remove the virtual environment and caches; data stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

install-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml deploy/system.sh | $(VENV)/bin/python
	@sh deploy/system.sh run
	@echo "Installing pinned packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@sh deploy/system.sh test
	@echo "Installing pinned packages for tests and checks"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
