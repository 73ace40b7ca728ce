"""Response times on the shipped plans: `make bench`, or `python tests/bench/bench.py [--tours N] [--limite S] [--profil]`.

Every round makes a new base, starts a real server on it and speaks Streamlit's protocol to it, so that all figures of one
run have met the same load; medians are printed beside their targets, and nothing ever fails for being slow. On a machine that
does other work, compare the processor time (CPU) of two runs, and their loads.

Streamlit leaves Nagle's algorithm on: a rerun waits for the client's acknowledgement, which Linux delays by up to 40 ms. The
line « accusés immédiats » (Linux only) acknowledges at once and shows what the server itself takes.
"""
# ruff: noqa: E402 (run as a script, the project's folder must join the path first)

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from statistics import median

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

RACINE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(RACINE))

from indicators import deposits, queries, shipped
from indicators.derived import check_integrity, rebuild_derived
from indicators.formats import format_date
from indicators.reading import FichierRecu
from indicators.settings import Settings
from indicators.store import Store
from tests.browser.conftest import run_server

PLAN, INDICATEUR = "isere-2020-2024", "PARC-09"
DELAI = 60  # seconds for one command or one answer, far more than any of them needs

INIT = "init dans un dossier neuf, commande entière"
SANTE = "premier état de santé après le démarrage"
VISITE = "synthèse, première visite du serveur"
SYNTHESE = "synthèse, vue déjà lue"
ACCUSES = "  la même, accusés immédiats"
DATE_NEUVE = "synthèse, date d’observation jamais lue"
DATE_LUE = "synthèse, cette date une deuxième fois"
APRES_DEPOT = "synthèse, juste après un dépôt"
IMPORT = "import d’une ligne, commande entière"
ECRITURE = "écriture d’une ligne, dans le processus"
LECTURE = "lecture des lignes principales"
CIBLES = {INIT: 5000, SANTE: 2000, VISITE: None, SYNTHESE: 40, ACCUSES: None, DATE_NEUVE: None, DATE_LUE: None,
          APRES_DEPOT: 120, IMPORT: None, ECRITURE: None, LECTURE: None}  # milliseconds; None: followed, no target
CALCULEES = (INIT, IMPORT, ECRITURE, LECTURE)  # whose work is done by this process or one that it waits for


class Mesures:
    """Milliseconds of every measure: wall time, and processor time of this process and of the commands it ran."""

    def __init__(self) -> None:
        self.durees: dict[str, list[float]] = defaultdict(list)
        self.calculs: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timed(self, nom: str) -> Iterator[None]:
        """Add the time of this block to the measure."""
        calcul, debut = sum(os.times()[:4]), time.perf_counter()
        yield
        self.durees[nom].append((time.perf_counter() - debut) * 1e3)
        self.calculs[nom].append((sum(os.times()[:4]) - calcul) * 1e3)


jours = (date(2021, 1, 15) + timedelta(days=n) for n in count(step=3))
valeurs = count(1000)


def run_cli(base: Path, *arguments: str) -> None:
    """Run `python -m indicators` on that base; RuntimeError with what it said when it refuses."""
    fini = subprocess.run([sys.executable, "-m", "indicators", *arguments], cwd=RACINE, capture_output=True, text=True,
                          env=os.environ | {"INDICATORS_BASE": str(base)}, timeout=DELAI, check=False)
    if fini.returncode:
        raise RuntimeError(fini.stdout + fini.stderr)


def write_mesure(dossier: Path) -> Path:
    """A file of one row that no base holds yet."""
    fichier = dossier / "mesure.csv"
    fichier.write_text(f"indicateur;periode;numerateur;denominateur\n{INDICATEUR};2024;{next(valeurs)};2137\n", "utf-8")
    return fichier


def rerun(ws: ClientConnection, requete: str, attendu: str, accuses: bool = False) -> None:
    """Ask for the synthèse as a browser does, up to the end of the script; `attendu` must be in what came back."""
    demande = BackMsg()
    demande.rerun_script.query_string = requete
    ws.send(demande.SerializeToString())
    recus = []
    while True:
        if accuses:
            ws.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # the kernel forgets it: asked at each message
        recu = ForwardMsg.FromString(ws.recv(timeout=DELAI))
        match recu.WhichOneof("type"):
            case "delta":
                recus.append(recu)
            case "script_finished":
                break
    textes = " ".join(str(r.delta) for r in recus if r.ByteSize() < 10_000)
    if attendu not in textes or "exception" in textes:
        raise RuntimeError(f"La synthèse ne dit pas « {attendu} » pour {requete} :\n{textes[:2000]}")


def measure_round(mesures: Mesures, dossier: Path) -> None:
    """One value or a few of each measure, on a base and a server of this round's own."""
    base = dossier / "base"
    with mesures.timed(INIT):
        run_cli(base, "init")
    measure_store(mesures, base)
    debut = time.perf_counter()
    with run_server(base, dossier / "serveur.txt") as hote:
        mesures.durees[SANTE].append((time.perf_counter() - debut) * 1e3)
        with connect(f"ws://{hote}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{hote}", max_size=None) as ws:
            measure_pages(mesures, ws, base, dossier)


def measure_store(mesures: Mesures, base: Path) -> None:
    """Writing and reading in this process, as the server does it."""
    store = Store(Settings(base=base))
    for _ in range(2):
        with mesures.timed(ECRITURE):
            write_row(store)
        cur = store.read()
        vue = queries.get_vue(cur, queries.get_plan(cur, PLAN))
        assert vue.stockee
        for _ in range(5):
            with mesures.timed(LECTURE):
                queries.list_lignes(store.read(), vue)


def write_row(store: Store) -> None:
    """One dépôt of one changed row."""
    with tempfile.TemporaryDirectory() as dossier:
        recu = FichierRecu("mesure.csv", write_mesure(Path(dossier)).read_bytes())
    bilan = store.write(lambda cur: deposits.import_files(cur, [recu], deposits.Demande(plan=PLAN), store.keep_file))
    assert bilan.depot and bilan.modifiees == 1, bilan


def measure_pages(mesures: Mesures, ws: ClientConnection, base: Path, dossier: Path) -> None:
    """Reruns of one visitor."""
    accueil, fin = f"plan={PLAN}", "situation au 31/12/2024"
    with mesures.timed(VISITE):
        rerun(ws, accueil, fin)
    for _ in range(3):
        for _ in range(4):
            with mesures.timed(SYNTHESE):
                rerun(ws, accueil, fin)
            if hasattr(socket, "TCP_QUICKACK"):
                with mesures.timed(ACCUSES):
                    rerun(ws, accueil, fin, accuses=True)
        jour = next(jours)
        for nom in (DATE_NEUVE, DATE_LUE):
            with mesures.timed(nom):
                rerun(ws, f"{accueil}&observe_au={jour}", f"situation au {format_date(jour)}")
            rerun(ws, f"{accueil}&observe_au=2024-12-31", fin)
        with mesures.timed(IMPORT):
            run_cli(base, "import", str(write_mesure(dossier)), "--plan", PLAN)
        with mesures.timed(APRES_DEPOT):
            rerun(ws, accueil, fin)


def share(f: Callable[[], object], *fonctions: Callable) -> tuple[float, list[float]]:
    """Milliseconds of a call, and the part of it spent inside each of these functions."""
    profil = cProfile.Profile()
    profil.runcall(f)
    stats = pstats.Stats(profil)
    cumuls = {cle: valeurs[3] for cle, valeurs in stats.stats.items()}
    codes = [f.__code__ for f in fonctions]
    return stats.total_tt * 1e3, [cumuls.get((c.co_filename, c.co_firstlineno, c.co_name), 0.0) / stats.total_tt for c in codes]


def print_profil(dossier: Path) -> None:
    """The five functions of the package that `init` spends most time in, callees included."""
    store = Store(Settings(base=dossier / "base"))
    profil = cProfile.Profile()
    profil.runcall(lambda: (store.prepare(), store.write(lambda cur: shipped.deposit_shipped(cur, store.keep_file))))
    stats = pstats.Stats(profil)
    nous = str(RACINE / "indicators")
    cumuls = sorted(((v[3], v[0], cle) for cle, v in stats.stats.items()
                     if cle[0].startswith(nous) and cle[2] not in ("<lambda>", "write", "prepare")), reverse=True)
    print(f"\ninit, {stats.total_tt:.1f} s sous le profileur ; fonctions appelées comprises :")
    for secondes, appels, (fichier, ligne, nom) in cumuls[:5]:
        print(f"  {secondes:5.2f} s  {appels:>4} appels  {Path(fichier).name}:{ligne} {nom}")


def main() -> None:
    """Measure round after round, then print the medians."""
    options = argparse.ArgumentParser(description="Mesure les temps de réponse sur les plans livrés.")
    options.add_argument("--tours", type=int, default=5, help="nombre de tours (5)")
    options.add_argument("--limite", type=float, default=180, help="secondes après lesquelles aucun tour ne commence (180)")
    options.add_argument("--profil", action="store_true", help="dire aussi où passe le temps d’« init »")
    demande = options.parse_args()
    mesures = Mesures()
    debut = time.monotonic()
    charges = []
    with tempfile.TemporaryDirectory(prefix="bench-") as racine:
        for tour in range(demande.tours):
            if tour and time.monotonic() - debut > demande.limite:
                break
            dossier = Path(racine) / f"tour-{tour}"
            dossier.mkdir()
            charges.append(read_load())
            measure_round(mesures, dossier)
        print_table(mesures)
        print(f"{len(charges)} tours en {time.monotonic() - debut:.0f} s ; charge de la machine au début de chacun : "
              f"{', '.join(charges)} ; {os.cpu_count()} cœurs.")
        store = Store(Settings(base=dossier / "base"))
        total, parts = share(lambda: write_row(store), deposits.apply_tableaux, rebuild_derived,
                             check_integrity, Store._publish)
        noms = ("lire et contrôler", "tables dérivées", "intégrité", "publier la version")
        print(f"Où passe une écriture ({total:.0f} ms) : " + ", ".join(
            f"{nom} {part:.0%}" for nom, part in sorted(zip(noms, parts, strict=True), key=lambda x: -x[1])) + ".")
        if demande.profil:
            print_profil(Path(racine) / "profil")


def read_load() -> str:
    """Load of the last minute; Windows has none."""
    return f"{os.getloadavg()[0]:.1f}".replace(".", ",") if hasattr(os, "getloadavg") else "inconnue"


def print_table(mesures: Mesures) -> None:
    """Median, minimum, processor time and number of each measure, with its target."""
    print(f"{'(ms)':44} médiane  minimum      CPU    cible  mesures")
    for nom, cible in CIBLES.items():
        durees = mesures.durees[nom]
        if not durees:
            continue
        calcul = f"{median(mesures.calculs[nom]):.0f}" if nom in CALCULEES else ""
        verdict = "" if cible is None or median(durees) < cible else "  au-dessus"
        print(f"{nom:43} {median(durees):8.1f} {min(durees):8.1f} {calcul:>8} {f'< {cible}' if cible else '':>8} "
              f"{len(durees):>8}{verdict}")


if __name__ == "__main__":
    main()
