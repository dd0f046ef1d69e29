# make demo: set up, train on faces, edit a photograph.   make test: set up, run the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PLUGINS := plugins/ptk-aging plugins/ptk-beard plugins/ptk-synth

.PHONY: help setup demo weights paper test slow fuzz lint types clean

help:
	@echo "make demo   set up, train PortraitGAN on the bundled faces, edit a real photograph (10 minutes on two cores)"
	@echo "make weights LONDON=photos   train ptk's own weights again, in stages that resume (hours)"
	@echo "make paper  train PortraitGAN, its ablations, CycleGAN and StarGAN, and write docs/paper.md (hours)"
	@echo "make test   set up, run the tests"
	@echo "make slow   run those that take long, too: kill runs, start clusters, try every command of the docs"
	@echo "make fuzz   set up, read damaged files of every kind for SECONDS (600), and count what went wrong"
	@echo "make lint   ruff"
	@echo "make types  mypy --strict"

setup: $(READY)

$(READY): pyproject.toml $(PLUGINS:%=%/pyproject.toml)
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("ptk needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[dlib,eval,export,mediapipe,openvino,ray,studio,styles,synth,video,dev]'
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation $(PLUGINS:%=-e %)
	touch $(READY)

demo: $(READY)
	$(BIN)/python docs/demo.py $(DEMO)

weights: $(READY)
	$(BIN)/python docs/make_weights.py --london $(or $(LONDON),$(error name the folder of the London set: make weights LONDON=photos)) $(if $(VGG),--vgg $(VGG)) $(if $(PORTRAITS),--portraits $(PORTRAITS)) $(WEIGHTS)

paper: $(READY)
	$(BIN)/python docs/make_paper.py $(if $(SEEDS),--seeds $(SEEDS)) $(if $(LONDON),--london $(LONDON)) $(if $(VGG),--vgg $(VGG)) $(PAPER)

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)
	$(if $(TESTS),,$(BIN)/python -m pytest -n auto --dist loadfile $(PLUGINS:%=%/tests))

slow: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile -m slow

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy $(PLUGINS:%=%/src)

clean:
	rm -rf $(VENV) demo build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
