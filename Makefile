# make help lists the verbs. Plain make works everywhere: GNU make 3.81 (macOS) or later, sh, and a Python 3.11 or later.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help install run lint browser test test-long bench audit format

help:  ## Affiche cette aide
	@echo "Commandes :"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

install: $(STAMP)  ## Prépare l’environnement Python (.venv)

$(STAMP): requirements.txt
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { \
		echo "Python 3.11 ou plus récent est introuvable. Installez-le, ou indiquez-le : make PYTHON=/chemin/vers/python3" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "L’environnement n’a pas pu être créé. Sur Debian ou Ubuntu : apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(STAMP)

run: $(STAMP)  ## Prépare la base puis ouvre le tableau de bord sur http://127.0.0.1:8501
	$(BIN)/python -m indicators init
	$(BIN)/python -m streamlit run app.py

lint: $(STAMP)
	$(BIN)/python -m ruff check .

browser: $(STAMP)
	$(BIN)/python -m tests.browser.chromium

test: lint browser  ## Vérifie le code et lance les tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-long: lint browser  ## Lance tous les tests, les longs aussi
	$(BIN)/python -m pytest -m "long or not long"

bench: $(STAMP) browser  ## Mesure les temps de réponse, chaque page d’un grand plan, un gros fichier, les exports, les diapositives
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/pages.py
	$(BIN)/python tests/bench/importer.py
	$(BIN)/python tests/bench/exports.py
	$(BIN)/python tests/bench/copil.py

audit: $(STAMP)  ## Cherche les failles connues des dépendances (par le réseau)
	$(BIN)/python .ci/audit.py

format: $(STAMP)  ## Range le code (imports, mise en forme)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
