# Every target prepares the checkout first; that takes no time once done. Settings: .ci/env.sh.
SHELL := bash
.DEFAULT_GOAL := help
.SUFFIXES:
ENV := source .ci/env.sh &&

.PHONY: help setup compile demo devnet keepers trial test fuzz mutants check snapshots bench run shell lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: .tools/ready ## install everything the checkout needs, inside the checkout
	@:

.tools/ready: .ci/setup.sh requirements.txt package.json package-lock.json ape-config.yaml
	@.ci/setup.sh

compile: setup ## compile the contracts, if a source has changed
	@.ci/compile.sh

demo: compile ## replay summer 2022; or SCENARIO=slashing-5; ARGS='--help' lists all
	@$(ENV) ape run demo $(if $(SCENARIO),--scenario $(SCENARIO)) $(ARGS)

devnet: compile ## leave the stack running on Anvil with funded accounts
	@$(ENV) ape run devnet $(ARGS)

keepers: compile ## every keeper against the devnet; starts one that lives if none runs; ARGS=--dry sends nothing; REDIS=1 or a URL
	@$(ENV) python -m keel.keepers all $(if $(REDIS),--redis $(if $(filter 1,$(REDIS)),own,$(REDIS))) $(ARGS)

trial: compile ## leave a devnet alone with its keepers, killed at random; ARGS='--days 30'
	@$(ENV) python -m keel.keepers trial $(ARGS)

test: export KEEL_PROFILE ?= ci
test: compile ## run every test; narrow with ARGS='tests/unit -k wrap'
	@$(ENV) ape test $(or $(ARGS),tests -n 2)

fuzz: compile ## play a stateful machine on an EVM in this process; ARGS='--help' tells more
	@$(ENV) ape run fuzz $(ARGS)

mutants: setup ## change contracts one place at a time: do the tests notice? ARGS='--help' tells more
	@$(ENV) python scripts/mutants.py $(ARGS)

check: compile ## format, lint, static analysis, sizes, snapshots; ARGS names some
	@$(ENV) python -m gates $(ARGS)

snapshots: compile ## write the ABI and storage snapshots anew
	@$(ENV) python -m gates.snapshots

bench: compile ## gas and speed tables
	@$(ENV) ape run bench $(ARGS)

run: setup ## run one command in the prepared environment: make run CMD='ape console'
	@$(ENV) $(or $(CMD),$(error CMD is empty: make run CMD='ape console'))

shell: setup ## open a shell in the prepared environment
	@$(ENV) exec "$${SHELL:-bash}"

lock: setup ## refresh both locks from pyproject.toml and package.json
	@$(ENV) uv pip compile --quiet --universal --generate-hashes --group test --group check pyproject.toml -o requirements.txt
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean: ## remove everything that set-up and builds made
	rm -rf .venv node_modules .tools .ape .build .cache contracts/.cache .pytest_cache .hypothesis .mypy_cache .ruff_cache .silverback-sessions
