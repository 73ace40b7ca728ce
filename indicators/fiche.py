"""The words of an action's fiche: its calendar, its budget added up, its decisions, its history, the repères that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indicators.formats import FINE, accord, format_date, format_nombre, pluriel, titre
from indicators.model import Bilan, Meteo, Provenance, StatutAction
from indicators.queries import Action
from indicators.queries.seances import Decision, Seance

Lignes = Sequence[Mapping[str, Any]]  # rows of one table, as `list_connues` gives them


def write_echeance(a: Action) -> str:
    """« 31/12/2023 (initialement 31/12/2022) »; empty without a deadline."""
    if a.echeance is None:
        return ""
    initiale = a.echeance_initiale if a.echeance_initiale != a.echeance else None
    return format_date(a.echeance) + (f" (initialement {format_date(initiale)})" if initiale else "")


def write_budget(budget: Lignes) -> str:
    """What was spent of what was planned, over the years that say both; a missing amount is never a zero."""
    complets = [b for b in budget if b["prevu"] is not None and b["depense"] is not None]
    if not complets:
        return "Aucune année ne donne à la fois le prévu et le dépensé."
    prevu, depense = (sum(b[c] for b in complets) for c in ("prevu", "depense"))
    part = f", soit {format_nombre(100 * depense / prevu, 0, '%')}" if prevu > 0 else ""
    texte = f"{_euros(depense)} dépensés sur {_euros(prevu)} prévus{part}"
    if reste := len(budget) - len(complets):
        texte += f"{FINE}; {pluriel(reste, 'ligne')} sans les deux montants {accord(reste, 'n’y est pas', 'n’y sont pas')}"
    return texte + "."


def list_budget(budget: Lignes) -> list[dict[str, Any]]:
    """Planned and spent by year, then their total; where an amount is missing, the total says that it is of the known ones."""
    rangs = [{"Année": b["annee"], "Nature": b["nature"], "Prévu": _euros(b["prevu"]), "Dépensé": _euros(b["depense"]),
              "Financeur": b["financeur"]} for b in budget]
    if len(budget) < 2:
        return rangs
    return [*rangs, {"Année": "Total", "Nature": "", "Prévu": _add(budget, "prevu"), "Dépensé": _add(budget, "depense"),
                     "Financeur": ""}]


def list_decisions(decisions: Sequence[Decision], seances: Sequence[Seance]) -> list[dict[str, Any]]:
    """Decisions of past séances on the action, the latest séance first."""
    tenues = {s.code: s for s in seances}

    def write_seance(code: str) -> str:
        return titre(tenues[code].nom) if code in tenues else code

    rangees = sorted(decisions, key=lambda d: (str(tenues[d.seance].date) if d.seance in tenues else "", d.code))
    return _keep_said([
        {"Séance": write_seance(d.seance), "Décision": d.texte, "Responsable": d.qui,
         "Échéance": format_date(d.echeance) if d.echeance else "", "Motif": d.motif,
         "État": d.avancement} for d in reversed(rangees)])


def list_suivi(suivi: Lignes) -> list[dict[str, Any]]:
    """Every word said of the action, the latest first."""
    return _keep_said([
        {"Date": format_date(s["date"]), "Statut": _label(StatutAction, s["statut"]), "Commentaire": s["commentaire"],
         "Météo": _label(Meteo, s["meteo"]), "Bilan": _label(Bilan, s["bilan"]), "Auteur": s["auteur"],
         "Provenance": _label(Provenance, s["provenance"])} for s in reversed(suivi)])


def list_reponses(liens: Lignes, reperes: Lignes) -> dict[str, list[Mapping[str, Any]]]:
    """Links whose address is the code of a national repère, by that code: the actions that answer it."""
    codes = {r["code"] for r in reperes}
    reponses: dict[str, list[Mapping[str, Any]]] = {}
    for lien in liens:
        if lien["adresse"] in codes:
            reponses.setdefault(lien["adresse"], []).append(lien)
    return reponses


def _keep_said(rangs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without the columns that none of them fills."""
    dites = {k for r in rangs for k, v in r.items() if v}
    return [{k: v for k, v in r.items() if k in dites} for r in rangs]


def _label(mots: type[StatutAction] | type[Meteo] | type[Bilan] | type[Provenance], slug: str | None) -> str:
    return mots(slug).label if slug else ""


def _add(budget: Lignes, colonne: str) -> str:
    connus = [b[colonne] for b in budget if b[colonne] is not None]
    if not connus:
        return format_nombre(None)
    manquants = len(budget) - len(connus)
    return _euros(sum(connus)) + (f" ({pluriel(manquants, 'montant manquant', 'montants manquants')})" if manquants else "")


def _euros(x: float | None) -> str:
    return format_nombre(x, 0, "€")
