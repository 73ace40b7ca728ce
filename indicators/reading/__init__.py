"""From the bytes of a received file to tables of text, without losing a character or a row.

Nothing is interpreted here: every cell stays text, every record keeps the number of its first line.
"""

from __future__ import annotations

from indicators.errors import build_anomalie
from indicators.reading.body import read_body
from indicators.reading.encoding import decode, decode_named
from indicators.reading.headers import find_table, normalize, recognize, score_table
from indicators.reading.received import Feuille, FichierRecu, Illisible, Tableau
from indicators.reading.records import split_records
from indicators.settings import Limites
from indicators.tables import TABLES, Table

__all__ = ["FichierRecu", "Tableau", "decode", "find_table", "normalize", "read_tableau"]

LIMITES = Limites()


def read_tableau(recu: FichierRecu, table: str | None = None, limites: Limites = LIMITES) -> Tableau:
    """Text of one received file and the anomalies of its form; `table` overrides what its name and its columns say."""
    annoncee = TABLES[table] if table else find_table(recu.nom)
    try:
        feuille = _read_text(recu, annoncee, limites)
    except Illisible as erreur:
        anomalie = build_anomalie(erreur.code, recu.nom, ligne=erreur.ligne, detail=str(erreur))
        return Tableau(recu.nom, None, (), [], 0, [anomalie])
    return _build(feuille, annoncee, limites)


def _read_text(recu: FichierRecu, annoncee: Table | None, limites: Limites) -> Feuille:
    if len(recu.contenu) > limites.fichier_mo * 1_000_000:
        raise Illisible(f"il pèse {len(recu.contenu) // 1_000_000} Mo, la limite est de {limites.fichier_mo} Mo "
                        "(réglage INDICATORS_FICHIER_MO).", code="fichier_trop_grand")
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
