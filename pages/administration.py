"""Administration: who has which role, whether the base is sound and saved, who came in and took figures out."""

import streamlit as st

from indicators import access, backups
from indicators.formats import format_horodatage, pluriel
from indicators.ui import acces, donnees
from indicators.ui.administration import list_sauvegardes, show_base, show_fait, show_roles, show_traces
from indicators.ui.state import get_contexte

if not acces.get_acces().peut_administrer:
    acces.show_reserve()
    st.stop()
fuseau = get_contexte().plan.fuseau
donnes = donnees.read(access.list_roles)
sauvegardes = list_sauvegardes()

show_fait()
personnes = pluriel(len({r.personne for r in donnes}), "personne a un rôle", "personnes ont un rôle")
derniere = (f"dernière sauvegarde le {format_horodatage(backups.read_moment(sauvegardes[-1][0]), fuseau)}" if sauvegardes
            else "aucune sauvegarde")
st.title(f"{personnes if donnes else 'Aucun rôle donné ici'}, {derniere}", anchor=False)
roles, base, traces = st.tabs(["Rôles", "Base et sauvegardes", "Journal des accès"], key="onglet", on_change="rerun")
if roles.open:
    with roles:
        show_roles(donnes, fuseau)
if base.open:
    with base:
        show_base(fuseau)
if traces.open:
    with traces:
        show_traces(fuseau)
