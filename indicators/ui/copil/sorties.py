"""What one leaves a meeting with: its slides, its report, its minutes, its follow-up table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from indicators.exports import FORMATS, build_export, build_name
from indicators.meetings import freezing
from indicators.meetings.deck import Deck
from indicators.queries.seances import Seance
from indicators.ui import acces, donnees
from indicators.ui.state import get_contexte


def show_sorties(seance: Seance) -> None:
    """One button a format; small numbers go out only when they are asked for by who may see them, and that is recorded."""
    st.header("Documents", anchor=False)
    plan = get_contexte().plan.plan
    nu = get_contexte().vue.voit_tout and st.toggle(
        "Avec les petits effectifs", key="sorties_nues",
        help="Sans ce choix, ils sont remplacés par «\u00a0s.\u00a0»\u202f: c’est la version à diffuser. "
             "Le journal des accès retient l’autre.")
    deck: Deck = donnees.read(freezing.get_deck, plan, seance.code, nu)
    if not seance.figee_le:
        st.caption("La séance n’est pas figée\u202f: ces documents suivent encore les dépôts.")
    elif not seance.close_le:
        st.caption("La séance n’est pas close\u202f: son relevé de décisions et sa feuille de présence peuvent encore changer.")
    with st.container(horizontal=True):
        for extension, (nom, mime, _) in FORMATS.items():
            construire: Callable[[], bytes] = partial(build_export, deck, extension)
            fichier = build_name(deck, extension)
            st.download_button(nom, icon=":material/download:", on_click="ignore", mime=mime, key=f"sortie_{extension}",
                               file_name=fichier, data=acces.trace_export(fichier, construire) if nu else construire)
