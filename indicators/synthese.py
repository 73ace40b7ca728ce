"""What the synthèse counts and asks: groups of statuses and their change since a séance, types of indicators, what is expected.

Every number is a count of the rows given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.explanations import DANS_LE_RYTHME, EN_RETARD, NON_EVALUES
from indicators.formats import FINE, accord, format_date, format_nombre
from indicators.model import Statut, TypeIndicateur
from indicators.queries import Action, Ligne, Orientation
from indicators.queries.seances import Decision

GROUPES = (
    ("dans le rythme", DANS_LE_RYTHME),
    ("à surveiller", (Statut.RETARD_LEGER,)),
    ("en retard ou en recul", EN_RETARD),
    ("sans évaluation", NON_EVALUES),
)
FEMININE = re.compile(r"plénière|séance|rencontre|journée|cellule|table ronde|\w{1,40}(ion|ence)\b")  # else masculine
VOYELLE = re.compile(r"[aeiouyéèêàâîôûAEIOUÉ]")
MESURENT = (TypeIndicateur.RESULTAT, TypeIndicateur.IMPACT)
DESSINES = 40  # bars that a person still reads one by one


@dataclass(frozen=True)
class Compteur:
    """How many lines are in one group of statuses, which ones; how many at the séance, None when there was none."""

    nom: str
    n: int
    detail: str
    avant: int | None


def count_groupes(lignes: Sequence[Ligne], avant: Sequence[Ligne] | None) -> list[Compteur]:
    """The four counters, in order."""
    compte = Counter(x.statut for x in lignes)
    ancien = None if avant is None else Counter(x.statut for x in avant)
    return [Compteur(
        accord(n, "Indicateur") + f" {nom}", n,
        ", ".join(f"{s.label.lower()} {compte[s]}" for s in statuts if compte[s]) if len(statuts) > 1 else "",
        None if ancien is None else sum(ancien[s] for s in statuts),
    ) for nom, statuts in GROUPES for n in (sum(compte[s] for s in statuts),)]


def write_depuis(seance: str) -> str:
    """« depuis le COPIL du 12/06/2023 », « depuis la plénière ODPE du … », « depuis l’atelier du … »."""
    nom = seance if seance[:2].isupper() else seance[:1].lower() + seance[1:]
    if VOYELLE.match(nom):
        return f"depuis l’{nom}"
    return f"depuis {'la' if FEMININE.match(nom) else 'le'} {nom}"


def write_change(x: Compteur, depuis: str) -> str:
    """« +1 depuis le COPIL du 12/06/2023 »; empty without a séance to compare with."""
    if x.avant is None:
        return ""
    return f"{format_nombre(x.n - x.avant, signe=True)} {depuis}" if x.n != x.avant else f"inchangé {depuis}"


def keep_moins_avances(mesurees: Sequence[Ligne]) -> list[Ligne]:
    """Of these lines, whose path is known, the `DESSINES` that have covered the least of it, in the order given."""
    codes = {x.indicateur for x in sorted(mesurees, key=lambda x: x.avancement or 0.0)[:DESSINES]}
    return [x for x in mesurees if x.indicateur in codes]


def count_types(orientations: Sequence[Orientation], actions: Sequence[Action], rattachements: Collection[tuple[str, str]],
                lignes: Sequence[Ligne], niveau: str) -> tuple[list[dict[str, Any]], list[str]]:
    """(rows: how many indicators of each type each orientation has, by its actions; the orientations that measure no effect)."""
    types = {x.indicateur: x.type for x in lignes}
    place = {a.action: a.orientation for a in actions}
    rangs, muettes = [], []
    for o in orientations:
        siens = {i for a, i in rattachements if place.get(a) == o.code and i in types}
        compte = Counter(types[i] for i in siens)
        rangs.append({niveau: f"{o.code} {o.libelle_court or o.intitule}", **{t.label: compte[t] or "–" for t in TypeIndicateur}})
        if not any(compte[t] for t in MESURENT):
            muettes.append(o.code)
    return rangs, muettes


def write_types(muettes: Sequence[str], total: int, niveau: str) -> str:
    """Which orientations only count what is done, so that nobody can say whether it works."""
    if not total:
        return ""
    if not muettes:
        return "Partout, au moins un indicateur de résultat ou d’impact."
    return (f"Sans indicateur de résultat ni d’impact{FINE}: {niveau} {', '.join(muettes)}. Ce qui s’y fait peut être compté, "
            "non l’effet produit.")


def write_demande(objet: Ligne | Action, actions: Sequence[Action], decisions: Sequence[Decision], jour: date) -> str:
    """What is asked about one priority: the latest open decision on its actions, else what the rule asks for.

    `actions` are those that the indicator is attached to, `decisions` all those of the plan, in the order of their codes; a
    deadline before `jour` is said to be past.
    """
    siennes = [objet] if isinstance(objet, Action) else list(actions)
    codes = {a.action for a in siennes}
    if ouvertes := [d for d in decisions if d.action in codes and d.ouverte]:
        d = ouvertes[-1]
        qui = ", ".join(filter(None, (d.qui, _write_delai(d.echeance, jour))))
        return f"Déjà décidé{FINE}: {d.texte.rstrip('.')}" + (f" ({qui})." if qui else ".")
    sans_pilote = [a.action for a in siennes if not a.pilotes]
    if sans_pilote:
        return _write_appel("", f"un pilote pour {', '.join(sans_pilote)}")
    a_qui = ", ".join(dict.fromkeys(a.pilotes for a in siennes if a.pilotes))
    if isinstance(objet, Action):
        return _write_appel(a_qui, "une nouvelle échéance, ou la clôture de l’action")
    if objet.a_actualiser:
        annee = f" de la période finie le {format_date(objet.prochaine_fin)}" if objet.prochaine_fin else ""
        return _write_appel(objet.responsable, f"la valeur{annee}")
    if not siennes:
        return _write_appel("", "une action qui porte cet indicateur")
    return _write_appel(a_qui, "la cause de l’écart, et ce qui le réduirait")


def _write_appel(a_qui: str | None, quoi: str) -> str:
    """« Demandé à : PMI — la valeur 2023. »: names come from files, without their article."""
    return f"Demandé à{FINE}: {a_qui} — {quoi}." if a_qui else f"Demandé{FINE}: {quoi}."


def _write_delai(echeance: date | None, jour: date) -> str:
    if echeance is None:
        return ""
    return f"échéance du {format_date(echeance)} passée" if echeance < jour else f"avant le {format_date(echeance)}"
