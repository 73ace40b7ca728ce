"""The rejected lines of a text, as they are in the file, each with what is wrong: a CSV to correct and send again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from indicators.errors import CATALOGUE
from indicators.formats import FINE
from indicators.model import Anomalie
from indicators.reading import Tableau
from indicators.reading.received import COLONNE_ANOMALIES, Enregistrement
from indicators.rules import FORMULE

PHRASE = 1_000  # characters of the column `anomalies`
SANS_SUITE = {"entete_repetee", "ligne_note"}  # lines that hold nothing to correct
TOUTES = {"colonne_manquante", "colonne_double"}  # what keeps every line of the table out
FORMULES = re.compile(FORMULE, re.ASCII)
DEBUT = 200  # characters that are enough to know a formula


def is_rejecting(anomalie: Anomalie) -> bool:
    """Does it keep out lines that a correction would let in?"""
    code = anomalie.code
    return bool(anomalie.ligne) and CATALOGUE[code].retient and not code.startswith("fichier_") and code not in SANS_SUITE


def write_rejected(tableau: Tableau, lignes: Sequence[Enregistrement], anomalies: Iterable[Anomalie], cellule: int) -> bytes:
    """Bytes that a French Excel opens: the header, the rejected lines, and the column `anomalies` (at most `cellule` characters).

    The cells are those received: sent again, they are what they were. Only a formula, always refused, is kept from running.
    """
    dites: dict[int, dict[str, None]] = {}
    refus: dict[str, None] = {}
    rejetees, muettes = set(), set()
    for a in anomalies:
        if a.code in TOUTES:
            refus[_tell(a)] = None
        elif a.ligne:
            dites.setdefault(a.ligne, {})[_tell(a)] = None
            (rejetees if is_rejecting(a) else muettes if a.code in SANS_SUITE else set()).add(a.ligne)
    titres, deja = list(tableau.titres), False
    if titres[-1:] == [COLONNE_ANOMALIES]:
        titres, deja = titres[:-1], True
    tampon = io.StringIO(newline="")
    sortie = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    sortie.writerow([*map(_disarm, titres), COLONNE_ANOMALIES])
    for ligne, cellules in lignes:
        if ligne > tableau.entete and ligne not in muettes and (refus or ligne in rejetees):
            phrase = " ".join({**dites.get(ligne, {}), **refus})
            gardees = cellules[:-1] if deja and _ends_with_ours(cellules, len(titres)) else cellules
            sortie.writerow([*map(_disarm, gardees), phrase[:min(PHRASE, cellule)]])
    return tampon.getvalue().encode("utf-8-sig")


def _disarm(cellule: str) -> str:
    return f"'{cellule}" if FORMULES.match(cellule.lstrip()[:DEBUT]) else cellule


def _tell(a: Anomalie) -> str:
    ou = f" ({a.colonne})" if a.colonne else ""
    return f"{CATALOGUE[a.code].titre}{ou}{FINE}: {a.message} {a.conseil}"


def _ends_with_ours(cellules: Sequence[str], largeur: int) -> bool:
    """Is the last cell our column? A line of the wrong length may have lost it: it is known by what we write there."""
    return len(cellules) == largeur + 1 or any(cellules[-1].startswith(t.titre) for t in CATALOGUE.values())
