# make demo   a sketch painted in a style that is found by words
# make test   everything that CI runs
# make slow   the tests that take minutes: more rounds, more at once, every pair
# make faults kill -9, full disks, jumping clocks, crowds, and a day's load: some 20 minutes
# make serve  HTTP on 127.0.0.1:8000
PYTHON ?= python3
# where PyTorch comes from; the README says how to get the small build without CUDA
TORCH_INDEX ?=
BIN := .venv/bin

.PHONY: demo test slow faults setup serve lint clean

demo: setup
	$(BIN)/atelier design samples/house.png "a cottage with a red roof and trees in a sunny meadow" --seed 1 \
	    -o out/design.png --sheet out/contact-sheet.png

test: .venv/.tools lint
	$(BIN)/pytest -n 3 --dist worksteal

slow: .venv/.tools
	$(BIN)/pytest -n 2 --dist worksteal -m slow

faults: .venv/.tools
	$(BIN)/pytest tests/faults -m 'slow or not slow'

lint: .venv/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve: setup
	$(BIN)/atelier serve

setup: .venv/.installed

.venv/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Atelier needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "Installing into .venv; the first time takes a few minutes."
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --upgrade pip
	@$(if $(TORCH_INDEX),$(BIN)/pip install "$$(grep ^torch== requirements.txt)" --index-url $(TORCH_INDEX),:)
	$(BIN)/pip install -e .
	@touch $@

.venv/.tools: .venv/.installed requirements-dev.txt pyproject.toml
	$(BIN)/pip install --quiet -r requirements-dev.txt -e .[datasets,groq,langfuse,ollama,openai]
	@touch $@

clean:
	rm -rf .venv out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
