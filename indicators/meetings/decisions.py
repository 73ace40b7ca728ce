"""Decisions of a meeting: taken, then followed. Each change is a dépôt; a code is never given twice, whoever types at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import duckdb

from indicators.deposits import BilanDepot
from indicators.errors import DemandeInvalide
from indicators.model import EtatDecision
from indicators.queries.seances import Decision, get_seance
from indicators.saisie import deposit_rows

Garde = Callable[[bytes], str]


@dataclass(frozen=True)
class Saisie:
    """What a person types of one decision; `action` is None for a decision on the whole plan."""

    texte: str
    responsable: str = ""
    echeance: date | None = None
    action: str | None = None


def record_decision(cur: duckdb.DuckDBPyConnection, plan: str, seance: str, saisie: Saisie, auteur: str | None,
                    keep_file: Garde) -> str:
    """Write a new decision of that meeting now, inside the write lock, and return its code (D-2024-07).

    Raises `DemandeInvalide` when it says nothing, or when the meeting is closed.
    """
    tenue = get_seance(cur, plan, seance)
    if tenue.close_le:
        raise DemandeInvalide("Cette séance est close : son relevé ne change plus.",
                              "Prenez cette décision à la séance suivante.")
    if not saisie.texte.strip():
        raise DemandeInvalide("La décision est vide.", "Écrivez ce qui est décidé, en une phrase.")
    code = _next_code(cur, plan, tenue.date.year)
    decision = Decision(code, seance, saisie.action, saisie.texte.strip(), saisie.responsable.strip() or None, saisie.echeance,
                        EtatDecision.A_FAIRE, None)
    _deposit(cur, plan, decision, auteur, f"Décision de la séance {seance}", keep_file)
    return code


def change_decision(cur: duckdb.DuckDBPyConnection, plan: str, decision: Decision, auteur: str | None, motif: str | None,
                    keep_file: Garde) -> BilanDepot:
    """Follow a decision: the row as it must now be, its code unchanged."""
    return _deposit(cur, plan, decision, auteur, motif or decision.motif or f"Suivi de la décision {decision.code}", keep_file)


def _next_code(cur: duckdb.DuckDBPyConnection, plan: str, annee: int) -> str:
    """After every code ever given that year, withdrawn and cancelled ones included."""
    prefixe = f"D-{annee}-"
    pris = [c.removeprefix(prefixe) for (c,) in cur.execute(
        "select distinct code from decision where plan = ? and starts_with(code, ?)", [plan, prefixe]).fetchall()]
    return f"{prefixe}{max((int(n) for n in pris if n.isdecimal()), default=0) + 1:02d}"


def _deposit(cur: duckdb.DuckDBPyConnection, plan: str, d: Decision, auteur: str | None, motif: str,
             keep_file: Garde) -> BilanDepot:
    return deposit_rows(cur, plan, "decision", [{
        "code": d.code, "seance": d.seance, "action": d.action or "", "texte": d.texte, "responsable": d.responsable or "",
        "echeance": d.echeance.isoformat() if d.echeance else "", "etat": d.etat.value, "motif": d.motif or "",
    }], auteur, motif, keep_file)
