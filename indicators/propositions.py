"""Dépôts that wait for a second person: accepted, they count from that moment; refused, they never do.

Every function here runs on the cursor of `store.write` or `store.rehearse`. What is accepted is what was proposed, row for row:
the rows are checked again as if a file brought them now, and one that no longer passes keeps the whole dépôt out.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import duckdb

from indicators.checking import check
from indicators.deposits import BilanDepot, Demande, classify, find_decision, find_holder, list_plans_of, open_depot
from indicators.derived import rebuild_derived
from indicators.effects import (
    compare_statuts,
    hide_again,
    hide_effets,
    is_hidden_from,
    list_changements,
    list_masquees,
    list_statuts,
)
from indicators.errors import CATALOGUE, DemandeInvalide, DepotRefuse, Renoncement
from indicators.model import Gravite, TypeDepot
from indicators.reading import Tableau, normalize
from indicators.tables import TABLES, Table

SANS_FICHIER = "(lignes retirées par --remplace)"
TITRES = {"": "", "periode": "periode", "valeur": "valeur"}  # the columns are called as ours, whatever the file called them


def accept(cur: duckdb.DuckDBPyConnection, depot: int, auteur: str | None, motif: str | None = None) -> BilanDepot:
    """Make this proposed dépôt count from now on; the `depot` of the bilan is the number of the acceptance.

    Raises `DemandeInvalide` when it does not wait or is accepted by nobody or by the one who proposed it, `DepotRefuse` when it
    would change nothing any more, `Renoncement` holding the bilan when a row no longer passes the check.
    """
    propose_par = _get_waiting(cur, depot)[0]
    _check_auteur(auteur)
    if not (propose_par or "").strip() or _name(propose_par or "") == _name(auteur or ""):
        raise DemandeInvalide(f"Le dépôt {depot} a été proposé par {propose_par or 'une personne inconnue'}.",
                              "Une autre personne doit l’accepter ; la même peut seulement le refuser.")
    return _accept(cur, depot, Demande(auteur=auteur, motif=motif, motif_exige=True))


def rehearse_acceptance(cur: duckdb.DuckDBPyConnection, depot: int) -> BilanDepot:
    """What accepting it would change now, whoever does it; call inside `rehearse`."""
    return _accept(cur, depot, Demande())


def refuse(cur: duckdb.DuckDBPyConnection, depot: int, auteur: str | None, motif: str | None) -> int:
    """Refuse this proposed dépôt for good, and say why; returns the number written. Its own author may do it."""
    _get_waiting(cur, depot)
    _check_auteur(auteur)
    if not (motif or "").strip():
        raise DemandeInvalide("Un refus demande un motif.",
                              "Dites pourquoi en une phrase (--motif) : la personne qui a proposé le lira dans le journal.")
    return open_depot(cur, TypeDepot.REFUS, depot, Demande(auteur=auteur, motif=motif))


def _accept(cur: duckdb.DuckDBPyConnection, depot: int, demande: Demande) -> BilanDepot:
    motif = _get_waiting(cur, depot)[1]
    plans = list_plans_of(cur, depot)
    cache = is_hidden_from(cur, plans)
    bilan, tables = _check_again(cur, depot, cache)
    if bilan.bloque:
        raise Renoncement(bilan)
    if not bilan.nouvelles + bilan.modifiees + bilan.retirees:
        porteur = f" : le dépôt {bilan.porteur} contient déjà ces lignes" if bilan.porteur else ""
        raise DepotRefuse(f"Le dépôt {depot} ne changerait plus rien{porteur}.", "Refusez-le : il n’attendra plus.")
    if bilan.publiees and demande.motif_exige and not (demande.motif or motif or "").strip():
        raise DemandeInvalide("Ce dépôt change maintenant des valeurs publiées, et personne n’a dit pourquoi.",
                              "Donnez un motif à son acceptation (--motif) : il restera dans le journal.")
    bilan.depot = open_depot(cur, TypeDepot.ACCEPTATION, depot, demande)
    avant = list_statuts(cur)
    rebuild_derived(cur, plans)
    if cache:
        hide_again(cur)
        bilan.masquees = max(bilan.masquees, len(list_masquees(cur, [depot])))
    bilan.changements, bilan.cellules_changees = list_changements(cur, {
        t.nom: f"pret_{t.nom} p join connu_{t.nom} c on {t.same_key('p', 'c')}" for t in tables})
    bilan.effets = hide_effets(cur, compare_statuts(cur, avant), [depot])
    return bilan


def _get_waiting(cur: duckdb.DuckDBPyConnection, depot: int) -> tuple[str | None, str | None]:
    """Who proposed this dépôt, and why."""
    lu = cur.execute("select type, auteur, motif from depot where id = ?", [depot]).fetchone()
    if lu is None:
        raise DemandeInvalide(f"Le dépôt {depot} n’existe pas.", "La commande « journal » liste les dépôts.")
    if lu[0] != TypeDepot.PROPOSE:
        raise DemandeInvalide(f"Le dépôt {depot} n’attend pas d’être accepté.", "La commande « journal » dit lesquels attendent.")
    if decision := find_decision(cur, depot):
        raise DemandeInvalide(f"Le dépôt {depot} est déjà {'accepté' if decision is TypeDepot.ACCEPTATION else 'refusé'}.",
                              "La commande « journal » montre son histoire.")
    return lu[1], lu[2]


def _check_auteur(auteur: str | None) -> None:
    if not (auteur or "").strip():
        raise DemandeInvalide("Accepter ou refuser un dépôt demande un auteur.",
                              "Dites qui vous êtes (--auteur) : une deuxième personne doit décider.")


def _name(auteur: str) -> list[str]:
    """« Léa MARTIN » and « martin léa » are one person."""
    return sorted((normalize(auteur) or auteur.casefold()).replace(" ", "_").split("_"))


def _check_again(cur: duckdb.DuckDBPyConnection, depot: int, cache: bool) -> tuple[BilanDepot, list[Table]]:
    """The check and the count of its rows against what is known now, as when a file comes in; and the tables that hold them."""
    controle = check(cur, _read_back(cur, depot))
    anomalies = controle.anomalies
    if cache:  # they are figures of somebody else, and a warning bounds them: « a small number »
        anomalies = [replace(a, valeur=None, message=CATALOGUE[a.code].titre) for a in anomalies
                     if a.gravite is Gravite.BLOQUANTE]
    bilan = BilanDepot(lues=controle.lues, rejetees=controle.rejetees, anomalies=anomalies,
                       bloque=controle.bloque or controle.rejetees > 0)
    classify(cur, controle.tables, bilan)
    bilan.porteur = find_holder(cur, controle.tables)
    return bilan, controle.tables


def _read_back(cur: duckdb.DuckDBPyConnection, depot: int) -> list[Tableau]:
    """The rows of a dépôt as the text of files, one table for each file that brought some."""
    noms = dict(cur.execute("select ordre, nom from fichier where depot = ?", [depot]).fetchall())
    tableaux = []
    for t in TABLES.values():
        colonnes = (*(c.nom for c in t.colonnes), "provenance", "source", "supprimer")
        textes = ", ".join(f"coalesce(\"{c}\"::varchar, '')" for c in colonnes[:-1])
        lues = cur.execute(f"""select fichier, coalesce(ligne, 0), {textes}, if(retire, 'oui', 'non') from {t.nom}
            where depot_id = ? order by fichier, ligne, {t.cle_sql}""", [depot]).fetchall()
        for rang, groupe in groupby(lues, key=lambda x: x[0]):
            lignes = list(enumerate(groupe, 1))
            tableaux.append(Tableau(
                noms.get(rang, SANS_FICHIER), t, colonnes, [(n, list(x[2:])) for n, x in lignes], len(lignes),
                origines={n: (x[1], TITRES) for n, x in lignes}))
    return tableaux
