"""What each page costs the server on a large plan: `make bench`, or `python tests/bench/pages.py [--tours N]`.

A real server on a new base with 80 actions and 300 indicators, spoken to as a browser does. Each page is asked for right after a
dépôt, then again with nothing new; an indicator is opened that nobody had opened. Processor time is that of the server (Linux
only); on a machine that does other work it says more than the clock. Then the filter of the page Plan, in Chromium, from the
key that sends it to the rows it leaves. Nothing ever fails for being slow.
"""
# ruff: noqa: E402 (run as a script, the project's folder must join the path first)

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

RACINE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(RACINE))

from indicators.settings import Settings
from indicators.store import Store
from indicators.ui.server import PAGES
from tests.browser.chromium import find_chromium
from tests.browser.conftest import PRET, run_server
from tests.conftest import deposer, fichier
from tests.grand_plan import ACTIONS, build_grand_plan

REPETEE, APRES_DEPOT, OUVERT, FILTRE = "déjà lue", "juste après un dépôt", "indicateur jamais ouvert", "filtre de la page Plan"
CIBLES = {REPETEE: 80, APRES_DEPOT: 240, OUVERT: 60, FILTRE: 400}  # milliseconds
DELAI = 60
valeurs = count(1000)


class Serveur:
    """The server that this process started, and what its processors spent."""

    def __init__(self) -> None:
        enfants = [int(p) for f in Path("/proc/self/task").glob("*/children") for p in f.read_text().split()]
        self.horloge = ~enfants[-1] << 3 | 2 if enfants else None  # its processor clock, ended threads included
        self.durees: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.calculs: dict[tuple[str, str], list[float]] = defaultdict(list)

    def read_calcul(self) -> float:
        """Milliseconds of processor since its start; 0 where the system does not tell."""
        return time.clock_gettime(self.horloge) * 1e3 if self.horloge is not None else 0.0

    @contextmanager
    def timed(self, quoi: str, page: str) -> Iterator[None]:
        """Add the time of this block to the measure."""
        calcul, debut = self.read_calcul(), time.perf_counter()
        yield
        self.durees[quoi, page].append((time.perf_counter() - debut) * 1e3)
        self.calculs[quoi, page].append(self.read_calcul() - calcul)


def rerun(ws: ClientConnection, page: str, requete: str = "") -> None:
    """Ask for a page as a browser does, up to the end of the script; RuntimeError when it shows an exception."""
    demande = BackMsg()
    demande.rerun_script.page_name = page
    demande.rerun_script.query_string = f"plan=essai{requete}"
    ws.send(demande.SerializeToString())
    titres = 0
    while (recu := ForwardMsg.FromString(ws.recv(timeout=DELAI))).WhichOneof("type") != "script_finished":
        if recu.WhichOneof("type") == "delta":
            element = recu.delta.new_element.WhichOneof("type")
            titres += element == "heading"
            if element == "exception":
                raise RuntimeError(f"{page} : {recu.delta.new_element.exception.message}")
    if not titres:
        raise RuntimeError(f"La page {page} n’a pas de titre.")


def deposit_one(store: Store) -> None:
    """A dépôt of one changed row: every answer that was kept is another version's."""
    deposer(store, [fichier("mesure", [{"indicateur": "I000", "periode": 2023, "valeur": next(valeurs)}])], plan="essai")


def measure_pages(serveur: Serveur, store: Store, hote: str, tours: int) -> None:
    """Each page after a dépôt, then again; then indicators that nobody had opened."""
    with connect(f"ws://{hote}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{hote}", max_size=None) as ws:
        for page in PAGES:
            rerun(ws, page)
            for _ in range(tours):
                deposit_one(store)
                with serveur.timed(APRES_DEPOT, page):
                    rerun(ws, page)
                for _ in range(3):
                    with serveur.timed(REPETEE, page):
                        rerun(ws, page)
        for k in range(3 * tours):
            with serveur.timed(OUVERT, "indicateur"):
                rerun(ws, "indicateur", f"&code=I{100 + k:03}")


def measure_filter(serveur: Serveur, hote: str, tours: int) -> None:
    """From the key that sends the words to the actions that they leave on the screen."""
    with sync_playwright() as p:
        navigateur = p.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-background-networking"])
        page = navigateur.new_page(viewport={"width": 1366, "height": 768}, bypass_csp=True)  # to watch the rows
        page.goto(f"http://{hote}/plan?plan=essai")
        page.wait_for_selector(PRET, timeout=DELAI * 1000)
        champ = page.get_by_label("Chercher", exact=True)
        for k in range(1 + 2 * tours):
            champ.fill(f"A{10 + k}")
            debut = time.perf_counter()
            champ.press("Enter")
            page.wait_for_function("document.querySelectorAll('.frise tbody th[scope=row]').length === 1", polling="raf")
            if k:  # the first one loads what the browser had not needed yet
                serveur.durees[FILTRE, "plan"].append((time.perf_counter() - debut) * 1e3)
            champ.fill("")
            champ.press("Enter")
            page.wait_for_function(f"document.querySelectorAll('.frise tbody th[scope=row]').length === {ACTIONS}", polling="raf")
        navigateur.close()


def main() -> None:
    """Measure, then print the medians, each beside its target."""
    options = argparse.ArgumentParser(description="Mesure le temps de serveur de chaque page sur un grand plan.")
    options.add_argument("--tours", type=int, default=3, help="dépôts mesurés par page (3)")
    tours = options.parse_args().tours
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as dossier:
        store = Store(Settings(base=Path(dossier) / "base"))
        store.prepare()
        deposer(store, build_grand_plan())
        with run_server(store.settings.base, Path(dossier) / "serveur.txt") as hote:
            serveur = Serveur()
            measure_pages(serveur, store, hote, tours)
            measure_filter(serveur, hote, tours)
    print(f"{'(ms)':44} médiane  minimum      CPU    cible  mesures")
    for (quoi, page), durees in sorted(serveur.durees.items(), key=lambda x: (list(CIBLES).index(x[0][0]), x[0][1])):
        calculs = serveur.calculs[quoi, page]
        retenu = median(calculs) if any(calculs) else median(durees)
        calcul = f"{median(calculs):.0f}" if any(calculs) else ""
        verdict = "" if retenu < CIBLES[quoi] else "  au-dessus"
        print(f"{f'{page}, {quoi}':43} {median(durees):8.1f} {min(durees):8.1f} {calcul:>8} {f'< {CIBLES[quoi]}':>8} "
              f"{len(durees):>8}{verdict}")
    if hasattr(os, "getloadavg"):
        print(f"Charge de la machine à la fin : {os.getloadavg()[0]:.1f} ; {os.cpu_count()} cœurs.")


if __name__ == "__main__":
    main()
