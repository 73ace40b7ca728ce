"""The forms of an action's fiche: a dated word on it, a link to a document or to a national repère; each makes one dépôt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from indicators import bilans, queries, suivi
from indicators.errors import ErreurMetier
from indicators.formats import FINE, format_date
from indicators.model import Bilan, Meteo
from indicators.queries import Action
from indicators.suivi import LienAction, Suivi
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.acces import ask_auteur, get_acces
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte, is_past

FAIT, LOT = "_suivi_fait", "_lot_suivi"  # a new number empties the forms once something is written
SUIVI, LIEN = "Un point de suivi", "Un lien"
WEB, REPERE = "Un document sur le web", "Une loi ou une stratégie nationale"


def show_saisies(a: Action) -> None:
    """The forms in a closed expander, drawn once it is opened; above it, what the last one did."""
    plan = get_contexte().plan
    if (fait := st.session_state.pop(FAIT, None)) and fait[0] == (plan.plan, a.action):
        st.success(bilans.write_ecrit(fait[1]), icon=":material/check_circle:")
        c.link_depot(fait[1].depot)
    if not get_acces().may_write("suivi_action", plan.plan, ""):
        return
    with st.container(key="saisies"), st.expander("Ajouter un point de suivi ou un lien", icon=":material/edit_note:",
                                                  key=f"saisir_{a.action}", on_change="rerun") as volet:
        if not volet.open:
            return
        if is_past():
            st.info("Cette page montre ce qui était connu à une date passée. Pour y ajouter quelque chose, choisissez "
                    "«\u00a0Dernier dépôt\u00a0» dans le menu.", icon=":material/history:")
            return
        quoi = st.radio("Ajouter", (SUIVI, LIEN), horizontal=True, key=f"saisir_quoi_{a.action}")
        cle = f"{quoi}_{a.action}_{st.session_state.setdefault(LOT, 0)}"
        (_ask_suivi if quoi == SUIVI else _ask_lien)(a, cle)


def _ask_suivi(a: Action, cle: str) -> None:
    """A date and what is said; the fields start from the word of that day when there is one, which would be replaced."""
    contexte = get_contexte()
    plan, vue = contexte.plan, contexte.vue
    fin = max(date.today(), plan.debut)
    ou = st.columns(4)
    jour = ou[0].date_input("Date du point", max(min(fin, vue.observe_au), plan.debut), min_value=plan.debut, max_value=fin,
                            format="DD/MM/YYYY", key=f"{cle}_date")
    if not jour:
        return
    en_place = next((s for s in donnees.read(queries.list_connues, vue, "suivi_action", a.action) if s["date"] == jour), {})
    choix = {}
    for place, (nom, libelle, mots) in enumerate((("statut", "Statut", suivi.SAISISSABLES), ("meteo", "Météo", tuple(Meteo)),
                                                  ("bilan", "Bilan", tuple(Bilan))), 1):
        dit = en_place.get(nom)
        choix[nom] = ou[place].selectbox(libelle, mots, mots.index(dit) if dit in mots else None, key=f"{cle}_{nom}_{jour}",
                                         format_func=lambda m: m.label, placeholder="Rien à en dire")
    commentaire = st.text_area("Commentaire", en_place.get("commentaire") or "", key=f"{cle}_commentaire_{jour}", max_chars=2000,
                               placeholder="Ce qui a avancé, ce qui freine, ce qui est demandé. Aucun nom d’enfant.")
    if en_place:
        st.caption(f"Un point existe déjà au {format_date(jour)}{FINE}: vous le corrigez, l’ancien reste dans le journal.")
    if jour > vue.observe_au:
        st.caption("Ce point est postérieur à la date observée\u202f: la page ne le montre pas tant que cette date ne "
                   "change pas.")
    _confirm(a, cle, suivi.apply_suivi, Suivi(plan.plan, a.action, jour, **choix, commentaire=commentaire))


def _ask_lien(a: Action, cle: str) -> None:
    """An address, or a national repère; and what it is."""
    contexte = get_contexte()
    reperes = {r["code"]: r for r in sorted(donnees.read(queries.list_connues, contexte.vue, "repere"), key=lambda r: r["date"])}
    genre = st.radio("Vers", (WEB, REPERE) if reperes else (WEB,), horizontal=True, key=f"{cle}_genre")
    if genre == REPERE:
        adresse = st.selectbox("Repère auquel l’action répond", list(reperes), None, key=f"{cle}_repere", placeholder="Choisir",
                               format_func=lambda k: f"{format_date(reperes[k]['date'])} — {reperes[k]['intitule']}",
                               filter_mode="contains") or ""
        intitule = st.text_input("En quoi l’action y répond", key=f"{cle}_raison", max_chars=500)
    else:
        adresse = st.text_input("Adresse", key=f"{cle}_adresse", max_chars=1000, placeholder="https://…")
        intitule = st.text_input("Ce que c’est", key=f"{cle}_intitule", max_chars=500,
                                 placeholder="Délibération du 12 juin 2023, convention, compte rendu…")
    _confirm(a, cle, suivi.apply_lien, LienAction(contexte.plan.plan, a.action, adresse, intitule))


def _confirm(a: Action, cle: str, ecriture: Callable[..., Any], demande: Suivi | LienAction) -> None:
    """Who, and the button that writes."""
    auteur = ask_auteur()
    if not st.button("Enregistrer", type="primary", icon=":material/save:", key=f"{cle}_enregistrer"):
        return
    try:
        with st.spinner("Écriture du dépôt…"):
            ecrit = donnees.write(get_acces(), ecriture, demande, auteur, donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    if ecrit.bloque:
        st.error(f"Rien n’a été enregistré{FINE}: {bilans.write_anomalies(ecrit.anomalies)}.", icon=":material/block:")
        c.show_rows([{k: v for k, v in x.items() if k not in ("Fichier", "Ligne")}
                     for x in bilans.list_anomalies(ecrit.anomalies)], "Anomalies")
    elif not ecrit.depot:
        st.info("Rien ne change\u202f: c’est déjà dans la base.", icon=":material/info:")
    else:
        st.session_state[FAIT] = ((get_contexte().plan.plan, a.action), ecrit)
        st.session_state[LOT] += 1
        st.rerun()
