"""The life of a meeting: prepared, frozen, held, closed. Once frozen, what it shows is read from its pages alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb

from indicators.deposits import BilanDepot
from indicators.errors import DemandeInvalide
from indicators.meetings.composition import build_deck, propose_pour_tous
from indicators.meetings.decisions import Garde
from indicators.meetings.deck import Deck
from indicators.meetings.pages import hash_pages, read_frozen, write_fin, write_pages
from indicators.queries import INFINI, Cursor, Vue, get_plan, list_connues
from indicators.queries.seances import (
    Seance,
    get_seance,
    get_vue_seance,
    list_decisions,
    list_etat,
    list_ordre_du_jour,
    list_participants,
)
from indicators.saisie import deposit_tables
from indicators.tables import TABLES


def get_deck(cur: Cursor, plan: str, seance: str, voit_tout: bool = True) -> Deck:
    """The deck of that meeting for that right to see: its frozen pages alone once it has some, else the views at its dates."""
    lue = get_seance(cur, plan, seance)
    if lue.figee_le:
        return read_frozen(cur, plan, lue, voit_tout)
    return build_deck(cur, get_plan(cur, plan), lue, voit_tout)


def freeze(cur: duckdb.DuckDBPyConnection, plan: str, seance: str, auteur: str | None, keep_file: Garde) -> BilanDepot:
    """Keep what this meeting shows, for each right to see, as one dépôt; call inside the write lock.

    A date that nobody chose becomes the one looked at now; nothing is frozen with what is not known yet. Raises
    `DemandeInvalide` when it is already frozen: cancelling that dépôt makes it a prepared meeting again.
    """
    lue = get_seance(cur, plan, seance)
    if lue.figee_le:
        raise DemandeInvalide(f"La séance « {seance} » est déjà figée.",
                              "Pour la préparer de nouveau, annulez au journal le dépôt qui l’a figée.")
    du_plan, maintenant = get_plan(cur, plan), _read_clock()
    vue = get_vue_seance(cur, du_plan, lue)
    connu_au = min(lue.connu_au, maintenant) if lue.connu_au else vue.connu_au
    figee = replace(lue, observe_au=vue.observe_au, connu_au=connu_au, figee_le=maintenant)
    points = list_ordre_du_jour(cur, plan, seance) or propose_pour_tous(cur, du_plan, figee)
    decks = (build_deck(cur, du_plan, figee, voit_tout, points) for voit_tout in (True, False))
    pages = write_pages(*decks)
    return _deposit(cur, plan, replace(figee, empreinte=hash_pages(pages)), pages, 1, auteur, f"Séance {seance} figée", keep_file)


def close(cur: duckdb.DuckDBPyConnection, plan: str, seance: str, auteur: str | None, keep_file: Garde) -> BilanDepot:
    """Keep who was there and what was decided too: nothing of this meeting changes afterwards, though its decisions live on.

    Raises `DemandeInvalide` when it is not frozen, or is already closed.
    """
    lue = get_seance(cur, plan, seance)
    if not lue.figee_le:
        raise DemandeInvalide(f"La séance « {seance} » n’est pas figée.",
                              "Figez-la d’abord : ses pages sont gardées avec son relevé.")
    if lue.close_le:
        raise DemandeInvalide(f"La séance « {seance} » est déjà close.",
                              "Pour la rouvrir, annulez au journal le dépôt qui l’a close.")
    read_frozen(cur, plan, lue)  # what can no longer be read is not sealed again
    anciennes = list_etat(cur, plan, seance)
    pages = write_fin(list_participants(cur, plan, seance), list_decisions(cur, plan, lue.date, seance=seance))
    empreinte = hash_pages([*(contenu for _, contenu in anciennes), *pages])
    fermee = replace(lue, close_le=_read_clock(), empreinte=empreinte)
    return _deposit(cur, plan, fermee, pages, anciennes[-1][0] + 1, auteur, f"Séance {seance} close", keep_file)


def _deposit(cur: duckdb.DuckDBPyConnection, plan: str, seance: Seance, pages: list[str], premier: int, auteur: str | None,
             motif: str, keep_file: Garde) -> BilanDepot:
    connue = next(x for x in list_connues(cur, Vue(plan, date.max, INFINI), "seance") if x["code"] == seance.code)
    ligne = {c.nom: getattr(seance, c.nom, plan) for c in TABLES["seance"].colonnes} | {
        c: connue[c] for c in ("provenance", "source")}
    return deposit_tables(cur, plan, {
        "seance": [ligne],
        "seance_etat": [{"plan": plan, "seance": seance.code, "ordre": ordre, "contenu": contenu}
                        for ordre, contenu in enumerate(pages, premier)],
    }, auteur, motif, keep_file)


def _read_clock() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
