"""From the bytes of a received file to tables of text, without losing a character or a row.

Nothing is interpreted here: every cell stays text, every record keeps the number of its first line.
"""

from __future__ import annotations

from indicators.errors import build_anomalie
from indicators.reading.body import read_body
from indicators.reading.encoding import decode, decode_named
from indicators.reading.headers import find_table, normalize, recognize, score_table
from indicators.reading.received import (
    FEUILLE_ANOMALIES,
    MARQUE_ANOMALIES,
    Enregistrement,
    Feuille,
    FichierRecu,
    Illisible,
    Tableau,
)
from indicators.reading.records import split_records
from indicators.reading.workbook import is_workbook, read_workbook
from indicators.settings import Limites
from indicators.tables import TABLES, Table

__all__ = ["FichierRecu", "Tableau", "decode", "find_table", "is_given_back", "normalize", "read_records", "read_tableau",
           "read_tableaux"]

LIMITES = Limites()


def read_tableau(recu: FichierRecu, table: str | None = None, limites: Limites = LIMITES) -> Tableau:
    """The first table of one received file, the only one when it is a text."""
    return read_tableaux(recu, table, limites)[0]


def read_tableaux(recu: FichierRecu, table: str | None = None, limites: Limites = LIMITES) -> list[Tableau]:
    """Tables of text of one received file, one per sheet of a workbook, and the anomalies of their form.

    `table` overrides what the names and the columns say. There is always one table at least, to bear the anomalies.
    """
    annoncee = TABLES[table] if table else find_table(recu.nom)
    try:
        _weigh(recu, limites)
        if is_workbook(recu.contenu):
            return _read_sheets(recu, TABLES[table] if table else None, limites)
        return [_build(_read_text(recu, annoncee, limites), annoncee, limites)]
    except Illisible as erreur:
        anomalie = build_anomalie(erreur.code, recu.nom, ligne=erreur.ligne, detail=str(erreur))
        return [Tableau(recu.nom, None, (), [], 0, [anomalie])]


def read_records(recu: FichierRecu, table: str | None = None,
                 limites: Limites = LIMITES) -> list[tuple[str, list[Enregistrement]]]:
    """(title, records as they are in the file) of each sheet, of which a text has one, without a title; `Illisible` or nothing.

    What `read_tableaux` reads, before anything is recognised, left out or written again.
    """
    _weigh(recu, limites)
    if is_workbook(recu.contenu):
        return [(titre, f.lignes) for titre, f in read_workbook(recu.nom, recu.contenu, limites).feuilles]
    return [("", _read_text(recu, TABLES[table] if table else find_table(recu.nom), limites).lignes)]


def is_given_back(titre: str, premiere: object) -> bool:
    """Is this sheet, of that title and first cell, the list of anomalies that was added to a file given back?"""
    return titre.startswith(FEUILLE_ANOMALIES) and premiere == MARQUE_ANOMALIES


def _read_sheets(recu: FichierRecu, imposee: Table | None, limites: Limites) -> list[Tableau]:
    """One table per sheet. A sheet that is no table is only told when another is one; the file's name speaks for a lone sheet."""
    classeur = read_workbook(recu.nom, recu.contenu, limites)
    remplies = [(titre, f) for titre, f in classeur.feuilles if f.lignes and not is_given_back(titre, f.lignes[0][1][0])]
    seule = find_table(recu.nom) if len(remplies) == 1 else None
    tables = [imposee or _confirm(find_table(titre) or seule, f) or recognize(f.lignes) for titre, f in remplies]
    tableaux = []
    for (titre, feuille), table in zip(remplies, tables, strict=True):
        if table is None and any(tables):
            dite = build_anomalie("feuille_ignoree", feuille.nom, valeur=titre)
            tableaux.append(Tableau(feuille.nom, None, (), [], 0, [dite]))
        else:
            tableaux.append(_build(feuille, table, limites))
    if not tableaux:
        tableaux.append(Tableau(recu.nom, None, (), [], 0, [build_anomalie("fichier_vide", recu.nom)]))
    for titre in classeur.masquees:
        nom = f"{recu.nom} › {titre}"
        tableaux.append(Tableau(nom, None, (), [], 0, [build_anomalie("feuille_masquee", nom, valeur=titre)]))
    return tableaux


def _confirm(annoncee: Table | None, feuille: Feuille) -> Table | None:
    """The table that a sheet's name announces, when one of its columns at least is there: « Plan » names many things."""
    return annoncee if annoncee and score_table(annoncee, feuille.lignes) else None


def _weigh(recu: FichierRecu, limites: Limites) -> None:
    if len(recu.contenu) > limites.fichier_mo * 1_000_000:
        raise Illisible(f"il pèse {len(recu.contenu) // 1_000_000} Mo, la limite est de {limites.fichier_mo} Mo "
                        "(réglage INDICATORS_FICHIER_MO).", code="fichier_trop_grand")


def _read_text(recu: FichierRecu, annoncee: Table | None, limites: Limites) -> Feuille:
    texte, encodage = decode_named(recu.contenu)
    anomalies = [build_anomalie("encodage_mac", recu.nom)] if encodage == "mac-roman" else []
    return Feuille(recu.nom, split_records(texte, limites, lambda lignes: score_table(annoncee, lignes)), anomalies)


def _build(feuille: Feuille, annoncee: Table | None, limites: Limites) -> Tableau:
    """The table of this sheet: the one announced, else the one that its columns show."""
    if not feuille.lignes:
        return Tableau(feuille.nom, annoncee, (), [], 0, [*feuille.anomalies, build_anomalie("fichier_vide", feuille.nom)])
    table = annoncee or recognize(feuille.lignes)
    if table is None:
        connues = ", ".join(t.nom for t in TABLES.values() if t.importable)
        return Tableau(feuille.nom, None, (), [], 0, [*feuille.anomalies,
                                                      build_anomalie("table_inconnue", feuille.nom, detail=connues)])
    return read_body(feuille, table, limites)
