"""The two situations that a comparison holds against each other: past séances, any day, the one that the menu chose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import streamlit as st

from indicators import queries
from indicators.formats import format_date
from indicators.meetings.freezing import get_deck
from indicators.queries import EtatPlan, Plan, Vue
from indicators.queries.seances import Seance, list_seances
from indicators.ui.donnees import read
from indicators.ui.state import choose_code, choose_day, get_contexte

MENU = "menu"
JOUR = "jour"


@dataclass(frozen=True)
class Situation:
    """One of the two: how it is called, and what is looked at; `figee` is the code of a frozen séance."""

    nom: str
    vue: Vue
    figee: str | None = None


def read_etat(situation: Situation) -> EtatPlan:
    """The plan in that situation: a frozen séance as its pages show it, even if the rules have changed since."""
    vue = situation.vue
    if situation.figee is None:
        return read(queries.get_etat_plan, vue)
    deck = read(get_deck, vue.plan, situation.figee, vue.voit_tout)
    return EtatPlan(tuple(x.ligne for x in deck.lignes), tuple(a.action for a in deck.actions))


def choose_situations() -> tuple[Situation, Situation]:
    """Draw the choice of the two situations, the earlier first; by default the last séance and what the menu shows."""
    contexte = get_contexte()
    plan, defaut = contexte.plan, read(queries.get_vue, contexte.plan)
    seances = {s.code: _build_situation(plan, s) for s in _list_seances(defaut)}
    gauche, droite = st.columns(2, vertical_alignment="bottom")
    with droite:
        noms = {MENU: "La situation affichée"} | {code: s.nom for code, s in seances.items()}
        code = choose_code("Situation d’arrivée", noms, "arrivee", obligatoire=True)
        arrivee = seances.get(code or MENU) or Situation("Situation affichée", contexte.vue)
    with gauche:
        passees = {code: s for code, s in seances.items() if _is_before(s.vue, arrivee.vue)}
        noms = {code: s.nom for code, s in passees.items()} | {JOUR: "Un autre jour"}
        code = choose_code("Situation de départ", noms, "depart", obligatoire=True)
        depart = passees.get(code or JOUR) or _choose_jour(plan, arrivee.vue)
    return depart, arrivee


def find_last_seance() -> Situation | None:
    """The last séance held strictly before what the menu shows; None when there is none."""
    contexte = get_contexte()
    defaut = read(queries.get_vue, contexte.plan)
    seances = (_build_situation(contexte.plan, s) for s in _list_seances(defaut))
    return next((s for s in seances if s.vue.connu_au < contexte.vue.connu_au and _is_before(s.vue, contexte.vue)), None)


def _list_seances(vue: Vue) -> list[Seance]:
    """Past séances, the latest first."""
    return [s for s in read(list_seances, vue.plan, vue.connu_au) if (s.connu_au or vue.connu_au) <= vue.connu_au]


def _build_situation(plan: Plan, seance: Seance) -> Situation:
    vue = _read_vue(plan, seance.observe_au or seance.date, seance.connu_au or seance.date)
    return Situation(seance.nom, vue, seance.code if seance.figee_le else None)


def _read_vue(plan: Plan, observe_au: date, connu_au: datetime | date) -> Vue:
    """What this person may see at these dates: no more than the menu shows."""
    return replace(read(queries.get_vue, plan, observe_au, connu_au), voit_tout=get_contexte().vue.voit_tout)


def _is_before(a: Vue, b: Vue) -> bool:
    return a.observe_au <= b.observe_au and a.connu_au <= b.connu_au and (a.observe_au, a.connu_au) != (b.observe_au, b.connu_au)


def _choose_jour(plan: Plan, arrivee: Vue) -> Situation:
    """A day stands for both dates: the periods ended by then, with what was known by its evening."""
    un_an_avant = date(arrivee.observe_au.year - 1, 12, 31)
    jour = choose_day("Jour de départ", "depart_au", plan, arrivee.observe_au, max(plan.debut, un_an_avant))
    connu = min(queries.end_of_day(jour, plan.fuseau), arrivee.connu_au)
    return Situation(f"Situation du {format_date(jour)}", _read_vue(plan, jour, connu))
