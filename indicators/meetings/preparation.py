"""Before the meeting: its card, its agenda, its members. A frozen meeting keeps its card and agenda, a closed one everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb

from indicators.errors import DemandeInvalide
from indicators.model import Sujet
from indicators.queries.seances import (
    Participant,
    PointOrdre,
    Seance,
    get_seance,
    list_ordre_du_jour,
    list_participants,
    list_seances,
)
from indicators.reading import normalize
from indicators.saisie import deposit_rows

Garde = Callable[[bytes], str]
TYPES = ("COPIL", "COTECH", "concertation territoriale", "plénière ODPE")  # usual ones; a plan may name others


def save_seance(cur: duckdb.DuckDBPyConnection, plan: str, seance: Seance, auteur: str | None, keep_file: Garde) -> str:
    """Write the card of a meeting and return its code, given now when it has none; `DemandeInvalide` once it is frozen."""
    if not seance.type.strip():
        raise DemandeInvalide("La séance n’a pas de type.", "Dites ce qu’elle est, par exemple COPIL.")
    if seance.code:
        _check_open(get_seance(cur, plan, seance.code), "sa fiche")
    else:
        seance = replace(seance, code=_next_code(cur, plan, seance))
    deposit_rows(cur, plan, "seance", [{
        "code": seance.code, "type": seance.type.strip(), "date": seance.date.isoformat(), "territoire": seance.territoire or "",
        "presidence": seance.presidence or "", "intitule": seance.intitule or "",
        "observe_au": seance.observe_au.isoformat() if seance.observe_au else "",
        "connu_au": seance.connu_au.isoformat(sep=" ", timespec="seconds") if seance.connu_au else "",
    }], auteur, f"Préparation de la séance {seance.code}", keep_file)
    return seance.code


def save_ordre_du_jour(cur: duckdb.DuckDBPyConnection, plan: str, seance: str, points: Sequence[PointOrdre], auteur: str | None,
                       keep_file: Garde) -> None:
    """Write the whole agenda, numbered again from 1; what is no longer in it is withdrawn."""
    _check_open(get_seance(cur, plan, seance), "son ordre du jour")
    if not points:
        raise DemandeInvalide("L’ordre du jour est vide.", "Gardez au moins un point.")
    if sans := [rang for rang, p in enumerate(points, 1) if p.sujet is Sujet.ACTION and not p.action]:
        raise DemandeInvalide(f"Le point {sans[0]} est une action à décider, et ne dit pas laquelle.",
                              "Choisissez l’action, ou faites-en un point libre.")
    lignes = [{"seance": seance, "ordre": rang, "sujet": p.sujet.value, "intitule": p.intitule or "",
               "minutes": p.minutes if p.minutes is not None else "", "action": p.action or "", "supprimer": "non"}
              for rang, p in enumerate(points, 1)]
    lignes += [{"seance": seance, "ordre": p.ordre, "sujet": p.sujet.value, "supprimer": "oui"}
               for p in list_ordre_du_jour(cur, plan, seance) if p.ordre > len(points)]
    deposit_rows(cur, plan, "ordre_du_jour", lignes, auteur, f"Ordre du jour de la séance {seance}", keep_file)


def save_participants(cur: duckdb.DuckDBPyConnection, plan: str, seance: str, participants: Sequence[Participant],
                      auteur: str | None, keep_file: Garde) -> None:
    """Write who is expected or was there; who is no longer in the list is withdrawn. A name is given once."""
    if get_seance(cur, plan, seance).close_le:
        raise DemandeInvalide("Cette séance est close : sa feuille de présence ne change plus.", "Rien n’a été écrit.")
    noms = [p.nom.strip() for p in participants]
    if doubles := sorted({n for n in noms if noms.count(n) > 1}):
        raise DemandeInvalide(f"« {doubles[0]} » est deux fois dans la feuille de présence.", "Gardez une seule ligne.")
    lignes = [{"seance": seance, "nom": p.nom.strip(), "fonction": p.fonction or "", "presence": p.presence.value,
               "supprimer": "non"} for p in participants]
    lignes += [{"seance": seance, "nom": p.nom, "supprimer": "oui"} for p in list_participants(cur, plan, seance)
               if p.nom not in noms]
    if lignes:
        deposit_rows(cur, plan, "participant", lignes, auteur, f"Feuille de présence de la séance {seance}", keep_file)


def _check_open(seance: Seance, quoi: str) -> None:
    if seance.figee_le:
        raise DemandeInvalide(f"Cette séance est figée : {quoi} ne change plus.",
                              "Pour la reprendre, annulez d’abord, dans le journal, le dépôt qui l’a figée.")


def _next_code(cur: duckdb.DuckDBPyConnection, plan: str, seance: Seance) -> str:
    """COPIL-2025-1, then -2: after every code known."""
    prefixe = f"{(normalize(seance.type) or 'seance').replace('_', '-').upper()}-{seance.date.year}"
    pris = {s.code for s in list_seances(cur, plan)}
    return next(code for n in range(1, len(pris) + 2) if (code := f"{prefixe}-{n}") not in pris)
