"""Action: its fiche. What people say of it, what the dates say, and its indicators, each kept apart; it prints on paper."""

import streamlit as st

from indicators import queries
from indicators.formats import FINE, format_date, titre
from indicators.model import StatutAction
from indicators.queries import Action
from indicators.queries.series import get_etat_et_series
from indicators.ui import components as c
from indicators.ui import fiche
from indicators.ui.donnees import read
from indicators.ui.state import choose_code, get_contexte
from indicators.ui.suivi import show_saisies

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
actions: dict[str, Action] = {a.action: a for a in read(get_etat_et_series, vue)[0].actions}
if not actions:
    st.title("Ce plan n’a pas encore d’action à cette date", anchor=False)
    st.markdown("Déposez sa table «\u00a0action\u00a0», ou choisissez une date plus récente dans le menu.")
    st.stop()
titres = {k: f"{k} — {a.intitule}" for k, a in actions.items()}
code = choose_code("Action", titres, "code", obligatoire=True, filter_mode="contains")
a = actions[code or next(iter(actions))]
orientation = next((o for o in read(queries.list_orientations, vue) if o.code == a.orientation), None)

if orientation:
    st.caption(f"{c.sur(titre(plan.niveau_1))} {c.sur(orientation.code)} · {c.sur(orientation.intitule)}")
st.title(c.sur(a.intitule), anchor=False)
le = f" au {format_date(a.statut_le)}" if a.statut_le else ""
rythme = f"{a.dans_le_rythme} sur {a.evalues} dans le rythme" if a.evalues else "aucun ne peut être évalué"
st.markdown(f"**{c.sur(a.action)}** {c.show_badges(a.cellule)} {c.sur(titre(a.cellule_raison))}.")
statut = a.statut.label if a.statut is not StatutAction.NON_RENSEIGNEE else "non renseigné"
st.markdown(f"Statut de l’action{le}{FINE}: **{statut}** · indicateurs{FINE}: {rythme}"
            + (f" · météo{FINE}: {a.meteo.label.lower()}" if a.meteo else "")
            + (f" · bilan{FINE}: {a.bilan.label.lower()}" if a.bilan else ""))
if a.commentaire:
    st.markdown(f"> {c.sur(a.commentaire)}")
if a.alertes:
    st.warning(f"À compléter{FINE}: action {', '.join(a.alertes)}.", icon=":material/rule:")
st.caption(f":material/label: {a.provenance.label}" + (f" — {c.sur(a.source)}" if a.source else ""))
show_saisies(a)

gauche, droite = st.columns([1, 1], gap="large")
with gauche:
    fiche.show_cadre(a)
with droite:
    fiche.show_etapes(a)
fiche.show_indicateurs(a)
fiche.show_budget(a)
fiche.show_decisions(a)
fiche.show_suivi(a)
fiche.show_liens(a)
st.caption(f"Situation au {format_date(vue.observe_au)}. Territoire{FINE}: {c.sur(plan.nom)}. "
           "Pour une fiche sur papier, imprimez cette page avec Ctrl + P.")
