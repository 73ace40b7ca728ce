"""The search box of every page: a few words, and links to what they name; a whole code opens its page at once."""

from __future__ import annotations

import streamlit as st

from indicators.formats import FINE, pluriel
from indicators.queries.recherche import Objet, find_code, find_objets, list_objets
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.filtres import LONGUEUR
from indicators.ui.state import get_contexte

CLE, VU = "recherche", "_recherche_vue"
MAXIMUM = 5  # links of each kind
GENRES = {"action": "action", "indicateur": "indicateur", "partenaires": "partenaire"}  # page, and what it shows one of


def show_recherche() -> None:
    """Draw the box and, under it, what it finds in the plan at the dates of the menu."""
    contexte = get_contexte()
    if not contexte.plan.plan:
        return
    texte = st.text_input("Chercher dans le plan", key=CLE, placeholder="un code, des mots", max_chars=LONGUEUR,
                          icon=":material/search:", persist_state="session",
                          label_visibility="collapsed" if contexte.etroit else "visible")
    ici = st.query_params.get("code")
    tape, depuis = st.session_state.get(VU, ("", None))
    if neuf := texte != tape:  # the box keeps its words from page to page: they open a page by themselves once
        st.session_state[VU] = texte, ici
    if not texte.strip() or (contexte.etroit and not neuf and ici != depuis):  # on a phone, what was opened takes the place
        return
    objets: tuple[Objet, ...] = read(list_objets, contexte.vue)
    if neuf and (seul := find_code(objets, texte)):
        st.switch_page(st.session_state["_pages"][seul.page], query_params=contexte.address(code=seul.code))
    trouves = find_objets(objets, texte)
    if not trouves:
        st.caption("Rien dans ce plan ne porte ces mots. Essayez-en moins, ou un code.")
    for page, mot in GENRES.items():
        siens = [x for x in trouves if x.page == page]
        if siens:
            reste = f"{FINE}; les {MAXIMUM} plus proches" if len(siens) > MAXIMUM else ""
            with st.container(gap="xsmall", key=f"trouves_{page}"):
                st.caption(f"{pluriel(len(siens), mot)}{reste}")
                for x in siens[:MAXIMUM]:
                    c.link_objet(page, x.code, x.intitule)
