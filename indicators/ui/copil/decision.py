"""Decisions on a slide: those already taken on its subject, and the form that records one at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from html import escape

import streamlit as st

from indicators.errors import DemandeInvalide, ErreurMetier
from indicators.formats import FINE, format_date
from indicators.meetings.decisions import Saisie, record_decision
from indicators.meetings.deck import Deck
from indicators.queries.seances import Decision, Seance, list_decisions
from indicators.ui import acces, donnees, garde
from indicators.ui import components as c
from indicators.ui.server import report_error

PRISE = "_decision_prise"
JOUR = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")


def show_decision(deck: Deck, seance: Seance, action: str | None) -> None:
    """The form for that action, or for the whole plan, or why there is none; below it what was just recorded."""
    if seance.close_le:
        st.info("Cette séance est close\u202f: son relevé ne change plus.", icon=":material/lock:")
        return
    if not acces.get_acces().peut_piloter:
        contact = c.sur(garde.get_connexion().contact)
        st.info(f"Enregistrer une décision demande le rôle de pilotage{FINE}: demandez-le à {contact}.", icon=":material/lock:")
        return
    ici = [d for d in deck.decisions if d.action == action]
    with st.container(key="decision", border=True):
        cle = re.sub(r"[^A-Za-z0-9_-]", "-", f"{deck.entete.plan.plan}_{seance.code}_{action or 'plan'}")
        _mark_draft(cle, ici)
        if demandee := _ask(cle, action):
            _record(deck, seance, demandee, ici, cle)
        if code := st.session_state.pop(PRISE, None):
            st.success(f"Décision {code} enregistrée.", icon=":material/check_circle:")


def list_prises(deck: Deck, seance: Seance, action: str) -> list[tuple[str, Decision]]:
    """Decisions on that action with where they come from: this meeting's, then those known when it looks; the latest first."""
    entete = deck.entete
    avant = [d for d in donnees.read(list_decisions, entete.plan.plan, seance.date, entete.connu_au)
             if d.action == action and d.seance != seance.code]
    prises = [("cette séance", d) for d in deck.decisions if d.action == action] + [(d.seance, d) for d in avant]
    return sorted(prises, key=lambda x: (x[0] == "cette séance", x[1].code), reverse=True)


def show_prises(prises: Sequence[tuple[str, Decision]]) -> None:
    """The latest decision: code, text, who, by when, how far; a slide has room for the codes of the others."""
    for ou, d in prises[:1]:
        suite = ", ".join(filter(None, (c.sur(d.qui), d.echeance and format_date(d.echeance),
                                        d.avancement.lower(), c.sur(ou))))
        autres = f" · aussi {c.sur(', '.join(d.code for _, d in prises[1:]))}" if prises[1:] else ""
        st.markdown(f"**{c.sur(d.code)}** {c.sur(d.texte)} ({suite}){autres}")


def read_jour(texte: str) -> date | None:
    """A day as the French write it, or nothing; `DemandeInvalide` when it is no date."""
    if not texte.strip():
        return None
    lu = JOUR.fullmatch(texte.strip())
    try:
        if lu is None:
            raise ValueError
        return date(*(int(n) for n in reversed(lu.groups())))
    except ValueError:
        raise DemandeInvalide(f"L’échéance «\u00a0{texte.strip()}\u00a0» n’est pas une date.",
                              "Écrivez-la jour/mois/année, par exemple 30/06/2025.") from None


def _mark_draft(cle: str, enregistrees: Sequence[Decision]) -> None:
    """Tell the script of the page where to keep what is typed, and which texts need no draft any more."""
    textes = json.dumps([d.texte for d in enregistrees], ensure_ascii=False)
    st.html(f'<span class="cache" data-brouillon="{escape(cle)}" data-enregistrees="{escape(textes)}">Nouvelle décision</span>')


def _ask(cle: str, action: str | None) -> Saisie | None:
    """Draw the form; what it holds once sent, None before and when its date cannot be read.

    The keys of its fields are read by presentation.js; a new number empties them once a decision is written.
    """
    lot = st.session_state.setdefault(_lot(cle), 0)
    with st.form(f"decision_{cle}_{lot}", border=False):
        libelle = "Décision sur cette action" if action else "Décision sur tout le plan"
        texte = st.text_area(libelle, key=f"brouillon_{cle}_texte_lot{lot}", max_chars=1000, height=76,
                             placeholder="Ce qui est décidé, en une phrase")
        gauche, droite = st.columns(2, gap="small")
        responsable = gauche.text_input("Responsable", key=f"brouillon_{cle}_responsable_lot{lot}", max_chars=200)
        echeance = droite.text_input("Échéance", key=f"brouillon_{cle}_echeance_lot{lot}", max_chars=20, placeholder="jj/mm/aaaa")
        envoyee = st.form_submit_button("Enregistrer la décision", type="primary", icon=":material/gavel:")
    if not envoyee:
        return None
    try:
        return Saisie(texte, responsable, read_jour(echeance), action)
    except ErreurMetier as erreur:
        report_error(erreur)
        return None


def _record(deck: Deck, seance: Seance, saisie: Saisie, ici: Sequence[Decision], cle: str) -> None:
    """Write it now; the same one sent twice, after a cut for example, is written once."""
    deja = next((d.code for d in ici if (d.texte, d.responsable or "", d.echeance)
                 == (saisie.texte.strip(), saisie.responsable.strip(), saisie.echeance)), None)
    try:
        code = deja or donnees.write(acces.get_acces(), record_decision, deck.entete.plan.plan, seance.code, saisie,
                                     acces.get_auteur(),
                                     donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    st.session_state[PRISE] = code
    st.session_state[_lot(cle)] += 1
    st.rerun()


def _lot(cle: str) -> str:
    return f"_lot_decision_{cle}"
