"""Contexte: the national laws and strategies, held against the life of the plan, and the actions that answer them."""

import streamlit as st

from indicators import fiche, queries
from indicators.charts import build_chronologie
from indicators.charts.chronologie import list_annees_chronologie
from indicators.formats import FINE, accord, format_date, pluriel
from indicators.model import Provenance
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
reperes = sorted(read(queries.list_connues, vue, "repere"), key=lambda r: (r["date"], r["code"]))
pendant = [r for r in reperes if plan.debut <= r["date"] <= plan.fin]
actions = {a.action: a for a in read(queries.get_etat_plan, vue).actions}
reponses = fiche.list_reponses(read(queries.list_connues, vue, "lien"), reperes)

st.title("Le contexte du plan\u202f: lois, stratégies et événements", anchor=False)
if not reperes:
    st.markdown(f"Aucun repère national n’est déposé{FINE}: la table «\u00a0repere\u00a0» les apporte.")
    st.stop()
note = (f"{pluriel(len(pendant), 'repère')} sur {len(reperes)} pendant la vie du plan, "
        f"du {format_date(plan.debut)} au {format_date(plan.fin)}.")
st.markdown(note)
st.html(build_chronologie([r["date"] for r in reperes], plan, vue.observe_au, note))
annees = list_annees_chronologie(plan)
loin = [n for n, r in enumerate(reperes, 1) if r["date"].year not in annees]
hors = (f" {pluriel(len(loin), 'repère')} ({', '.join(f'n°{FINE}{n}' for n in loin)}) "
        f"{accord(len(loin), 'est', 'sont')} hors de l’axe." if loin else "")
st.caption(f"Chaque numéro est un repère de la liste ci-dessous, placé à sa date. Trait vertical{FINE}: date observée, le "
           f"{format_date(vue.observe_au)}.{hors}")
st.caption("Les repères sont communs à tous les plans déposés\u202f: quelques-uns ne concernent qu’un département, que leur "
           "intitulé nomme.")
if reponses:
    n = len({lien["action"] for liens in reponses.values() for lien in liens})
    st.markdown(f"{pluriel(n, 'action')} du plan {accord(n, 'répond', 'répondent')} à {pluriel(len(reponses), 'repère')}, "
                "d’après les liens déposés.")
else:
    st.markdown("Aucune action n’est encore liée à un repère. Le lien s’ajoute sur la page de l’action.")

numero = {r["code"]: n for n, r in enumerate(reperes, 1)}
groupes = {
    "Avant le plan": [r for r in reperes if r["date"] < plan.debut],
    "Pendant le plan": pendant,
    "Après le plan": [r for r in reperes if r["date"] > plan.fin],
}
for titre, groupe in groupes.items():
    if groupe:
        st.header(titre, anchor=False)
    for r in groupe:
        with st.container(border=True, gap="xsmall", key=f"repere_{numero[r['code']]}"):
            genre = f" :gray-badge[{c.sur(r['type'])}]" if r["type"] else ""
            st.markdown(f"{numero[r['code']]} · **{format_date(r['date'])}** · {c.sur(r['intitule'])}{genre}")
            if r["texte"]:
                st.markdown(c.sur(r["texte"]))
            for lien in reponses.get(r["code"], ()):
                st.caption("Une action du plan y répond")
                c.link_action(lien["action"], actions[lien["action"]].intitule if lien["action"] in actions else "")
                mention = f" ({lien['provenance'] and Provenance(lien['provenance']).label.lower()})"
                st.markdown(f"{c.sur(lien['intitule'] or 'Sans précision')}{mention}")
            if r["source"]:
                st.caption(f"Source{FINE}: {c.sur(r['source'])}")
