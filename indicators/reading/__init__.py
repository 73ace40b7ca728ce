"""From the bytes of a received file to tables of text, without losing a character or a row.

Nothing is interpreted here: every cell stays text, every record keeps the number of its first line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indicators.errors import build_anomalie
from indicators.reading.action_plan import read_plan
from indicators.reading.body import list_examples, read_body
from indicators.reading.encoding import GRAND, decode, find_encoding
from indicators.reading.headers import find_table, find_titles, list_targets, recall, recognize, recognize_content, score_table
from indicators.reading.mapping import (
    Aide,
    Choix,
    ColonneLue,
    Correspondance,
    Indices,
    Raison,
    read_json,
    read_memory,
    write_json,
)
from indicators.reading.personal import is_personal, refuse_personal
from indicators.reading.plan_words import fold_title, split_number
from indicators.reading.received import (
    FEUILLE_ANOMALIES,
    MARQUE_ANOMALIES,
    Bloc,
    Enregistrement,
    Feuille,
    FichierRecu,
    Illisible,
    Tableau,
    is_workbook,
)
from indicators.reading.records import split_records
from indicators.reading.template import keep_filled
from indicators.reading.words import normalize
from indicators.settings import Limites
from indicators.tables import TABLES, Table

__all__ = ["Aide", "Bloc", "Choix", "Correspondance", "FichierRecu", "Indices", "Tableau", "decode", "find_table", "fold_title",
           "is_given_back", "is_personal", "is_workbook", "list_targets", "normalize", "read_json", "read_memory", "read_records",
           "read_tableau", "read_tableaux", "split_number", "write_json"]

LIMITES, SANS_AIDE = Limites(), Aide()
PLANS = ("plan", "orientation", "action")  # what people call a whole action plan


def read_tableau(recu: FichierRecu, table: str | None = None, limites: Limites = LIMITES) -> Tableau:
    """The first table of one received file, the only one when it is a text."""
    return read_tableaux(recu, table, limites)[0]


def read_tableaux(recu: FichierRecu, table: str | None = None, limites: Limites = LIMITES,
                  aide: Aide = SANS_AIDE) -> list[Tableau]:
    """Tables of text of one received file, one per sheet of a workbook, and the anomalies of their form.

    `table` overrides what the names and the columns say, a choice of `aide` overrides all. There is always one table at
    least, to bear the anomalies.
    """
    annoncee = TABLES[table] if table else find_table(recu.nom)
    if table:
        aide = replace(aide, memoire=[m for m in aide.memoire if m.table == table])
    try:
        _weigh(recu, limites)
        if is_workbook(recu.contenu):
            return _read_sheets(recu, TABLES[table] if table else None, limites, aide)
        choisie = aide.choix.get(recu.nom)
        attendue = TABLES[choisie.table] if choisie else annoncee
        feuille = _read_text(recu, attendue, limites, len(recu.contenu) >= GRAND)
        if feuille.bloc:
            lue = _build(feuille, annoncee or _recognize(feuille.lignes, aide), limites, aide)
            from indicators.reading.regular import attach

            if entier := attach(lue, feuille.bloc):
                return [entier]
            feuille = _read_text(recu, attendue, limites)
        return _build_all(feuille, annoncee, limites, aide, imposee=table is not None)
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
        from indicators.reading.workbook import read_workbook

        return [(titre, f.lignes) for titre, f in read_workbook(recu.nom, recu.contenu, limites).feuilles]
    return [("", _read_text(recu, TABLES[table] if table else find_table(recu.nom), limites).lignes)]


def is_given_back(titre: str, premiere: object) -> bool:
    """Is this sheet, of that title and first cell, the list of anomalies that was added to a file given back?"""
    return titre.startswith(FEUILLE_ANOMALIES) and premiere == MARQUE_ANOMALIES


def _read_sheets(recu: FichierRecu, imposee: Table | None, limites: Limites, aide: Aide) -> list[Tableau]:
    """One table per sheet. A sheet that is no table is only told when another is one; the file's name speaks for a lone sheet."""
    from indicators.reading.workbook import read_workbook

    classeur = read_workbook(recu.nom, recu.contenu, limites)
    remplies = [(titre, f) for titre, f in classeur.feuilles if f.lignes and not is_given_back(titre, f.lignes[0][1][0])]
    seule = find_table(recu.nom) if len(remplies) == 1 else None
    tables = [imposee or _confirm(find_table(titre) or seule, f) or _recognize(f.lignes, aide) for titre, f in remplies]
    lus = [_build_all(f, t, limites, aide, imposee is not None) for (_, f), t in zip(remplies, tables, strict=True)]
    tableaux = []
    for (titre, feuille), issus in zip(remplies, lus, strict=True):
        if issus[0].table is None and any(x[0].table for x in lus):
            dite = build_anomalie("feuille_ignoree", feuille.nom, valeur=titre)
            tableaux.append(refuse_personal(feuille) or Tableau(feuille.nom, None, (), [], 0, [dite],
                                                                correspondance=_unread(feuille)))
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
    def score(lignes: list[Enregistrement]) -> int:
        return score_table(annoncee, lignes)

    encodage = find_encoding(recu.contenu)
    anomalies = [build_anomalie("encodage_mac", recu.nom)] if encodage == "mac-roman" else []
    if grand:
        from indicators.reading.folding import fold
        from indicators.reading.regular import split_regular  # here: it takes numpy, that most commands do without

        tel_quel = encodage in ("utf-8", "cp1252")
        octets, suivi = (recu.contenu, encodage) if tel_quel else (decode(recu.contenu, encodage).encode(), "utf-8")
        regulier = split_regular(octets, suivi, limites, score)
        if regulier is None and (pliee := fold(octets, suivi, score)):
            regulier = split_regular(pliee[0], "utf-8", limites, score, pliee[1])
        if regulier:
            return Feuille(recu.nom, regulier[0], anomalies, bloc=regulier[1])
    return Feuille(recu.nom, split_records(decode(recu.contenu, encodage), limites, score), anomalies)


def _recognize(lignes: Sequence[Enregistrement], aide: Aide) -> Table | None:
    return recognize(lignes) or recognize_content(lignes, aide.indices)


def _decision(feuille: Feuille, annoncee: Table | None, aide: Aide) -> Choix | None:
    """What a person decided for this sheet: now, else for an earlier dépôt whose file had these titles."""
    return aide.choix.get(feuille.nom) or recall(aide.memoire, annoncee.nom if annoncee else "", feuille.lignes)


def _build_all(feuille: Feuille, annoncee: Table | None, limites: Limites, aide: Aide, imposee: bool) -> list[Tableau]:
    """The table of this sheet, or those of the action plan that it holds: a plan has not the columns that our tables require."""
    tableau = _build(feuille, annoncee or _recognize(feuille.lignes, aide), limites, aide)
    manque = tableau.table is None or any(a.code == "colonne_manquante" for a in tableau.anomalies)
    autre_table = annoncee is not None and annoncee.nom not in PLANS
    if imposee or not manque or autre_table or is_personal(tableau) or _decision(feuille, annoncee, aide):
        return [tableau]
    return read_plan(feuille, annoncee is not None, limites) or [tableau]


def _build(feuille: Feuille, annoncee: Table | None, limites: Limites, aide: Aide) -> Tableau:
    """The table of this sheet: the one decided, else the one announced by its name or shown by its columns."""
    if not feuille.lignes:
        return Tableau(feuille.nom, annoncee, (), [], 0, [*feuille.anomalies, build_anomalie("fichier_vide", feuille.nom)])
    choix = _decision(feuille, annoncee, aide)
    table = TABLES[choix.table] if choix else annoncee
    if table is None and (refus := refuse_personal(feuille)):
        return refus
    if table is None:
        connues = ", ".join(t.nom for t in TABLES.values() if t.importable)
        inconnue = build_anomalie("table_inconnue", feuille.nom, detail=connues)
        return Tableau(feuille.nom, None, (), [], 0, [*feuille.anomalies, inconnue], correspondance=_unread(feuille))
    return read_body(feuille, table, limites, choix, aide.indices, annoncee.nom if annoncee else "")


def _unread(feuille: Feuille) -> Correspondance:
    """The titles of a sheet whose table is not known: none is read."""
    debut = find_titles(feuille.lignes)
    corps = feuille.lignes[debut + 1:]
    return Correspondance(feuille.nom, "", tuple(ColonneLue(" ".join(c.split()), "", Raison.INCONNUE, list_examples(corps, i))
                                                 for i, c in enumerate(feuille.lignes[debut][1])))
