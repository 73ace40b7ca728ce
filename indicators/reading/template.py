"""A template of ours that comes back: only what a person wrote in it counts.

It is known by a defined name of the workbook, which spreadsheets keep and which holds the code of its plan (empty: a plan that
does not exist yet). Its sheets of help are not read, its columns of help are no unknown columns, and a row that still holds
nothing but its key is a row left for later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from indicators.errors import build_anomalie
from indicators.reading.headers import normalize
from indicators.reading.received import Tableau
from indicators.tables import RACCOURCIS

if TYPE_CHECKING:
    from openpyxl.workbook.defined_name import DefinedName

MARQUE = "modele_a_remplir"
LISEZ_MOI, DEFINITIONS, LISTES = "lisez-moi", "définitions", "listes"
TABLEAU, GRAPHIQUE, REVISIONS, DECISIONS = "tableau de suivi", "graphique", "évolution", "relevé de décisions"  # of an export
FEUILLES_AIDE = (LISEZ_MOI, DEFINITIONS, LISTES, TABLEAU, GRAPHIQUE, REVISIONS, DECISIONS)
COLONNES_AIDE = ("intitulé", "unité", "réponse connue", "situation connue")  # shown beside the cells to fill, never stored
PREREMPLIES = ("mesure", "suivi_action")  # their rows come with their key, which alone says nothing


def find_plan(noms: Mapping[str, DefinedName]) -> str | None:
    """The plan that a workbook with these defined names is a template of; None when it is no template."""
    marque = noms.get(MARQUE)
    return None if marque is None else (marque.value or "").removeprefix('"').removesuffix('"').replace('""', '"')


def keep_filled(nom: str, tableaux: Sequence[Tableau], plan: str) -> list[Tableau]:
    """The tables of a template without what nobody filled; one warning alone when there is nothing left.

    A workbook with a sheet « plan » holds a whole plan: left empty beside filled sheets, it keeps its anomaly, else their rows
    would go to a plan that the person did not name.
    """
    lus = [_keep_rows(t, plan) for t in tableaux]
    remplis = [t for t in lus if t.lignes or any(a.code != "fichier_vide" for a in t.anomalies)]
    if not remplis:
        return [Tableau(nom, None, (), [], 0, [build_anomalie("modele_vide", nom)])]
    return [*(t for t in lus if t.table and t.table.nom == "plan" and t not in remplis), *remplis]


def _keep_rows(tableau: Tableau, plan: str) -> Tableau:
    """This table without the rows that hold only their key and help; those that people added belong to the template's plan."""
    if tableau.table is None or tableau.table.nom not in PREREMPLIES:
        return tableau
    cle = {*tableau.table.cle, *(c.nom for c in RACCOURCIS.get(tableau.table.nom, ()))}
    places = [i for i, c in enumerate(tableau.colonnes) if c and c not in cle]
    gardees = [(n, cellules) for n, cellules in tableau.lignes if any(cellules[i].strip() for i in places)]
    vides = {n for n, _ in tableau.lignes} - {n for n, _ in gardees}
    aides = {normalize(c) for c in COLONNES_AIDE}
    anomalies = [a for a in tableau.anomalies if a.ligne not in vides
                 and not (a.code == "colonne_inconnue" and normalize(a.colonne or "") in aides)]
    if "plan" in tableau.colonnes:
        place = tableau.colonnes.index("plan")
        gardees = [(n, [*c[:place], c[place] if c[place].strip() else plan, *c[place + 1:]]) for n, c in gardees]
    else:
        tableau = replace(tableau, colonnes=(*tableau.colonnes, "plan"))
        gardees = [(n, [*c, plan]) for n, c in gardees]
    return replace(tableau, lignes=gardees, lues=tableau.lues - len(vides), anomalies=anomalies)
