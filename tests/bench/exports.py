"""Time of the exports of a meeting of thirty slides: `python tests/bench/exports.py [--tours N]`, part of `make bench`.

Processor time first: it does not depend on what else the machine does. Nothing fails for being slow.
"""
# ruff: noqa: E402 (run as a script, the project's folder must join the path first)

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

RACINE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(RACINE))

from indicators import queries, shipped
from indicators.exports import build_export
from indicators.meetings.composition import build_deck
from indicators.meetings.deck import Deck
from indicators.model import Sujet
from indicators.queries.seances import get_seance
from indicators.settings import Settings
from indicators.store import Store

PLAN, SEANCE, DIAPOS = "isere-2020-2024", "COPIL-2024-2", 30
CIBLES = {"pptx": 2.0, "pdf": 3.0, "docx": None}  # seconds


def read_deck(dossier: Path) -> Deck:
    """The shipped COPIL, its actions shown again until there are thirty slides."""
    store = Store(Settings(base=dossier / "base"))
    store.prepare()
    store.write(lambda cur: shipped.deposit_shipped(cur, store.keep_file))
    cur = store.read()
    deck = build_deck(cur, queries.get_plan(cur, PLAN), get_seance(cur, PLAN, SEANCE))
    actions = [d for d in deck.diapos if d.sujet is Sujet.ACTION and d.indicateurs]
    ajoutees = [replace(actions[k % len(actions)], cle=f"bis_{k}") for k in range(DIAPOS - len(deck.diapos))]
    return replace(deck, diapos=(*deck.diapos[:-1], *ajoutees, deck.diapos[-1]))


def main() -> None:
    """Measure each format, print medians."""
    options = argparse.ArgumentParser(description="Mesure les exports d’une séance de trente diapositives.")
    options.add_argument("--tours", type=int, default=5, help="nombre de tours (5)")
    tours = options.parse_args().tours
    with tempfile.TemporaryDirectory(prefix="bench-") as dossier:
        deck = read_deck(Path(dossier))
    print(f"{'(s)':8} premier (CPU)  médiane (CPU)  médiane    cible     octets")
    for extension, cible in CIBLES.items():
        calculs, durees = [], []
        for _ in range(tours):
            calcul, debut = time.process_time(), time.perf_counter()
            contenu = build_export(deck, extension)
            calculs.append(time.process_time() - calcul)
            durees.append(time.perf_counter() - debut)
        vise = f"< {cible}" if cible else ""
        print(f"{extension:8} {calculs[0]:13.2f} {median(calculs):14.2f} {median(durees):8.2f} {vise:>8} {len(contenu):>10}")


if __name__ == "__main__":
    main()
