"""From the bytes of a received file to tables of text, without losing a character or a row.

Nothing is interpreted here: every cell stays text, every record keeps the number of its first line.
"""

from __future__ import annotations

from indicators.errors import build_anomalie
from indicators.reading.action_plan import read_plan
from indicators.reading.body import read_body
from indicators.reading.encoding import decode, decode_named
from indicators.reading.headers import find_table, normalize, recognize, score_table
from indicators.reading.personal import is_personal, refuse_personal
from indicators.reading.plan_words import fold_title, split_number
from indicators.reading.received import Bloc, Feuille, FichierRecu, Illisible, Tableau
from indicators.reading.records import split_records
from indicators.reading.regular import GRAND, attach, split_regular
from indicators.reading.template import keep_filled
from indicators.reading.workbook import is_workbook, read_workbook
from indicators.settings import Limites
from indicators.tables import TABLES, Table

__all__ = ["Bloc", "FichierRecu", "Tableau", "decode", "find_table", "fold_title", "is_personal", "normalize", "read_tableau",
           "read_tableaux", "split_number"]

LIMITES = Limites()
PLANS = ("plan", "orientation", "action")  # what people call a whole action plan


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
        feuille = _read_text(recu, annoncee, limites, len(recu.contenu) >= GRAND)
        if feuille.bloc:
            entier = attach(_build(feuille, annoncee, limites), feuille.bloc)
            if entier:
                return [entier]
            feuille = _read_text(recu, annoncee, limites)
        return _build_all(feuille, annoncee, limites, imposee=table is not None)
    except Illisible as erreur:
        anomalie = build_anomalie(erreur.code, recu.nom, ligne=erreur.ligne, detail=str(erreur))
        return [Tableau(recu.nom, None, (), [], 0, [anomalie])]


def _read_sheets(recu: FichierRecu, imposee: Table | None, limites: Limites) -> list[Tableau]:
    """One table per sheet. A sheet that is no table is only told when another is one; the file's name speaks for a lone sheet."""
    classeur = read_workbook(recu.nom, recu.contenu, limites)
    remplies = [(titre, f) for titre, f in classeur.feuilles if f.lignes]
    seule = find_table(recu.nom) if len(remplies) == 1 else None
    tables = [imposee or _confirm(find_table(titre) or seule, f) or recognize(f.lignes) for titre, f in remplies]
    lus = [_build_all(f, t, limites, imposee is not None) for (_, f), t in zip(remplies, tables, strict=True)]
    tableaux = []
    for (titre, feuille), issus in zip(remplies, lus, strict=True):
        if issus[0].table is None and any(x[0].table for x in lus):
            dite = build_anomalie("feuille_ignoree", feuille.nom, valeur=titre)
            tableaux.append(refuse_personal(feuille) or Tableau(feuille.nom, None, (), [], 0, [dite]))
        else:
            tableaux += issus
    if not tableaux:
        tableaux.append(Tableau(recu.nom, None, (), [], 0, [build_anomalie("fichier_vide", recu.nom)]))
    for titre in classeur.masquees:
        nom = f"{recu.nom} › {titre}"
        tableaux.append(Tableau(nom, None, (), [], 0, [build_anomalie("feuille_masquee", nom, valeur=titre)]))
    tableaux += [refus for apercu in classeur.apercus if (refus := refuse_personal(apercu))]
    if refus := [t for t in tableaux if is_personal(t)]:
        return refus  # nothing is told of the other sheets of such a workbook
    return tableaux if classeur.modele is None else keep_filled(recu.nom, tableaux, classeur.modele)


def _confirm(annoncee: Table | None, feuille: Feuille) -> Table | None:
    """The table that a sheet's name announces, when one of its columns at least is there: « Plan » names many things."""
    return annoncee if annoncee and score_table(annoncee, feuille.lignes) else None


def _weigh(recu: FichierRecu, limites: Limites) -> None:
    if len(recu.contenu) > limites.fichier_mo * 1_000_000:
        raise Illisible(f"il pèse {len(recu.contenu) // 1_000_000} Mo, la limite est de {limites.fichier_mo} Mo "
                        "(réglage INDICATORS_FICHIER_MO).", code="fichier_trop_grand")


def _read_text(recu: FichierRecu, annoncee: Table | None, limites: Limites, grand: bool = False) -> Feuille:
    """The records of a text; when it is large and regular, only those that must be looked at one by one, and a bloc."""
    texte, encodage = decode_named(recu.contenu)
    anomalies = [build_anomalie("encodage_mac", recu.nom)] if encodage == "mac-roman" else []
    regulier = split_regular(texte, limites, lambda lignes: score_table(annoncee, lignes)) if grand else None
    if regulier:
        return Feuille(recu.nom, regulier[0], anomalies, bloc=regulier[1])
    return Feuille(recu.nom, split_records(texte, limites, lambda lignes: score_table(annoncee, lignes)), anomalies)


def _build_all(feuille: Feuille, annoncee: Table | None, limites: Limites, imposee: bool) -> list[Tableau]:
    """The table of this sheet, or those of the action plan that it holds: a plan has not the columns that our tables require."""
    tableau = _build(feuille, annoncee, limites)
    manque = tableau.table is None or any(a.code == "colonne_manquante" for a in tableau.anomalies)
    if imposee or not manque or (annoncee and annoncee.nom not in PLANS):
        return [tableau]
    return read_plan(feuille, annoncee is not None, limites) or [tableau]


def _build(feuille: Feuille, annoncee: Table | None, limites: Limites) -> Tableau:
    """The table of this sheet: the one announced, else the one that its columns show."""
    if not feuille.lignes:
        return Tableau(feuille.nom, annoncee, (), [], 0, [*feuille.anomalies, build_anomalie("fichier_vide", feuille.nom)])
    table = annoncee or recognize(feuille.lignes)
    if table is None and (refus := refuse_personal(feuille)):
        return refus
    if table is None:
        connues = ", ".join(t.nom for t in TABLES.values() if t.importable)
        return Tableau(feuille.nom, None, (), [], 0, [*feuille.anomalies,
                                                      build_anomalie("table_inconnue", feuille.nom, detail=connues)])
    return read_body(feuille, table, limites)
