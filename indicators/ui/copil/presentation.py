"""The slides of a meeting, one at a time and nothing around them: `d` in the address is the one shown."""

from __future__ import annotations

import streamlit as st

from indicators.meetings.deck import Deck
from indicators.meetings.freezing import get_deck
from indicators.model import Sujet
from indicators.queries.seances import Seance
from indicators.ui import components as c
from indicators.ui.copil.diapos import draw_trajectoire, show_diapo
from indicators.ui.copil.horloge import show_horloge
from indicators.ui.copil.style import CSS
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte

RANG = "d"


def show_presentation(seance: Seance) -> None:
    """The slide that the address asks for, then the bar; the keys are in presentation.js."""
    contexte = get_contexte()
    deck: Deck = read(get_deck, contexte.plan.plan, seance.code, contexte.vue.voit_tout)
    rang = read_rang(st.query_params.get(RANG), len(deck.diapos))
    if st.query_params.get(RANG) != str(rang):
        st.query_params[RANG] = str(rang)
    st.html(f"<style>{CSS}</style>")
    with st.container(key="diapo"):
        show_diapo(deck, deck.diapos[rang - 1], seance)
    _show_barre(deck, seance, rang)
    for suivante in deck.diapos[rang:rang + 1]:  # its chart is drawn while this one is looked at
        for code in suivante.indicateurs[:1] if suivante.sujet is Sujet.ACTION else ():
            draw_trajectoire(deck.ligne(code))


def read_rang(texte: str | None, total: int) -> int:
    """The slide asked for, brought back among those there are; the first one when it is no number."""
    try:
        return max(1, min(total, int(texte or "1")))
    except ValueError:
        return 1


def _show_barre(deck: Deck, seance: Seance, rang: int) -> None:
    total, diapo = len(deck.diapos), deck.diapos[rang - 1]
    with st.bottom, st.container(key="barre", horizontal=True, vertical_alignment="center"):
        c.link_seance(seance.code, "Quitter", ":material/close:")
        with st.container(key="position", width="content"):
            st.markdown(f"**{rang}** / {total}")
        with st.container(key="point", width="content"):
            st.markdown(f"· {c.sur(' '.join(filter(None, (diapo.surtitre, diapo.action))))}")
        st.space("stretch")
        with st.container(key="horloge", horizontal=True, vertical_alignment="center", width="content"):
            show_horloge(deck.diapos, rang)
        st.button("Précédent", icon=":material/arrow_back:", on_click=_go, args=(rang - 1,), disabled=rang == 1, key="precedent")
        st.button("Suivant", icon=":material/arrow_forward:", icon_position="right", on_click=_go, args=(rang + 1,),
                  disabled=rang == total, key="suivant", type="primary")


def _go(rang: int) -> None:
    st.query_params[RANG] = str(rang)
