# Every command works from a bare checkout (Python 3.11+, make, git); `env` is built once from the hash-locked file.
.DEFAULT_GOAL := help
.PHONY: chromium test-soak test-install test-hostile test-kills test-kept-name sbom audit schema test-races help env docs demo demo-stop test lint test-clients test-browser test-blob test-batch test-mutation test-thorough bench bench-noop bench-makespan bench-small-artifacts bench-workers lock clean bench-scale bench-kills bench-chaos bench-shared-budget bench-outage bench-ui
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv --no-config --system-certs --quiet

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.tools/.installed: deployments/supply/tools.lock
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deployments/supply/tools.lock
	@touch $@

# uv installs a lock in a tenth of pip's time. A lock has everything, so nothing is resolved.
define install
	$(PYTHON) -m venv --without-pip $(1)
	$(UV) pip install --no-deps --require-hashes --python $(1)/bin/python -r $(2)
endef

$(VENV)/.installed: requirements.lock pyproject.toml | .tools/.installed
	$(call install,$(VENV),requirements.lock)
	$(UV) pip install --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

env: $(VENV)/.installed ## The environment, from the lock

demo: env ## Move a lifelike registry on an embedded Azure (KEEP=1 leaves the UI and the emulator up)
	@exec $(BIN)/python -m deployments.demo $(if $(KEEP),--keep)

demo-stop: env ## Stop what `make demo KEEP=1` left running
	@$(BIN)/python -m deployments.demo --stop

lint: env ## Linters, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Linters, types, import contracts, tests
	$(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m "not thorough"

.docs/.installed: docs/requirements.lock | .tools/.installed
	$(call install,.docs,docs/requirements.lock)
	@touch $@

docs: .docs/.installed ## The documentation as a site in site/, built strictly
	NO_MKDOCS_2_WARNING=1 .docs/bin/mkdocs build --strict --quiet

schema: env ## Write the schema of a new Prefect database, for the locked version
	$(BIN)/python -m deployments.server.database > deployments/server/schema.sql.new
	mv deployments/server/schema.sql.new deployments/server/schema.sql

lock: .tools/.installed ## Update the locks
	$(UV) pip compile pyproject.toml --extra dev --extra blob --extra metrics --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock
	$(UV) pip compile pyproject.toml --extra image --extra metrics --constraint requirements.lock --python-platform linux --python-version 3.13 --generate-hashes --no-header -o deployments/requirements.lock
	$(UV) pip compile deployments/supply/requirements.in --universal --python-version 3.11 --generate-hashes --no-header -o deployments/supply/requirements.lock
	$(UV) pip compile docs/requirements.in --universal --python-version 3.11 --generate-hashes --no-header -o docs/requirements.lock

clean: ## Remove the environment and all caches
	rm -rf $(VENV) .docs .supply sbom.json site .clients .tools .azurite .state .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The real clients, apart from our own environment: az pins much of what we use at other versions.
.clients/.installed: tests/clients/az.lock tests/clients/oci.lock | .tools/.installed
	$(call install,.clients/az,tests/clients/az.lock)
	$(call install,.clients/oci,tests/clients/oci.lock)
	command -v skopeo >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends skopeo)
	@touch $@

test-clients: env .clients/.installed ## Unmodified az, skopeo, oras and azure-containerregistry against the embedded Azure
	$(BIN)/pytest -q -n 2 --dist loadfile tests/clients

chromium:
	command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium)

test-browser: env chromium ## A person at the Prefect UI, in Debian's Chromium (PICTURES=1 renews docs/pictures)
	$(BIN)/pytest -q tests/browser $(if $(PICTURES),--pictures docs/pictures)

test-install: env ## pipx and uvx install the package from a clone, and it runs away from there
	$(BIN)/pytest -q tests/install

.supply/.installed: deployments/supply/requirements.lock | .tools/.installed
	$(call install,.supply,deployments/supply/requirements.lock)
	@touch $@

sbom: .supply/.installed ## A bill of materials of what the image installs, as CycloneDX, in sbom.json
	.supply/bin/cyclonedx-py requirements deployments/requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON --output-file sbom.json

# Strict: what could not be looked up is no clean bill.
audit: .supply/.installed ## Known vulnerabilities in the locks of the image and of the project; asks PyPI
	.supply/bin/pip-audit --strict --disable-pip --require-hashes --requirement deployments/requirements.lock
	.supply/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

# Microsoft's own emulator of Blob storage. No scripts of packages: telemetry is all that they would add.
.azurite/.installed:
	command -v npm >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends npm)
	npm install --silent --no-fund --no-audit --ignore-scripts --prefix .azurite azurite@3.37.0
	@touch $@

test-blob: env .azurite/.installed ## Results in Azure Blob, against Microsoft's Azurite
	$(BIN)/pytest -q tests/blob

test-batch: env ## 20 registries on a schedule, 3 workers, PostgreSQL; then the same with all of it killed: 16 minutes
	command -v pg_ctlcluster >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql)
	$(BIN)/pytest -q tests/batch

test-soak: env ## Rounds of runs on a plain Prefect server, workers lost, server restarted: 20 minutes (MINUTES=15)
	$(BIN)/pytest -q -s tests/soak

test-races: env ## 1,000 races for a registry while reads lag: never two runs at a time (TRIALS=, SEED=)
	$(BIN)/pytest -q -s tests/races

test-thorough: env ## What is too long for `make test`: forged approvals, every secret, a failure at each write
	$(BIN)/pytest -q -n 2 -m thorough tests/service tests/thorough

test-hostile: env ## Kills, faults, other people, forged records over all flows, at random (MINUTES=30, SEED=N to play one again)
	$(BIN)/python -m tests.hostile --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))

test-kills: env ## SIGKILL at 20 random calls of each writing flow, then on another machine: an hour on two free cores (KILLS=, SEED=N)
	$(BIN)/python -m tests.hostile.kills --kills $(or $(KILLS),20) $(if $(SEED),--seed $(SEED))

test-kept-name: env ## SIGKILL at 30 random calls of a move under the same name, then on another machine: 45 minutes (KILLS=, SEED=N)
	$(BIN)/python -m tests.hostile.kept_name --kills $(or $(KILLS),30) $(if $(SEED),--seed $(SEED))

test-mutation: env ## Each row of the table of the article: its step taken out, its test fails (ROW=WORDS for some)
	$(BIN)/python -m tests.mutation $(if $(ROW),"$(ROW)")

bench: env .clients/.installed ## The article's loop against acr-relocate sync, as a ratio
	$(BIN)/python -m benchmarks.article

bench-noop: env .clients/.installed ## A re-run with nothing to do at 10,000 tags, beside skopeo sync
	$(BIN)/python -m benchmarks.noop

bench-makespan: env ## The Docker Official Images at ARM's limit, beside models of other tools: 12 minutes
	$(BIN)/python -m benchmarks.makespan

bench-scale: env ## 1,000, 10,000 and 100,000 tags: calls, CPU, memory, records (needs the package postgresql): 25 minutes
	$(BIN)/python -m benchmarks.scale --picture docs/pictures/scale.svg

bench-kills: env ## 20 kills amidst the imports, each followed by a run: 25 minutes
	$(BIN)/python -m benchmarks.kills

bench-chaos: env ## A fifth of all calls fails: 10 minutes
	$(BIN)/python -m benchmarks.chaos

bench-shared-budget: env ## Two relocations with one identity: 4 minutes
	$(BIN)/python -m benchmarks.shared_budget

bench-outage: env ## The Prefect server away for 150 s amidst the imports: 6 minutes
	$(BIN)/python -m benchmarks.outage

bench-small-artifacts: env ## Tags of platforms and referrers pushed beside the imports, .NET and signed images: 8 minutes
	$(BIN)/python -m benchmarks.small_artifacts

bench-workers: env ## 1, 2 and 4 workers on PostgreSQL take relocations from one pool, and one relocation in parts: 15 minutes
	$(BIN)/python -m benchmarks.workers

bench-ui: env chromium ## What the Prefect UI shows of a run of 10,000 imports, in Debian's Chromium: 10 minutes
	$(BIN)/python -m benchmarks.ui
