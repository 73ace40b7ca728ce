"""Response times on the shipped plans: `make bench`, or `python tests/bench/bench.py [--tours N] [--limite S] [--profil]`.

Every round makes a new base, starts a real server on it and speaks Streamlit's protocol to it, so that all figures of one
run have met the same load; medians are printed beside their targets, and nothing ever fails for being slow. Two cores shared
with other work move the times by a third: compare two runs only with their loads.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
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
from indicators.formats import format_date
from indicators.reading import FichierRecu
from indicators.settings import Settings
from indicators.store import Store, rebuild_derived
from tests.browser.conftest import run_server

PLAN, INDICATEUR = "isere-2020-2024", "PARC-09"
DELAI = 60  # seconds for one command or one answer, far more than any of them needs

INIT = "init dans un dossier neuf, commande entière"
SANTE = "premier état de santé après le démarrage"
VISITE = "première visite de la synthèse"
SYNTHESE = "synthèse, vue déjà lue"
DATE_NEUVE = "synthèse, date d’observation jamais lue"
DATE_LUE = "synthèse, cette date une deuxième fois"
APRES_DEPOT = "synthèse, juste après un dépôt"
IMPORT = "import d’une ligne, commande entière"
ECRITURE = "écriture d’une ligne, dans le processus"
LECTURE = "lecture des lignes principales"
CIBLES = {INIT: 5000, SANTE: 2000, VISITE: None, SYNTHESE: 40, DATE_NEUVE: None, DATE_LUE: None, APRES_DEPOT: 120,
          IMPORT: None, ECRITURE: None, LECTURE: None}  # milliseconds; None: followed, no target

Mesures = dict[str, list[float]]
jours = (date(2021, 1, 15) + timedelta(days=n) for n in count(step=3))
valeurs = count(1000)


@contextmanager
def timed(mesures: Mesures, nom: str) -> Iterator[None]:
    """Add the milliseconds of this block to `mesures[nom]`."""
    debut = time.perf_counter()
    yield
    mesures[nom].append((time.perf_counter() - debut) * 1e3)


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


def rerun(ws: ClientConnection, requete: str, attendu: str) -> None:
    """Ask for the synthèse as a browser does, up to the end of the script; `attendu` must be in what came back."""
    demande = BackMsg()
    demande.rerun_script.page_name, demande.rerun_script.query_string = "synthese", requete
    ws.send(demande.SerializeToString())
    recus = []
    while True:
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
    with timed(mesures, INIT):
        run_cli(base, "init")
    measure_store(mesures, base)
    debut = time.perf_counter()
    with run_server(base, dossier / "serveur.txt") as hote:
        mesures[SANTE].append((time.perf_counter() - debut) * 1e3)
        with connect(f"ws://{hote}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{hote}", max_size=None) as ws:
            measure_pages(mesures, ws, base, dossier)


def measure_store(mesures: Mesures, base: Path) -> None:
    """Writing and reading in this process, as the server does it."""
    store = Store(Settings(base=base))
    for _ in range(2):
        with timed(mesures, ECRITURE):
            write_row(store)
        cur = store.read()
        vue = queries.get_vue(cur, queries.get_plan(cur, PLAN))
        assert vue.stockee
        for _ in range(5):
            with timed(mesures, LECTURE):
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
    with timed(mesures, VISITE):
        rerun(ws, accueil, fin)
    for _ in range(3):
        for _ in range(4):
            with timed(mesures, SYNTHESE):
                rerun(ws, accueil, fin)
        jour = next(jours)
        for nom in (DATE_NEUVE, DATE_LUE):
            with timed(mesures, nom):
                rerun(ws, f"{accueil}&observe_au={jour}", f"situation au {format_date(jour)}")
            rerun(ws, f"{accueil}&observe_au=2024-12-31", fin)
        with timed(mesures, IMPORT):
            run_cli(base, "import", str(write_mesure(dossier)), "--plan", PLAN)
        with timed(mesures, APRES_DEPOT):
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
    mesures: Mesures = defaultdict(list)
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
                             sys.modules["indicators.store"].check_integrity, Store._publish)
        noms = ("lire et contrôler", "tables dérivées", "intégrité", "publier la version")
        print(f"Où passe une écriture ({total:.0f} ms) : " + ", ".join(
            f"{nom} {part:.0%}" for nom, part in sorted(zip(noms, parts, strict=True), key=lambda x: -x[1])) + ".")
        if demande.profil:
            print_profil(Path(racine) / "profil")


def read_load() -> str:
    """Load of the last minute; Windows has none."""
    return f"{os.getloadavg()[0]:.1f}".replace(".", ",") if hasattr(os, "getloadavg") else "inconnue"


def print_table(mesures: Mesures) -> None:
    """Median, minimum and number of each measure, with its target."""
    print(f"{'':42}  médiane  minimum    cible  mesures   (ms)")
    for nom, cible in CIBLES.items():
        x = mesures[nom]
        verdict = "" if cible is None or median(x) < cible else "  au-dessus"
        print(f"{nom:42} {median(x):8.1f} {min(x):8.1f} {f'< {cible}' if cible else '':>8} {len(x):>8}{verdict}")


if __name__ == "__main__":
    main()
