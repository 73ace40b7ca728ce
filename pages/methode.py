"""Méthode: the rules with their thresholds as the plan sets them, worked examples, the words, and the user guide."""

import streamlit as st

from indicators import explanations, queries
from indicators.formats import bind_punctuation, format_nombre
from indicators.model import Statut, Verdict
from indicators.settings import RACINE
from indicators.theme import badge
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte

EXEMPLES = "Exemples calculés"

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
seuils = {
    "seuil_dans_les_temps": format_nombre(plan.seuil_dans_les_temps * 100, 0, "%"),
    "seuil_retard_leger": format_nombre(plan.seuil_retard_leger * 100, 0, "%"),
    "seuil_partiel": format_nombre(plan.seuil_partiel * 100, 0, "%"),
    "niveau_1": c.sur(plan.niveau_1), "niveau_1_pluriel": c.sur(plan.niveau_1_pluriel),
}

st.title("Comment les statuts sont calculés", anchor=False)
st.caption("Au cours du plan")
st.markdown(" ".join(badge(s) for s in Statut))
st.caption("Bilan d’un plan terminé")
st.markdown(" ".join(badge(v) for v in Verdict))
if vue.voit_tout and (avis := explanations.write_exposees(len(read(queries.list_exposees, plan.plan)))):
    st.warning(avis, icon=":material/visibility:")
chapitres = sorted((RACINE / "data" / "guide").glob("*.md"))
textes = {f.stem: f.read_text("utf-8") for f in chapitres}
titres = [texte.partition("\n")[0].removeprefix("# ") for texte in textes.values()]
regles, *autres = titres
premier, exemples, *suivants = st.tabs([regles, EXEMPLES, *autres], key="chapitre", on_change="rerun")
for onglet, texte in zip((premier, *suivants), textes.values(), strict=True):
    if onglet.open:
        with onglet:
            st.markdown(bind_punctuation(texte.partition("\n")[2]).format_map(seuils))
if exemples.open:
    with exemples:
        lignes = read(queries.get_etat_plan, vue).lignes if plan.plan else ()
        dit = ("Un indicateur de ce plan pour chaque statut présent, à la situation affichée dans le menu\u202f: les mêmes "
               "calculs que sur sa page.")
        st.markdown(dit if lignes else "Aucun indicateur n’est connu à cette date\u202f: les exemples viennent du plan du menu.")
        for statut in Statut:
            x = next((x for x in lignes if x.statut is statut), None)
            if x is None:
                continue
            with st.container(border=True, gap="xsmall"):
                st.markdown(c.show_badges(statut))
                c.link_indicateur(x.indicateur, x.intitule)
                c.show_facts(explanations.explain_statut(x), f"Exemple de «\u00a0{statut.label}\u00a0»\u202f: {x.intitule}")
        if absents := [s.label for s in Statut if lignes and s not in {x.statut for x in lignes}]:
            st.caption(f"Sans exemple à cette situation\u202f: {', '.join(absents).lower()}.")
