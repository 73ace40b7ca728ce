"""What checking a large file costs, beside what others take: `make bench`, or `python tests/bench/importer.py`.

Round after round, each in a process of its own: DuckDB merely reading the file as text (the floor; it gets a UTF-8 twin, since
it knows no cp1252), our `import FILE --essai --json`, pandas + pandera, the usual pandas code, and frictionless on a part of the
file. What is found is held against the truth list of `gros_fichier.py`. Then, once: comments quoted over several lines, and five
times the lines. The alternatives are installed for this run in an environment of their own, thrown away afterwards
(tests/bench/requirements.txt). Nothing fails for being slow. Processor time and peak memory come from `wait4`, which Windows
does not have.
"""
# ruff: noqa: E402 (run as a script, the project's folder must join the path first)

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

RACINE = Path(__file__).resolve().parents[2]
ICI = Path(__file__).resolve().parent
sys.path.insert(0, str(RACINE))

from indicators import deposits
from indicators.formats import FINE, format_nombre
from indicators.reading import FichierRecu
from indicators.settings import Settings
from indicators.store import Store
from tests.bench.gros_fichier import write_gros_fichier

PLANCHER, NOUS, PANDERA, USUEL, FRICTIONLESS = (
    "DuckDB, lecture seule", "notre import --essai", "pandas + pandera", "pandas, code usuel", "frictionless")
NOMS = {PLANCHER: "duckdb", PANDERA: "pandera", USUEL: "pandas", FRICTIONLESS: "frictionless"}
LIGNES_FRICTIONLESS = 100_000
LIGNES_APERCU = 10_000
LIMITES = {"INDICATORS_FICHIER_MO": "2000", "INDICATORS_LIGNES": "10000000"}  # the usual ones are for a server, not for this
MIO = 2**20 if sys.platform == "darwin" else 2**10  # what ru_maxrss counts in: bytes there, kibibytes elsewhere

Place = tuple[int, str]


@dataclass(frozen=True)
class Fichier:
    """A generated file, its truth and a base that holds its plan."""

    mesure: Path
    utf8: Path
    plan: Path
    base: Path
    lignes: int
    verite: dict[Place, str]


@dataclass
class Mesure:
    """One run: seconds, mebibytes, and what it accused; `lecture` is the processor time of the part that grows with the file."""

    calcul: float
    duree: float
    pic: float
    lecture: float = 0.0
    accusees: set[Place] = field(default_factory=set)
    codes: dict[Place, set[str]] = field(default_factory=dict)


def prepare(dossier: Path, lignes: int, guillemets: bool = False) -> Fichier:
    """Generate the file, its twin in UTF-8, and a base with its plan."""
    mesure = write_gros_fichier(dossier, lignes, guillemets=guillemets)
    utf8 = dossier / "utf8.csv"
    utf8.write_bytes(mesure.read_bytes().decode("cp1252").encode())
    base = dossier / "base"
    for arguments in (["init", "--vide"], ["import", str(dossier / "plan")]):
        measure([sys.executable, "-m", "indicators", *arguments], base)
    with (dossier / "verite.csv").open(encoding="utf-8", newline="") as f:
        verite = {(int(x["ligne"]), x["colonne"]): x["code"] for x in csv.DictReader(f, delimiter=";")}
    return Fichier(mesure, utf8, dossier / "plan", base, lignes, verite)


def measure(commande: list[str], base: Path, attendus: tuple[int, ...] = (0,)) -> tuple[Mesure, Any]:
    """Run this command, in a process that is waited for alone; RuntimeError with what it said when it ends otherwise."""
    env = os.environ | LIMITES | {"INDICATORS_BASE": str(base)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # where the tool is used, its modules are compiled once
    with tempfile.TemporaryFile() as sortie, tempfile.TemporaryFile() as erreur:
        debut = time.perf_counter()
        with subprocess.Popen(commande, cwd=RACINE, stdout=sortie, stderr=erreur, env=env) as enfant:
            _, statut, usage = os.wait4(enfant.pid, 0)
            duree = time.perf_counter() - debut
            enfant.returncode = os.waitstatus_to_exitcode(statut)
        sortie.seek(0)
        erreur.seek(0)
        if enfant.returncode not in attendus:
            raise RuntimeError(f"{commande} : code {enfant.returncode}\n{erreur.read().decode()[-2000:]}")
        dit = sortie.read()
    return Mesure(usage.ru_utime + usage.ru_stime, duree, usage.ru_maxrss / MIO), json.loads(dit) if dit[:1] == b"{" else None


def measure_ours(fichier: Fichier) -> Mesure:
    """The whole command, start of Python and JSON included. Exit 2: bad lines were found."""
    commande = [sys.executable, "-m", "indicators", "import", str(fichier.mesure), "--essai", "--json"]
    lue, bilan = measure(commande, fichier.base, (2,))
    if bilan["lues"] != fichier.lignes:
        raise RuntimeError(f"{bilan['lues']} lignes lues, {fichier.lignes} écrites")
    for a in bilan["anomalies"]:
        lue.codes.setdefault((a["ligne"] or 0, a["colonne"] or ""), set()).add(a["code"])
    lue.accusees = set(lue.codes)
    return lue


def measure_other(nom: str, python: str, fichier: Fichier) -> Mesure:
    """One of the alternatives, by that Python."""
    entree = fichier.utf8 if nom == PLANCHER else fichier.mesure
    lue, dit = measure([python, str(ICI / "concurrents.py"), NOMS[nom], str(entree), str(fichier.plan)], fichier.base)
    lue.lecture = dit["lecture"]
    lue.accusees = {(ligne, colonne) for ligne, colonne in dit["accusations"]}
    return lue


def install_others(dossier: Path) -> str | None:
    """The Python of a new environment that holds the alternatives; None, said on screen, where they cannot be installed."""
    venv.create(dossier, with_pip=True)
    python = dossier / ("Scripts" if os.name == "nt" else "bin") / "python"
    fini = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                           "-r", ICI / "requirements.txt"], capture_output=True, text=True, check=False)
    if fini.returncode == 0:
        return str(python)
    print(f"Les autres outils ne sont pas mesurés, leur installation a échoué :\n{fini.stderr[-500:]}")
    return None


def measure_apercus(dossier: Path) -> dict[str, tuple[float, float]]:
    """Median wall and processor milliseconds of the preview of a small file, in a process already started, as on the page:
    refused for its wrong lines, then with the effects of the others."""
    fichier = prepare(dossier, LIGNES_APERCU)
    store = Store(Settings(base=fichier.base))
    recu = FichierRecu(fichier.mesure.name, fichier.mesure.read_bytes())
    lus: dict[str, tuple[float, float]] = {}
    for nom, demande in (("refusé", deposits.Demande()), ("avec ses effets", deposits.Demande(lignes_valides=True))):
        durees, calculs = [], []
        for _ in range(5):
            calcul, debut = time.process_time(), time.perf_counter()
            bilan = store.rehearse(lambda cur, d=demande: deposits.preview_files(cur, [recu], d))
            durees.append((time.perf_counter() - debut) * 1e3)
            calculs.append((time.process_time() - calcul) * 1e3)
            if bilan.lues != LIGNES_APERCU:
                raise RuntimeError(f"{bilan.lues} lignes lues")
        lus[nom] = median(durees), median(calculs)
    return lus


def dec(x: float, decimales: int = 1) -> str:
    """A number as the table shows it."""
    return format_nombre(x, decimales)


def tell_findings(lue: Mesure, verite: dict[Place, str]) -> str:
    """Recall on the exact line and column, and how many right lines are accused."""
    fausses = {ligne for ligne, _ in lue.accusees} - {ligne for ligne, _ in verite}
    return f"{dec(100 * len(lue.accusees & verite.keys()) / len(verite)):>8}{FINE}% {format_nombre(len(fausses)):>12}"


def print_row(nom: str, passages: list[Mesure], plancher: float, verite: dict[Place, str] | None) -> None:
    """One line of the table: medians, with the lowest processor time and the highest memory."""
    calculs = [m.calcul for m in passages]
    print(f"{nom:50} {dec(median(calculs), 2):>7} {dec(min(calculs), 2):>8} {dec(median(m.duree for m in passages), 2):>7} "
          f"{dec(median(calculs) / plancher):>10} {dec(max(m.pic for m in passages), 0):>8}"
          + (f" {tell_findings(passages[0], verite)}" if verite else ""))


def tell_target(quoi: str, valeur: float, cible: float, unite: str = "", au_moins: bool = False) -> None:
    """A figure beside its target."""
    tenue = valeur >= cible if au_moins else valeur < cible
    print(f"{quoi:66} {dec(valeur):>8} {unite:2} cible {'au moins' if au_moins else 'moins de'} {dec(cible, 0):>5}"
          f"{'' if tenue else '   hors cible'}")


def main() -> None:
    """Measure, then print the table and the targets."""
    options = argparse.ArgumentParser(description="Mesure l’import d’un gros fichier, à côté d’autres outils.")
    options.add_argument("--lignes", type=int, default=1_000_000, help="lignes du fichier (1 000 000)")
    options.add_argument("--tours", type=int, default=3, help="nombre de tours (3)")
    demande = options.parse_args()
    debut, charges = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="bench-import-") as racine:
        dossier = Path(racine)
        python = install_others(dossier / "venv")
        fichier = prepare(dossier / "grand", demande.lignes)
        part = prepare(dossier / "part", min(demande.lignes, LIGNES_FRICTIONLESS))
        lus: dict[str, list[Mesure]] = defaultdict(list)
        for _ in range(demande.tours):
            charges.append(dec(os.getloadavg()[0]))
            lus[PLANCHER].append(measure_other(PLANCHER, sys.executable, fichier))
            lus[NOUS].append(measure_ours(fichier))
            for nom in (PANDERA, USUEL, FRICTIONLESS) if python else ():
                lus[nom].append(measure_other(nom, python or "", part if nom == FRICTIONLESS else fichier))
        plancher = median(m.lecture for m in lus[PLANCHER])
        print_results(lus, fichier, part, plancher)
        print_other_files(dossier, demande.lignes)
        apercus = measure_apercus(dossier / "apercu")
        nous, lecteur = (median(m.calcul for m in lus[nom]) for nom in (NOUS, PLANCHER))
        tell_target("Calcul, en fois celui de DuckDB qui lit (commandes entières)", nous / lecteur, 5)
        tell_target("Calcul de la commande entière, en fois la lecture seule", nous / plancher, 5)
        for mot, mesure in (("durée", "duree"), ("calcul", "calcul")) if python else ():
            nous = median(getattr(m, mesure) for m in lus[NOUS])
            tell_target(f"pandas + pandera, en fois notre {mot}", median(getattr(m, mesure) for m in lus[PANDERA]) / nous, 2,
                        au_moins=True)
            tell_target(f"frictionless (extrapolé), en fois notre {mot}",
                        extrapolate(lus[FRICTIONLESS], fichier.lignes / part.lignes, mesure) / nous, 15, au_moins=True)
        tell_target("Mémoire au plus haut", max(m.pic for m in lus[NOUS]), 1024, "Mio")
        for nom, (duree, calcul) in apercus.items():
            quoi = f"Aperçu de {format_nombre(LIGNES_APERCU)} lignes, {nom} ({dec(calcul, 0)} ms de calcul)"
            tell_target(quoi, duree, 300, "ms")
        print(f"{demande.tours} tours ; tout en {time.monotonic() - debut:.0f} s ; charge de la machine au début de chacun : "
              f"{' ; '.join(charges)} ; {os.cpu_count()} cœurs.")


def extrapolate(passages: list[Mesure], facteur: float, mesure: str = "calcul") -> float:
    """That time on a file so many times larger: what depends on its size grows with it, the start of Python does not."""
    return median(getattr(m, mesure) + m.lecture * (facteur - 1) for m in passages)


def print_results(lus: dict[str, list[Mesure]], fichier: Fichier, part: Fichier, plancher: float) -> None:
    """The table: the floor twice (the reading alone, the whole command), then everyone."""
    print(f"{format_nombre(fichier.lignes)} lignes, {fichier.mesure.stat().st_size / 1e6:.0f} Mo, "
          f"{format_nombre(len(fichier.verite))} lignes fausses de six sortes.\nCPU et durée en secondes, médianes ; "
          f"« × lecture » : CPU de la commande entière en fois ce que DuckDB met à lire, démarrage exclu ({dec(plancher, 2)} s).")
    print(f"{'':50} {'CPU':>7} {'minimum':>8} {'durée':>7} {'× lecture':>10} {'pic Mio':>8} {'trouvé':>10} {'fausses acc.':>12}")
    for nom in (PLANCHER, NOUS, PANDERA, USUEL):
        if lus[nom]:
            print_row(nom, lus[nom], plancher, None if nom == PLANCHER else fichier.verite)
    if lus[FRICTIONLESS]:
        print_row(f"{FRICTIONLESS}, {format_nombre(part.lignes)} lignes", lus[FRICTIONLESS], plancher, part.verite)
        calcul = extrapolate(lus[FRICTIONLESS], fichier.lignes / part.lignes)
        print(f"{'  le même, extrapolé à toutes les lignes':50} {dec(calcul, 2):>7} {'':8} {'':7} {dec(calcul / plancher):>10}")
    tell_codes(lus[NOUS][0], fichier)


def tell_codes(lue: Mesure, fichier: Fichier) -> None:
    """Where ours names the right place and another error than the one that was planted."""
    autres = [(place, sorted(lue.codes[place]), code) for place, code in fichier.verite.items()
              if place in lue.codes and code not in lue.codes[place]]
    if autres:
        print(f"  {format_nombre(len(autres))} fautes trouvées à leur place sous un autre code, par exemple {autres[0]}")


def print_other_files(dossier: Path, lignes: int) -> None:
    """Ours and the floor on quoted comments over several lines, then on five times the lines."""
    for titre, combien, guillemets in (("guillemets sur plusieurs lignes", lignes, True), ("cinq fois plus", 5 * lignes, False)):
        fichier = prepare(dossier / ("guillemets" if guillemets else "cinq"), combien, guillemets)
        lecture = measure_other(PLANCHER, sys.executable, fichier).lecture
        lue = measure_ours(fichier)
        print_row(f"{NOUS}, {titre}", [lue], lecture, fichier.verite)
        tell_codes(lue, fichier)


if __name__ == "__main__":
    main()
