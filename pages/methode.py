"""Méthode: the rules with their thresholds as the plan sets them, the words, and the user guide."""

import streamlit as st

from indicators import explanations, queries
from indicators.formats import format_nombre
from indicators.model import Statut, Verdict
from indicators.settings import RACINE
from indicators.theme import badge
from indicators.ui.components import sur
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte

contexte = get_contexte()
plan = contexte.plan
seuils = {
    "seuil_dans_les_temps": format_nombre(plan.seuil_dans_les_temps * 100, 0, "%"),
    "seuil_retard_leger": format_nombre(plan.seuil_retard_leger * 100, 0, "%"),
    "seuil_partiel": format_nombre(plan.seuil_partiel * 100, 0, "%"),
    "niveau_1": sur(plan.niveau_1), "niveau_1_pluriel": sur(plan.niveau_1_pluriel),
}

st.title("Comment les statuts sont calculés", anchor=False)
st.markdown(" ".join(badge(s) for s in Statut))
st.caption("Bilan d’un plan terminé")
st.markdown(" ".join(badge(v) for v in Verdict))
if contexte.vue.voit_tout and (avis := explanations.write_exposees(len(read(queries.list_exposees, plan.plan)))):
    st.warning(avis, icon=":material/visibility:")
chapitres = sorted((RACINE / "data" / "guide").glob("*.md"))
textes = {f.stem: f.read_text("utf-8") for f in chapitres}
onglets = st.tabs([texte.partition("\n")[0].removeprefix("# ") for texte in textes.values()], key="chapitre", on_change="rerun")
for onglet, texte in zip(onglets, textes.values(), strict=True):
    if onglet.open:
        with onglet:
            st.markdown(texte.partition("\n")[2].format_map(seuils))
