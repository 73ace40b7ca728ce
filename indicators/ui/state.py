"""What every page shares: the plan and the two dates, kept in the address as codes, and the look of the visitor's screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import streamlit as st

from indicators import queries
from indicators.formats import format_date
from indicators.queries import Plan, Vue
from indicators.queries.seances import list_seances
from indicators.tables import NOMBRE, TABLES, TEXTE
from indicators.ui import donnees

DERNIER = "dernier"
SANS_PLAN = Plan(  # what the pages that need no plan show of one: the defaults of its table
    plan="", nom="", departement="", intitule="", debut=date.min, fin=date.max, adopte_le=None, source=None,
    **{x.nom: x.defaut for x in TABLES["plan"].colonnes if x.defaut and x.type == TEXTE},
    **{x.nom: float(x.defaut) for x in TABLES["plan"].colonnes if x.defaut and x.type == NOMBRE})


@dataclass(frozen=True)
class Contexte:
    """What this run looks at, and how: `mode` is "light" or "dark", `etroit` a phone."""

    plan: Plan
    vue: Vue
    parametres: tuple[tuple[str, str], ...]
    mode: str
    etroit: bool

    def address(self, **codes: str) -> dict[str, str]:
        """Query parameters of a link that keeps the plan and the dates."""
        return {**dict(self.parametres), **codes}


def get_contexte() -> Contexte:
    """The context that the frame set for this run."""
    return st.session_state["_contexte"]


def choose_contexte(voit_tout: Callable[[str], bool]) -> Contexte:
    """Draw the choice of plan and dates; without any plan there is nothing to choose, and `plan.plan` is empty."""
    agent = st.context.headers.get("User-Agent", "")
    ecran = {"mode": st.context.theme.type or "light", "etroit": "Mobi" in agent}
    plans = {p.plan: p for p in donnees.read(queries.list_plans)}
    if not plans:
        jour = date.today()
        contexte = Contexte(SANS_PLAN, Vue("", jour, queries.end_of_day(jour, SANS_PLAN.fuseau)), (), **ecran)
        st.session_state["_contexte"] = contexte
        return contexte
    code = choose_code("Plan", name_plans(list(plans.values())), "plan", obligatoire=True)
    plan = plans[code or next(iter(plans))]
    defaut = replace(donnees.read(queries.get_vue, plan), voit_tout=voit_tout(plan.plan))
    observe_au = choose_day("Situation observée au", "observe_au", plan, max(plan.fin, date.today()), defaut.observe_au)
    moments = _moments(plan, defaut)
    choix = choose_code("Avec ce qui était connu au", moments, "connu_au", defaut=DERNIER, obligatoire=True) or DERNIER
    connu_au = None if choix == DERNIER else datetime.fromisoformat(choix) if len(choix) > 10 else date.fromisoformat(choix)
    vue = replace(donnees.read(queries.get_vue, plan, observe_au, connu_au), voit_tout=voit_tout(plan.plan))
    parametres = [("plan", plan.plan)]
    if observe_au != defaut.observe_au:
        parametres.append(("observe_au", observe_au.isoformat()))
    if choix != DERNIER:
        parametres.append(("connu_au", choix))
    contexte = Contexte(plan, vue, tuple(parametres), **ecran)
    st.session_state["_contexte"] = contexte
    return contexte


def choose_code(libelle: str, options: Mapping[str, str], cle: str, defaut: str | None = None, obligatoire: bool = False,
                **reglages: Any) -> str | None:
    """A list whose address parameter is the code, never the label; the default leaves the address clean.

    A link to another code, the Back button and a reload all win over what was chosen before; an unknown code is dropped.
    """
    demande, vue = st.query_params.get(cle), f"_{cle}_adresse"
    defaut = defaut if defaut is not None else (next(iter(options), None) if obligatoire else None)
    if demande in options and demande != st.session_state.get(vue):
        st.session_state[cle] = demande
    elif st.session_state.get(cle) not in options:
        st.session_state[cle] = defaut
    code = st.selectbox(libelle, list(options), format_func=options.get, key=cle, placeholder="Choisir",
                        persist_state="session", **reglages)
    _write_address(cle, code if code != defaut or cle == "plan" else None)
    st.session_state[vue] = code if code != defaut or cle == "plan" else None
    return code


def choose_day(libelle: str, nom: str, plan: Plan, fin: date, defaut: date) -> date:
    """A day between the plan's first one and `fin`, kept in the address under `nom` unless it is the default."""
    cle, vue = f"{nom}_{plan.plan}_{fin}", f"_{nom}_adresse"
    demande = _read_day(st.query_params.get(nom))
    if demande and plan.debut <= demande <= fin and demande.isoformat() != st.session_state.get(vue):
        st.session_state[cle] = demande
    st.session_state.setdefault(cle, defaut)
    jour = st.date_input(libelle, min_value=plan.debut, max_value=fin, format="DD/MM/YYYY", key=cle,
                         persist_state="session") or defaut
    ecrit = jour.isoformat() if jour != defaut else None
    _write_address(nom, ecrit)
    st.session_state[vue] = ecrit
    return jour


def settle_address(lieu: str) -> None:
    """Show the address that this run answers, once for each place: a link from a page to itself does not."""
    if st.session_state.get("_lieu") != lieu:
        st.session_state["_lieu"] = lieu
        st.query_params.from_dict(st.query_params.to_dict())


def name_plans(plans: Sequence[Plan]) -> dict[str, str]:
    """A label for each plan, no two alike, as short as they allow: its département, then its years, its title, its code.

    Two options of one label would be one for the selector, which then gives back the first.
    """
    longs = {p.plan: (p.nom, f"{p.nom} {p.debut.year}-{p.fin.year}", f"{p.nom} {p.debut.year}-{p.fin.year} — {p.intitule}")
             for p in plans}
    noms = {}
    for p in plans:
        seuls = (x for k, x in enumerate(longs[p.plan]) if sum(autres[k] == x for autres in longs.values()) == 1)
        noms[p.plan] = next(seuls, f"{longs[p.plan][-1]} ({p.plan})")
    return noms


def is_past() -> bool:
    """Does this run look at what was known at a moment other than the last dépôt?"""
    return "connu_au" in dict(get_contexte().parametres)


def is_local() -> bool:
    """Is this person on the very machine that serves, with no proxy in between?"""
    relais = any(entete in st.context.headers for entete in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return st.context.ip_address is None and not relais


def _moments(plan: Plan, defaut: Vue) -> dict[str, str]:
    """Moments that may be gone back to: the last dépôt, the past séances, a day asked for by the address."""
    moments = {DERNIER: "Dernier dépôt"}
    for s in donnees.read(list_seances, plan.plan, defaut.connu_au):
        if s.connu_au and s.connu_au <= defaut.connu_au:
            moments[s.connu_au.isoformat()] = s.nom
    demande = st.query_params.get("connu_au", "")
    if demande not in moments and (jour := _read_day(demande)):
        moments[demande] = f"Fin du {format_date(jour)}"
    return moments


def _read_day(texte: str | None) -> date | None:
    try:
        return datetime.fromisoformat(texte).date() if texte else None
    except ValueError:
        return None


def _write_address(cle: str, valeur: str | None) -> None:
    if valeur is None:
        st.query_params.pop(cle, None)
    elif st.query_params.get(cle) != valeur:
        st.query_params[cle] = valeur
