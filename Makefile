# make run | scenarios | hello | test | coverage | package | clients | check | bench | picture | update | model | test-lowest |
# test-newest | clean, each with PYTHON=python3.12 and the like. CONTRIBUTING.md says when to use which.
PYTHON ?= python3
SCENARIO ?= scenario_signup_user_with_mfa.py
VENV ?= .venv/$(shell $(PYTHON) -c 'import sys; print("py%d.%d" % sys.version_info[:2])')
BIN = $(VENV)/bin
AWS_CLI = test/clients/aws/.venv/bin/aws
VERIFIERS = test/clients/verifiers/.venv/installed
NODE_CLIENTS = test/clients/node/node_modules/.package-lock.json
BROWSER_APP = test/clients/browser/bundle/app.js
# Exact versions for every Python that is supported; `make update` renews them.
LOCK = requirements.lock
CLIENT_LOCKS = test/clients/aws/requirements.lock test/clients/verifiers/requirements.lock
NODE_LOCKS = test/clients/node/package-lock.json test/clients/browser/package-lock.json
INSTALL = -m pip install --quiet --disable-pip-version-check
PIP = $(BIN)/python $(INSTALL) --constraint $(LOCK)
# pip builds a package in an environment of its own: since pip 25.3 the second variable is what holds there.
LOCKED_BUILD = PIP_CONSTRAINT=$(CURDIR)/$(LOCK) PIP_BUILD_CONSTRAINT=$(CURDIR)/$(LOCK)
# Tests start hundreds of Pythons, each of which would compile all modules anew where a container forbids to keep them.
unexport PYTHONDONTWRITEBYTECODE
PYTEST = -m pytest --numprocesses auto --dist worksteal $(ARGS)

.PHONY: run scenarios hello environment test coverage test-lowest test-newest package clients check bench picture update model clean

run: $(VENV)/run-installed
	@$(BIN)/python $(SCENARIO) $(ARGS)

# Each scenario in a line: the command that runs it, and what it is.
scenarios:
	@for file in scenario_*.py; do sed -n '1s/^"""\(.*\), one.*/make run SCENARIO='$$file'  \1/p' $$file; done

# The pools of an account; here, of the local pool.
hello: $(VENV)/run-installed
	@$(BIN)/python hello_cognito.py --local

# All that the tests need, beside the clients.
environment: $(VENV)/test-installed

# Without Node or npm, or without a network, the tests of the clients that are missing are skipped.
test: $(VENV)/test-installed
	@$(MAKE) --keep-going --no-print-directory clients || echo "Some clients are missing; their tests will be skipped."
	$(BIN)/python $(PYTEST)

# The same, and which lines it reaches; the floor stands in pyproject.toml.
coverage: $(VENV)/test-installed
	@$(MAKE) --keep-going --no-print-directory clients || echo "Some clients are missing; their tests will be skipped."
	$(BIN)/coverage erase
	$(BIN)/coverage run $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The suite once more, in an environment of its own, with exactly the lower bounds of the requirements files; and what
# tests the packages with their own boto3, which may be older than the scenarios'.
OF_THE_PACKAGES = test/local_cognito test/package $(wildcard test/test_c*.py test/test_sign_in_flow.py test/test_signed*.py test/test_token*.py)
test-lowest:
	$(PYTHON) -m venv --clear $(VENV)-lowest
	sed 's/>=/==/; s/\[[^]]*\]//; /^-/d' requirements*.txt test/requirements.txt > $(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python $(INSTALL) \
		--constraint $(VENV)-lowest/constraints.txt -r requirements.txt -r test/requirements.txt
	$(VENV)-lowest/bin/python $(PYTEST)
	$(VENV)-lowest/bin/python $(INSTALL) $(shell sed -n 's/^ *"boto3>=\([0-9.]*\)",$$/boto3==\1/p' pyproject.toml)
	$(VENV)-lowest/bin/python $(PYTEST) $(OF_THE_PACKAGES)

# The same with the newest versions that there are today, whatever the lock says.
test-newest:
	$(PYTHON) -m venv --clear $(VENV)-newest
	$(VENV)-newest/bin/python $(INSTALL) -r requirements.txt -r test/requirements.txt
	$(VENV)-newest/bin/python $(PYTEST) test test/package/newest_service_model.py

# Both packages as others get them: installed by pip, into environments of their own, with only what they ask for.
package: $(VENV)/test-installed
	$(call fresh,client,. mypy)
	$(call fresh,pool,./local_cognito)
	$(call fresh,plugin,"./local_cognito[boto3]" -r test/package/requirements.txt)
	FRESH_ENVIRONMENTS=$(VENV)-fresh $(BIN)/python -m pytest $(ARGS) test/package/fresh_environment.py

fresh = $(PYTHON) -m venv --clear $(VENV)-fresh/$(1) && $(LOCKED_BUILD) $(VENV)-fresh/$(1)/bin/python $(INSTALL) $(2)

# The clients that test/clients drives and that are not part of the test environment.
clients: $(AWS_CLI) $(NODE_CLIENTS) $(BROWSER_APP) $(VERIFIERS)

check: $(VENV)/test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint resources/*.yaml

# Figures beside peers, as ratios from one run.
bench: $(VENV)/test-installed
	$(BIN)/python benchmarks/scenario_start.py
	$(BIN)/python benchmarks/big_pool.py
	$(BIN)/python benchmarks/client.py
	$(BIN)/python benchmarks/endpoint.py
	$(BIN)/python benchmarks/many_clients.py
	$(BIN)/python benchmarks/features.py
	$(BIN)/python benchmarks/existence.py

# The pool's API model anew, from the botocore that is installed, and the types that are made from it.
model: $(VENV)/test-installed
	$(BIN)/python -m scripts.make_service_model
	$(BIN)/python -m scripts.make_request_types

# The README's picture, from a real run.
picture: $(VENV)/test-installed
	$(BIN)/python docs/make_picture.py

# Renews every lock and shows which versions changed. uv resolves for all Pythons and platforms at once.
update:
	$(PYTHON) -m venv $(VENV)-update
	$(VENV)-update/bin/python $(INSTALL) --upgrade uv
	$(call compile,$(LOCK),requirements.txt test/requirements.txt)
	$(foreach lock,$(CLIENT_LOCKS),$(call compile,$(lock),$(lock:.lock=.txt)) &&) true
	$(foreach lock,$(NODE_LOCKS),(cd $(dir $(lock)) && npm update --package-lock-only $(NPM_OPTIONS)) &&) true
	@git --no-pager diff --unified=0 -- $(LOCK) $(CLIENT_LOCKS) | grep -E '^(diff|[-+]\w)' || echo "No Python package changed."
	@git --no-pager diff --unified=1 -- $(NODE_LOCKS) | grep -E '^(diff|. +"(node_modules/.*|version)":)' \
		|| echo "No npm package changed."

NPM_OPTIONS = --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error
compile = $(VENV)-update/bin/uv pip compile --quiet --universal --python-version 3.10 --upgrade --strip-extras \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make update" --output-file $(1) $(2)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .coverage .coverage.*
	rm -rf test/clients/aws/.venv test/clients/verifiers/.venv test/clients/node/node_modules
	rm -rf test/clients/browser/node_modules test/clients/browser/bundle

$(VENV)/run-installed: requirements.txt $(LOCK)
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed: make run PYTHON=python3.12" if sys.version_info < (3, 10) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/test-installed: $(VENV)/run-installed test/requirements.txt requirements-warrant.txt $(wildcard test/stand_in/*.whl)
	@$(PIP) -r requirements.txt -r test/requirements.txt
	@touch $@

$(AWS_CLI): test/clients/aws/requirements.txt test/clients/aws/requirements.lock
	@$(PYTHON) -m venv test/clients/aws/.venv
	@test/clients/aws/.venv/bin/python $(INSTALL) --constraint test/clients/aws/requirements.lock -r $<
	@touch $@

$(VERIFIERS): test/clients/verifiers/requirements.txt test/clients/verifiers/requirements.lock
	@$(PYTHON) -m venv test/clients/verifiers/.venv
	@test/clients/verifiers/.venv/bin/python $(INSTALL) --constraint test/clients/verifiers/requirements.lock -r $<
	@touch $@

$(NODE_CLIENTS): test/clients/node/package-lock.json
	@cd test/clients/node && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BROWSER_APP): $(addprefix test/clients/browser/,package.json package-lock.json app.js)
	@cd test/clients/browser && npm ci --no-audit --no-fund --loglevel=error && npm run --silent bundle
	@touch $@
