# Python 3.10 or newer, used only to make .venv.
PYTHON ?= python3

# Where this is set, each Pulumi run would compile all its modules anew.
unexport PYTHONDONTWRITEBYTECODE

# .venv with the named dependency groups of pyproject.toml; those that are there already stay.
define packages
@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 10) or sys.exit("setup: Python 3.10 or newer is needed and $(PYTHON) is %d.%d; name another one: make setup PYTHON=python3.12" % v[:2])'
@$(PYTHON) -m tools.environment $(1)
endef

# The same, and a Pulumi CLI as .venv/bin/pulumi; with a second argument `yaml`, one that runs YAML programs too.
define packages_and_cli
$(call packages,$(1))
@.venv/bin/python -m tools.pulumi_cli $(2)
endef

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Make .venv with all that developing takes, and .venv/bin/pulumi.
	$(call packages_and_cli,demo test docs bench lint,yaml)

.PHONY: demo
demo: ## Play the main job on a real Pulumi engine and local servers, in a minute.
	$(call packages_and_cli,demo)
	@.venv/bin/python -m demo

# Some shells have a variable of this name.
host = $(if $(filter command line,$(origin HOST)),$(HOST),)

# Stories on the real engine, served by the named host; what follows the name is for pytest.
define stories
@echo "test: stories on a real Pulumi engine, $(1) host"
@SIGNA_TEST_HOST=$(1) .venv/bin/python -m pytest tests/e2e --numprocesses 4 --verbose $(2)
endef

.PHONY: test
test: ## Run all tests, on the real engine too; with HOST=native all stories, on that host.
	$(call packages_and_cli,demo test,yaml)
	@PYTHONPATH=.:tests .venv/bin/python -m languages
ifneq ($(host),)
	$(call stories,$(host))
else
	@echo "test: modules, in process and on real sockets"
	@.venv/bin/python -m pytest --numprocesses 2 -m "not e2e"
	$(call stories,dynamic)
	$(call stories,native,-m "both_hosts or only")
endif

.PHONY: test-deep
test-deep: ## Try 2,000 new random examples of every law and state machine; takes minutes.
	$(call packages,demo test)
	@.venv/bin/python -m pytest tests/lifecycle tests/providers tests/signa_api --numprocesses 2 --hypothesis-profile=deep

.PHONY: chaos
chaos: ## Kill and interrupt 200 runs at random moments, and audit the next ones; half an hour. Takes HOST=native too.
	$(call packages_and_cli,demo test)
	@SIGNA_TEST_HOST=$(host) PYTHONPATH=.:tests .venv/bin/python -m e2e.chaos $(CHAOS)

.PHONY: bench
bench: ## Compare with providers that do nothing and with a plain one; two hours and a half.
	$(call packages_and_cli,demo bench)
	@.venv/bin/python -m bench

# Every warning is an error, and nothing is fetched.
pages = @.venv/bin/python -m sphinx --builder html --nitpicky --fail-on-warning --keep-going --quiet docs docs/_build/html

.PHONY: docs
docs: ## Build the pages of docs/; docs/_build/html/index.html is the first.
	$(call packages,docs)
	$(pages)

.PHONY: dist
dist: ## Build both distributions into dist/, a wheel and an sdist each.
	$(call packages,test)
	@rm -rf dist
	@.venv/bin/python -m build --outdir dist/pulumi-signa .
	@.venv/bin/python -m build --outdir dist/signa-receiver receiver

.PHONY: check
check: ## Check format, lint, types and pages.
	$(call packages,demo test docs bench lint)
	@.venv/bin/ruff format --check --quiet . && .venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	$(pages)
