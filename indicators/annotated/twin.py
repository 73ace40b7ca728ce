"""An Excel twin of a text, or of a workbook that cannot be held whole: the same rows, as text, with their anomalies."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter, quote_sheetname

from indicators.annotated.marks import (
    COMMENTAIRES,
    IRREGULIERE,
    TROP_DE_COMMENTAIRES,
    Marque,
    Pinceau,
    build_comment,
    clean_text,
    group_marks,
    worst,
    write_list,
)
from indicators.formats import FINE, format_nombre, pluriel
from indicators.model import Anomalie
from indicators.reading import Tableau
from indicators.reading.received import FEUILLE_ANOMALIES, Enregistrement

LIGNES = 50_000  # rows of a twin: beyond, only its header and the lines with an anomaly
Fautes = dict[int, list[Anomalie]]  # of each column of one row


def build_twin(feuilles: Sequence[tuple[str, list[Enregistrement]]], tableaux: dict[str, Tableau], marques: Sequence[Marque],
               remarques: Sequence[str]) -> bytes:
    """The bytes of a workbook of these sheets, a row being on its line of the file as long as they are all there.

    `tableaux` gives the table read in each sheet, by title; a text, whose title is "", takes the name of its table.
    """
    classeur = Workbook(write_only=True)
    liste = classeur.create_sheet(FEUILLE_ANOMALIES)
    dites = list(remarques)
    adresses: dict[tuple[str, int], str] = {}
    pinceau = Pinceau()
    commentees = 0
    for titre, lignes in feuilles:
        tableau = tableaux.get(titre)
        fautives = group_marks(marques, titre)
        gardees = _choose(lignes, tableau.entete if tableau else 0, fautives)
        dites += _tell_changes(titre, lignes, gardees)
        numeros = [n for n, _ in lignes] if len(gardees) == len(lignes) else list(range(1, len(gardees) + 1))
        page: Any = classeur.create_sheet(titre or (tableau.table.nom if tableau and tableau.table else "Données"))
        for i in range(max((len(c) for _, c in gardees), default=0)):
            page.column_dimensions[get_column_letter(i + 1)].width = 18
        derniere = 0
        for numero, (ligne, textes) in zip(numeros, gardees, strict=True):
            for _ in range(derniere + 1, numero):
                page.append(())
            derniere = numero
            adresses[titre, ligne] = f"{quote_sheetname(page.title)}!{{}}{numero}"
            page.append(_build_row(pinceau, page, numero, textes, fautives.get(ligne, {}), commentees < COMMENTAIRES))
            commentees += len(fautives.get(ligne, ()))
    if commentees > COMMENTAIRES:
        dites.append(TROP_DE_COMMENTAIRES)
    write_list(liste, marques, dites, lambda m: _address(adresses, m), pinceau)
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


def _build_row(pinceau: Pinceau, page: Any, numero: int, textes: Sequence[str], fautes: Fautes, commentee: bool) -> list[Cell]:
    """One row as text. Squared with the others, one of another length would pass for a right one: it is kept in one cell."""
    if any(a.code == IRREGULIERE for anomalies in fautes.values() for a in anomalies):
        textes = [";".join(textes)]
    largeur = max(len(textes), *(i + 1 for i in fautes), 0)
    rangee = [pinceau.write(page, numero, i + 1, textes[i] if i < len(textes) else "") for i in range(largeur)]
    for i, anomalies in fautes.items():
        pinceau.colour(rangee[i], worst(anomalies))
        if commentee:
            rangee[i].comment = build_comment(anomalies)
    return rangee


def _choose(lignes: list[Enregistrement], entete: int, fautives: dict[int, Fautes]) -> list[Enregistrement]:
    """All the rows, or, of a long sheet, those down to its header and those with an anomaly."""
    if not lignes or lignes[-1][0] <= LIGNES:
        return lignes
    return [x for x in lignes if x[0] <= entete or x[0] in fautives][:LIGNES]


def _tell_changes(titre: str, lignes: list[Enregistrement], gardees: list[Enregistrement]) -> list[str]:
    ou = f" (feuille {titre})" if titre else ""
    dites = []
    if len(gardees) < len(lignes):
        dites.append(f"Le fichier est trop long pour être rendu entier{ou}{FINE}: seuls l’en-tête et des lignes avec anomalie "
                     f"sont ici, {format_nombre(len(gardees))} lignes sur {format_nombre(len(lignes))}.")
    changees = sum(clean_text(c) != c for _, cellules in gardees for c in cellules)
    if changees:
        dites.append(f"{pluriel(changees, 'cellule porte', 'cellules portent')} des caractères de contrôle ou un texte trop long "
                     f"pour un classeur{ou}{FINE}: ces caractères sont remplacés par leur image, ce texte est coupé.")
    return dites


def _address(adresses: dict[tuple[str, int], str], m: Marque) -> str | None:
    place = adresses.get((m.feuille, m.anomalie.ligne or 0))
    return place.format(get_column_letter(m.colonnes[0] + 1)) if place and m.colonnes else None
