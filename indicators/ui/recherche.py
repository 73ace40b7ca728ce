"""The search box of the menu: a few words, and links to what they name; a whole code opens its page at once."""

from __future__ import annotations

import streamlit as st

from indicators.formats import FINE, pluriel
from indicators.queries.recherche import Objet, find_code, find_objets, list_objets
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.filtres import LONGUEUR
from indicators.ui.state import get_contexte

CLE, TAPE = "recherche", "_recherche_tapee"
MAXIMUM = 5  # links of each kind
GENRES = {"action": "action", "indicateur": "indicateur", "partenaires": "partenaire"}  # page, and what it shows one of


def show_recherche() -> None:
    """Draw the box and, under it, what it finds in the plan at the dates of the menu."""
    contexte = get_contexte()
    if not contexte.plan.plan:
        return
    texte = st.text_input("Chercher dans le plan", key=CLE, placeholder="un code, des mots", max_chars=LONGUEUR,
                          icon=":material/search:", on_change=_note_typing)
    if not texte.strip():
        return
    objets: tuple[Objet, ...] = read(list_objets, contexte.vue)
    if st.session_state.pop(TAPE, False) and (seul := find_code(objets, texte)):
        st.switch_page(st.session_state["_pages"][seul.page], query_params=contexte.address(code=seul.code))
    trouves = find_objets(objets, texte)
    if not trouves:
        st.caption("Rien dans ce plan ne porte ces mots. Essayez-en moins, ou un code.")
    for page, mot in GENRES.items():
        siens = [x for x in trouves if x.page == page]
        if siens:
            reste = f"{FINE}; les {MAXIMUM} plus proches" if len(siens) > MAXIMUM else ""
            with st.container(gap="xxsmall", key=f"trouves_{page}"):
                st.caption(f"{pluriel(len(siens), mot)}{reste}")
                for x in siens[:MAXIMUM]:
                    c.link_objet(page, x.code, x.intitule)


def _note_typing() -> None:
    """Only what was just typed may open a page by itself: the box keeps its words from page to page."""
    st.session_state[TAPE] = True
