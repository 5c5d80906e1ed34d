# Two commands are enough: `make book` and `make test`. Both set up .venv first, if need be.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.avatar-gans-ready
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

# quick: about two minutes a chapter on a laptop. One thread a process keeps two test processes from
# fighting for the processor, and gives the same sums on every machine with the same instructions.
QUICK = AVATARLIB_PRESET=$${AVATARLIB_PRESET:-quick} JUPYTER_PREFER_ENV_PATH=1
ONE_THREAD = OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive

.DEFAULT_GOAL := help
.PHONY: help setup book pdf test browser notebooks lab serve lint steady bench clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1~\2/p' Makefile | awk -F '~' '{printf "%-18s%s\n", $$1, $$2}'

setup: $(STAMP)  ## make .venv and install what requirements.txt pins (again only when that changes)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 10) else \
	  "Python 3.10 or newer is needed, and $(PYTHON) is %d.%d: try make PYTHON=python3.12" % v[:2])'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $(STAMP)

book: setup  ## run the chapters and build the book in _build/html
	$(QUICK) OMP_WAIT_POLICY=passive $(BIN)/python tools/build_book.py

pdf: setup  ## print the built book as _build/html/cartoon-avatar-gans.pdf, with Chromium
	$(BIN)/python -c "import pypdf" 2>/dev/null || $(BIN)/python -m pip install -q -e ".[pdf]"
	$(BIN)/python tools/build_pdf.py

test: setup  ## run all tests, and compare every output of every notebook
	$(QUICK) $(ONE_THREAD) $(BIN)/python -m pytest $(NOTEBOOKS) tests -n 2 --dist loadscope --max-worker-restart 0 \
	  --no-loadscope-reorder --nbval --nbval-current-env --nbval-cell-timeout 300 --nbval-sanitize-with tests/sanitize.cfg

browser: setup  ## test the avatar designer in JupyterLab, with Chromium (Debian: chromium, chromium-driver)
	$(BIN)/python -c "import selenium" 2>/dev/null || $(BIN)/python -m pip install -q -e ".[browser]"
	$(ONE_THREAD) $(BIN)/python -m pytest tests/browser -m browser -rs

notebooks: setup  ## run all notebooks again and store their outputs
	$(QUICK) $(ONE_THREAD) $(BIN)/python tools/run_notebooks.py $(NOTEBOOKS)

lab: setup  ## open the notebooks in JupyterLab
	JUPYTER_PREFER_ENV_PATH=1 $(BIN)/python -m jupyterlab --notebook-dir=notebooks

serve:  ## show the built book at http://localhost:8000 (or PORT=...)
	@test -d _build/html || { echo "There is no book yet: run make book first."; exit 1; }
	$(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lint: setup  ## check style, types and spelling
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python -m codespell_lib

steady: setup  ## run all chapters 12 times over: do their claims hold elsewhere? (hours; goes on where it stopped)
	$(BIN)/python tools/steady.py

bench: setup  ## measure the speed of training, drawing and sampling
	$(BIN)/python -m benchmarks

clean:  ## remove what was built (not .venv, not runs)
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache build dist
