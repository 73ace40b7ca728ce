"""Files named on the command line: those of a folder, and those given back annotated."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from indicators import deposits
from indicators.errors import DemandeInvalide, EcritureImpossible
from indicators.reading import FichierRecu, is_workbook
from indicators.settings import Limites

FICHIERS = (".csv", ".xlsx", ".xlsm", ".xls")  # the last two are refused with their reason, never skipped in silence


def receive(chemins: Sequence[str]) -> list[FichierRecu]:
    """The files of these paths, and every CSV or workbook of these folders; two of one name are told apart by their path."""
    fichiers: list[Path] = []
    for chemin in map(Path, chemins):
        if chemin.is_dir():
            trouves = list(_walk(chemin))
            if not trouves:
                raise DemandeInvalide(f"Le dossier {chemin} ne contient aucun fichier CSV ou Excel.", "Vérifiez son nom.")
            fichiers += trouves
        elif chemin.is_file():
            fichiers.append(chemin)
        else:
            raise DemandeInvalide(f"Le fichier {chemin} n’existe pas.", "Vérifiez son nom et son dossier.")
    noms = [f.name for f in fichiers]
    return [FichierRecu(f.name if noms.count(f.name) == 1 else f.as_posix(), f.read_bytes()) for f in fichiers]


def _walk(dossier: Path) -> Iterator[Path]:
    """The files of a folder, then those of its sub-folders, unless `depots.csv` says that these are its later deliveries.

    Taken all at once, the deliveries of a plan would contradict each other; files hidden or locked by Excel (~$) are no data.
    """
    visibles = sorted(f for f in dossier.iterdir() if not f.name.startswith((".", "~$")))
    historique = [f for f in visibles if f.name == "depots.csv"]
    yield from (f for f in visibles if f.is_file() and f.suffix.lower() in FICHIERS and f not in historique)
    for sous_dossier in visibles:
        if sous_dossier.is_dir() and not historique:
            yield from _walk(sous_dossier)


def write_output(sortie: Path, contenu: bytes) -> None:
    """Write the file that a command was asked for, in place of what is there; `EcritureImpossible` says why it cannot be."""
    try:
        sortie.write_bytes(contenu)
    except OSError as erreur:
        raise EcritureImpossible(f"Le fichier {sortie} n’a pas pu être écrit ({erreur.strerror}).",
                                 "Vérifiez son dossier et vos droits, ou donnez un autre nom à --sortie.") from erreur


def check_annote(sortie: Path, recus: Sequence[FichierRecu]) -> None:
    """Refuse a place for the annotated files that cannot take them, before anything is deposited."""
    from indicators import annotated

    if len(recus) == 1:
        if sortie.suffix.lower() not in (".xlsx", ".csv"):
            raise DemandeInvalide(f"Le fichier annoté ne peut pas s’appeler {sortie.name}.",
                                  "Terminez son nom par .xlsx (le fichier annoté) ou .csv (ses lignes rejetées).")
        if sortie.suffix.lower() == ".csv" and is_workbook(recus[0].contenu):
            raise DemandeInvalide("Un classeur se rend annoté, pas en lignes rejetées.", "Terminez ce nom par .xlsx.")
        if not sortie.parent.is_dir():
            raise DemandeInvalide(f"Le dossier {sortie.parent} n’existe pas.", "Créez-le, ou donnez un autre nom.")
        cibles = [sortie]
    else:
        if sortie.exists() and not sortie.is_dir():
            raise DemandeInvalide(f"{sortie} n’est pas un dossier.", "Pour plusieurs fichiers, --annote attend un dossier.")
        cibles = [sortie / (nom + fin) for nom in annotated.list_stems(recus) for fin in (annotated.ANNOTE, annotated.REJETEES)]
    for cible in cibles:
        if cible.exists():
            raise DemandeInvalide(f"Le fichier {cible} existe déjà.", "Déplacez-le, ou donnez un autre nom à --annote.")


def write_annotated(sortie: Path, recus: Sequence[FichierRecu], bilan: deposits.BilanDepot, limites: Limites) -> list[str]:
    """Write the annotated files; the paths written. A file without anomaly, or refused for personal data, gives none."""
    from indicators import annotated

    if len(recus) > 1:
        rendus = annotated.annotate(recus, bilan, limites) + annotated.reject(recus, bilan, limites)
    elif sortie.suffix.lower() == ".csv":
        rendus = annotated.reject(recus, bilan, limites)
    else:
        rendus = annotated.annotate(recus, bilan, limites)
    ecrits = []
    for rendu in rendus:
        chemin = sortie / rendu.nom if len(recus) > 1 else sortie
        try:
            chemin.parent.mkdir(exist_ok=True)
            with chemin.open("xb") as fichier:
                fichier.write(rendu.contenu)
        except OSError as erreur:
            fait = f" Le dépôt {bilan.depot} est bien enregistré." if bilan.depot else ""
            raise EcritureImpossible(f"Le fichier annoté {chemin} n’a pas pu être écrit ({erreur.strerror}).{fait}",
                                     "Donnez un autre nom à --annote ; l’import refait avec --essai l’écrira.") from erreur
        ecrits.append(str(chemin))
    if not rendus:
        print("Aucun fichier n’est rendu : rien à y montrer, ou un refus pour données personnelles.", file=sys.stderr)
    return ecrits
