# The project's commands. `make help` lists them; each sets up what it needs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
STACK ?=
# Another project than this repository's, by its folder: PROJECT=examples/ledger.
PROJECT ?=
OF_PROJECT := $(if $(PROJECT),--project "$(PROJECT)")
STATE ?= build/$(STACK).state.json
EXPORTED := build/$(STACK).exported.json
# What the recorded states of both stacks depend on: `make cost` and its neighbours record them again after a change.
PROGRAM := $(wildcard __main__.py outputs.py Pulumi*.yaml) $(shell find components settings sandbox -name '*.py')
STATES := build/production.state.json build/dr.state.json

.PHONY: help setup preview state audit cost evidence diagram secrets schema golden exemptions new-places check test test-all mutants \
	drill rehearsal lint types bench clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(READY) ## install what the project needs: Python packages, and the Pulumi CLI if there is none
	@$(BIN)/python -m sandbox cli > /dev/null

$(READY): uv.lock
	@PYTHON="$(PYTHON)" sh scripts/setup.sh

preview: setup ## preview production and dr (STACK=dr, PROJECT=examples/ledger) under the policies: no account, nothing created
	@$(BIN)/python -m sandbox preview $(OF_PROJECT) $(STACK)

state: setup ## write the state that STACK=production has after an `up` in the sandbox, with dummy secrets
	@test -n "$(STACK)" || { echo "make state STACK=production or STACK=dr"; exit 2; }
	@$(BIN)/python -m sandbox state $(OF_PROJECT) $(STACK) $(STATE)

$(STATES): build/%.state.json: $(PROGRAM) uv.lock | setup
	@$(BIN)/python -m sandbox state $* $@ > /dev/null

# STATE names a file that was exported before; without it the stack is exported with your own Pulumi CLI, logged in.
audit: setup ## judge the state of a deployed stack, STACK=production, by the policies (STATE=file: an exported one)
	@test -n "$(STACK)" || { echo "make audit STACK=production or STACK=dr"; exit 2; }
	@mkdir -p build
	@test "$(origin STATE)" != file || { rm -f $(EXPORTED); umask 077; \
		pulumi stack export $(if $(PROJECT),--cwd "$(PROJECT)") --stack $(STACK) --file "$(abspath $(EXPORTED))"; }
	@$(BIN)/python -m sandbox audit $(OF_PROJECT) $(STACK) $(if $(filter file,$(origin STATE)),$(EXPORTED),$(STATE))

# STATE_PRODUCTION and STATE_DR: exports of the deployed stacks, in place of the states that the sandbox records.
# BACKUP_REPORT: pages of `taskflow backup report --output`. EVIDENCE: the folder.
EVIDENCE ?= build/evidence
EXPORTS := $(STATE_PRODUCTION)$(STATE_DR)
evidence: $(if $(EXPORTS),$(READY),$(STATES)) ## write the auditor's folder (STATE_PRODUCTION=file STATE_DR=file: from exports)
	@$(BIN)/python -m reports.evidence --folder "$(EVIDENCE)" $(addprefix --backup-report ,$(BACKUP_REPORT)) \
		$(if $(STATE_PRODUCTION),--production "$(STATE_PRODUCTION)") $(if $(STATE_DR),--dr "$(STATE_DR)")
cost: $(STATES) ## estimate what both stacks cost in a month, and what changed since docs/cost.md
	@$(BIN)/python -m reports.cost

secrets: $(READY) ## list the secret settings that each stack needs, with the commands that set them
	@$(BIN)/python -m sandbox secrets $(OF_PROJECT)

schema: $(READY) ## write the JSON Schema of the stack files, for editors, and docs/settings.md
	@$(BIN)/python -m settings.schema

golden: setup ## write the golden files from today's plans; review the difference
	@$(BIN)/python -m pytest -q tests/engine/test_stacks.py tests/engine/test_tables.py \
		tests/components/access tests/docs tests/reports/cost/test_page.py \
		tests/reports/diagram/test_pictures.py tests/examples/test_ledger_pages.py --update-golden

# AGAINST names an earlier docs/architecture.json: prints what changed since, and draws nothing.
diagram: setup $(STATES) ## draw the pictures of the architecture; AGAINST=FILE: print which boxes changed instead
	@$(BIN)/python -m reports.diagram $(if $(AGAINST),--against $(AGAINST))

exemptions: $(READY) ## list the exemptions from policies that end within DAYS=14 days; fails if there are any
	@$(BIN)/python -m reports.exemptions $(or $(DAYS),14)

new-places: $(READY) ## list what a new setting, rule or alarm still lacks, all places at once
	@$(BIN)/python -m pytest -q -m places --tb=line --no-header -p no:warnings

lint: $(READY) ## format and lint: ruff, zizmor, and actionlint where Go is present
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/zizmor --quiet --offline .github
	@sh scripts/actionlint.sh

types: $(READY) ## check types (basedpyright)
	@$(BIN)/basedpyright

# A worker that dies ends the run: pytest-xdist, which would put another in its place, may wait for ever at the end.
# The order in which tests begin is tests/conftest.py's, not by the size of their groups.
PYTEST = $(BIN)/python -m pytest -q -n 2 --dist loadgroup --no-loadscope-reorder --max-worker-restart=0

check: $(READY) ## before a commit, in half a minute: format and lint, types and tests of what differs from HEAD
	@$(BIN)/python scripts/check.py

# Types are checked beside the tests, which take longer; what either finds is shown.
test: setup lint ## run every check but the thorough ones: format, lint, types, tests (minutes)
	@mkdir -p build; $(BIN)/basedpyright > build/types.txt 2>&1 & types=$$!; \
	$(PYTEST) -m 'not thorough'; tests=$$?; \
	wait $$types; types=$$?; echo "types:"; cat build/types.txt; exit $$((tests || types))

test-all: setup lint types ## run every check, the thorough ones included (over two hours)
	@$(PYTEST)

mutants: $(STATES) ## change each recorded figure and guard, one at a time: the policies must report it, or it is reviewed
	@$(BIN)/python -m tests.mutants

drill: setup ## lose us-east-1 in the sandbox: promote dr, work in it; writes docs/drill.md and the times of the recovery plan
	@$(BIN)/python -m tests.drill

rehearsal: setup ## a shell in which `pulumi` and `taskflow` work over a simulated AWS: deploy, release, lose a region
	@$(BIN)/python -m tests.rehearsal

bench: setup ## time the warm preview against a floor of bare resources, and the growth by services, as ratios
	@$(BIN)/python -m tests.bench

clean: ## remove what these commands made in this folder (the user's cache stays)
	rm -rf .venv build .pytest_cache .ruff_cache .hypothesis
