"""What a frozen meeting would show otherwise today: who changed what, then what follows."""

from __future__ import annotations

import streamlit as st

from indicators.meetings.difference import compare_seance
from indicators.queries.seances import Seance
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.state import get_contexte


def show_ecarts(seance: Seance) -> None:
    """Two tables, worked out once asked for; the meeting itself does not move."""
    with st.expander("Ce qui y serait autre aujourd’hui", icon=":material/difference:", key="ecarts", on_change="rerun") as volet:
        if not volet.open:
            return
        vue = get_contexte().vue
        lue = donnees.read(compare_seance, vue.plan, seance.code, vue.voit_tout)
        if not lue.ecarts and not lue.consequences:
            st.markdown("Rien\u202f: aucune valeur ni cible montrée n’a changé depuis.")
            return
        if lue.ecarts:
            with st.container(key="avant_apres_seance"):
                c.show_part([{
                    "Indicateur": c.build_link("indicateur", e.indicateur, f"{e.indicateur} {e.intitule}"), "Quoi": e.objet,
                    "Montré": e.ancien or "rien", "Aujourd’hui": e.nouveau or "rien", "Par": e.auteur, "Motif": e.motif,
                    "Fichier": e.fichier, "Dépôt": c.build_link_depot(e.depot, f"n°\u00a0{e.depot}") if e.depot else "",
                } for e in lue.ecarts], "Valeurs et cibles changées depuis la séance", len(lue.ecarts))
        if lue.consequences:
            st.markdown("**Ce qui en découle**")
            c.show_part([{"Objet": f"{x.objet} {x.intitule}", "Quoi": x.quoi, "Montré": x.ancien, "Aujourd’hui": x.nouveau}
                         for x in lue.consequences], "Ce qui en découle", len(lue.consequences))
