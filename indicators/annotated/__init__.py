"""Received files given back: an Excel workbook with every anomaly on its cell and, of a text, its rejected lines to correct.

Nothing here changes what a cell holds; what is added (the sheet « Anomalies », the column `anomalies`) is passed over when the
file is sent again. A file refused for personal data is never given back.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.annotated.marks import find_marks, name_sheet
from indicators.annotated.rejected import is_rejecting, write_rejected
from indicators.annotated.twin import build_twin
from indicators.annotated.workbook import fits, mark_workbook
from indicators.deposits import BilanDepot
from indicators.formats import FINE
from indicators.model import Anomalie
from indicators.reading import FichierRecu, Tableau, is_workbook, read_records
from indicators.reading.received import Enregistrement
from indicators.reading.workbook import DEGATS
from indicators.settings import Limites

__all__ = ["ANNOTE", "REJETEES", "Rendu", "annotate", "is_annotable", "is_rejected", "list_stems", "pack", "reject"]

ANNOTE, REJETEES = "_annote.xlsx", "_lignes_rejetees.csv"
PERSONNELLES = "donnees_personnelles"
REFUS = {"fichier_illisible", "fichier_trop_grand"}  # said of the file itself: none of it was read
journal = logging.getLogger("indicators.annotated")


@dataclass(frozen=True)
class Rendu:
    """A file given back: its name and its bytes."""

    nom: str
    contenu: bytes


def is_annotable(recu: FichierRecu, anomalies: Iterable[Anomalie]) -> bool:
    """Is there something to show in this file, and may it be given back?"""
    siennes = _select(recu, anomalies)
    return bool(siennes) and all(a.code != PERSONNELLES for a in siennes)


def is_rejected(recu: FichierRecu, anomalies: Sequence[Anomalie]) -> bool:
    """Is it a text of which lines stay out?"""
    return (is_annotable(recu, anomalies) and not is_workbook(recu.contenu)
            and any(map(is_rejecting, _select(recu, anomalies))))


def annotate(recus: Sequence[FichierRecu], bilan: BilanDepot, limites: Limites) -> list[Rendu]:
    """`<name>_annote.xlsx` of each file that has anomalies, as `bilan` says that it was read."""
    return [Rendu(nom + ANNOTE, _annotate(recu, _tables_of(rang, bilan), limites, _select(recu, bilan.anomalies)))
            for rang, (recu, nom) in enumerate(zip(recus, list_stems(recus), strict=True))
            if is_annotable(recu, bilan.anomalies)]


def reject(recus: Sequence[FichierRecu], bilan: BilanDepot, limites: Limites) -> list[Rendu]:
    """`<name>_lignes_rejetees.csv` of each text of which lines stay out."""
    rendus = []
    for rang, (recu, nom) in enumerate(zip(recus, list_stems(recus), strict=True)):
        if is_rejected(recu, bilan.anomalies):
            tableau = _tables_of(rang, bilan)[0]
            ((_, lignes),) = _records(recu, [tableau], limites)
            contenu = write_rejected(tableau, lignes, _select(recu, bilan.anomalies), limites.cellule)
            rendus.append(Rendu(nom + REJETEES, contenu))
    return rendus


def pack(rendus: Sequence[Rendu]) -> bytes:
    """The bytes of the only file, or of a zip that holds them all."""
    if len(rendus) == 1:
        return rendus[0].contenu
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for rendu in rendus:
            archive.writestr(rendu.nom, rendu.contenu)
    return tampon.getvalue()


def list_stems(recus: Sequence[FichierRecu]) -> list[str]:
    """What the names of the files given back start with: one word per file, no folder, never twice the same."""
    noms: list[str] = []
    for recu in recus:
        nom = re.sub(r"[^\w.() -]+", "_", re.sub(r"\.[^./\\]*$", "", recu.nom)).strip("_. ") or "fichier"
        base = re.sub(r"(_annote|_lignes_rejetees)$", "", nom)
        noms.append(next(n for n in (base, *(f"{base}_{i}" for i in range(2, len(recus) + 2))) if n not in noms))
    return noms


def _select(recu: FichierRecu, anomalies: Iterable[Anomalie]) -> list[Anomalie]:
    return [a for a in anomalies if a.fichier == recu.nom or a.fichier.startswith(f"{recu.nom} › ")]


def _tables_of(rang: int, bilan: BilanDepot) -> list[Tableau]:
    return [tableau for place, tableau in bilan.lectures if place == rang]


def _records(recu: FichierRecu, tableaux: Sequence[Tableau], limites: Limites) -> list[tuple[str, list[Enregistrement]]]:
    """The records of the file, cut as they were: the table that a text was read as says its separator."""
    return read_records(recu, tableaux[0].table.nom if tableaux and tableaux[0].table else None, limites)


def _annotate(recu: FichierRecu, tableaux: Sequence[Tableau], limites: Limites, anomalies: Sequence[Anomalie]) -> bytes:
    marques = find_marks(recu, tableaux, anomalies)
    par_feuille = {name_sheet(recu, t.fichier): t for t in tableaux}
    if any(a.fichier == recu.nom and a.code in REFUS for t in tableaux for a in t.anomalies):
        return build_twin([], par_feuille, marques, ["Le fichier n’a pas pu être lu : seule cette liste est rendue."])
    remarques = []
    if is_workbook(recu.contenu):
        if fits(recu.contenu):
            try:
                return mark_workbook(recu.contenu, marques)
            except DEGATS as erreur:  # styles, names or drawings that reading alone does not look at
                journal.warning("classeur %s rendu en texte : %s", recu.nom, erreur)
        remarques.append(f"Le classeur est trop grand ou trop particulier pour être rendu tel quel{FINE}: ses feuilles visibles "
                         "sont rendues en texte, sans formules ni présentation.")
    return build_twin(_records(recu, tableaux, limites), par_feuille, marques, remarques)
