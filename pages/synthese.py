"""Synthèse: the state of the plan in five seconds, then which actions, then every indicator that has a path."""

import streamlit as st

from indicators import completude, explanations, queries, synthese
from indicators.charts import build_chemin
from indicators.formats import FINE, format_nombre, titre
from indicators.queries import EtatPlan, Ligne
from indicators.queries.seances import list_decisions
from indicators.sentences import describe_chemin
from indicators.ui import components as c
from indicators.ui.donnees import draw, read
from indicators.ui.propositions import show_notice
from indicators.ui.situations import find_last_seance
from indicators.ui.state import get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
etat: EtatPlan = read(queries.get_etat_plan, vue)
lignes, actions = etat.lignes, etat.actions

with st.container(key="titre_page"):
    st.title(explanations.write_headline(plan, vue, lignes), anchor=False)
    st.markdown(explanations.write_coverage(plan, vue, lignes))
    if avis := explanations.write_illustrative(lignes, actions):
        with st.container(key="avis_illustratif"):
            st.warning(avis, icon=":material/science:")

show_notice()
seance = find_last_seance()
avant = read(queries.get_etat_plan, seance.vue).lignes if seance else None
depuis = c.sur(synthese.write_depuis(seance.nom)) if seance else ""
with st.container(key="compteurs"), st.grid(4, min_column_width=150, gap="small"):
    for x in synthese.count_groupes(lignes, avant):
        st.metric(x.nom, x.n, synthese.write_change(x, depuis) or None, delta_color="off", delta_arrow="off", border=True,
                  height="stretch", help=x.detail or None)
a_jour, suivies = completude.count_couverture(lignes)
if suivies:
    c.show_gauge(f"{completude.write_couverture(lignes)}.", a_jour / suivies)

gauche, droite = st.columns([2, 1], gap="medium")
with gauche:
    st.header("Où en est chaque action\u202f?", anchor=False)
    for orientation in read(queries.list_orientations, vue):
        st.markdown(f"**{c.sur(orientation.code)}** {c.sur(orientation.intitule)}")
        with st.grid(4, min_column_width=138, gap="xsmall"):
            for a in actions:
                if a.orientation == orientation.code:
                    aide = f"{a.intitule} — {a.cellule_raison}"
                    c.show_tile(a.action.replace(".", "_"), a.cellule, "action", a.action, a.libelle_court, aide)
with droite:
    st.header("À traiter en priorité", anchor=False)
    priorites = explanations.list_priorites(lignes, actions)
    rattachements = set(read(queries.list_rattachements, vue))
    decisions = read(list_decisions, plan.plan, vue.observe_au, vue.connu_au)
    if not priorites:
        st.markdown("Rien ne demande d’attention particulière à cette date.")
    for objet, raison in priorites:
        with st.container(border=True, gap="xsmall"):
            if isinstance(objet, Ligne):
                st.markdown(c.show_badges(objet.statut))
                c.link_indicateur(objet.indicateur, objet.intitule)
            else:
                st.markdown(c.show_badges(objet.cellule))
                c.link_action(objet.action, objet.intitule)
            st.markdown(c.sur(raison))
            portent = [a for a in actions if isinstance(objet, Ligne) and (a.action, objet.indicateur) in rattachements]
            st.caption(c.sur(synthese.write_demande(objet, portent, decisions, vue.observe_au)))

st.header(f"Chemin parcouru vers la cible {plan.fin.year}, par indicateur", anchor=False)
st.caption(f"Barre{FINE}: part du chemin parcouru entre la référence et la cible. "
           f"Trait vertical{FINE}: niveau attendu à la date de la valeur.")
mesurees = [x for x in lignes if x.avancement is not None and x.gravite > 0]
if mesurees:
    note = describe_chemin(mesurees)
    montrees = synthese.keep_moins_avances(mesurees)
    c.show_chart(draw(build_chemin, tuple(montrees), contexte.mode, contexte.etroit), "chemin", note)
    if len(montrees) < len(mesurees):
        note += f" Le graphique montre les {len(montrees)} moins avancés, le tableau les dit tous."
    st.caption(c.sur(note))
else:
    st.markdown(f"Aucun indicateur n’a encore de chemin mesurable{FINE}: il faut une référence, une cible et une valeur plus "
                "récente.")
c.show_table([{
    "Indicateur": f"{x.indicateur} {x.intitule}", "Statut": x.statut.label,
    "Réalisé": format_nombre(x.realise, x.decimales, x.unite), "Attendu": format_nombre(x.attendu, x.decimales, x.unite),
    "Cible": format_nombre(x.cible, x.decimales, x.unite),
    "Chemin parcouru": format_nombre(None if x.avancement is None else x.avancement * 100, 0, "%"),
    "Bilan": x.verdict.label if x.verdict else "", "Remarque": x.motif or "",
} for x in lignes], "Tous les indicateurs en tableau", "lignes")

if actions and lignes:
    st.header(f"Que mesure chaque {c.sur(plan.niveau_1)}{FINE}?", anchor=False)
    niveau = titre(plan.niveau_1)
    rangs, muettes = synthese.count_types(read(queries.list_orientations, vue), actions, rattachements, lignes, niveau)
    st.markdown(c.sur(synthese.write_types(muettes, len(rangs), plan.niveau_1)))
    with st.container(key="types"):
        c.show_rows(rangs, "Nombre d’indicateurs de chaque type")
st.caption(f"Source{FINE}: dépôts du plan{FINE}; celle de chaque valeur est en page Indicateur. "
           f"Territoire{FINE}: {c.sur(plan.nom)}. Un statut compare la dernière valeur connue à ce qui était attendu à sa "
           f"date{FINE}; la méthode est en page Méthode.")
