"""Contexte: the national laws and strategies, held against the life of the plan."""

import streamlit as st

from indicators import queries
from indicators.formats import format_date, pluriel
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
reperes = sorted(read(queries.list_connues, vue, "repere"), key=lambda r: r["date"])
pendant = [r for r in reperes if plan.debut <= r["date"] <= plan.fin]

st.title("Le contexte national du plan", anchor=False)
if not reperes:
    st.markdown("Aucun repère national n’est déposé : la table « repere » les apporte.")
    st.stop()
st.markdown(f"{pluriel(len(pendant), 'repère')} sur {len(reperes)} pendant la vie du plan, "
            f"du {format_date(plan.debut)} au {format_date(plan.fin)}.")
groupes = {
    "Avant le plan": [r for r in reperes if r["date"] < plan.debut],
    "Pendant le plan": pendant,
    "Après le plan": [r for r in reperes if r["date"] > plan.fin],
}
for titre, groupe in groupes.items():
    if groupe:
        st.header(titre, anchor=False)
    for r in groupe:
        with st.container(border=True, gap="xsmall"):
            genre = f" :gray-badge[{c.sur(r['type'])}]" if r["type"] else ""
            st.markdown(f"**{format_date(r['date'])}** · {c.sur(r['intitule'])}{genre}")
            if r["texte"]:
                st.markdown(c.sur(r["texte"]))
            if r["source"]:
                st.caption(f"Source : {c.sur(r['source'])}")
