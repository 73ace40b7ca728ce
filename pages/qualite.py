"""Qualité des données: what is there, what is late and who owes it, what the plan leaves unmeasured, targets to check."""

import streamlit as st

from indicators import completude, explanations, queries
from indicators.formats import format_date, pluriel
from indicators.queries import EtatPlan, Ligne, qualite
from indicators.ui import components as c
from indicators.ui.completude import show_matrice
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
etat: EtatPlan = read(queries.get_etat_plan, vue)
lignes: dict[str, Ligne] = {x.indicateur: x for x in etat.lignes}
if not lignes:
    st.title("Ce plan n’a pas encore d’indicateur à cette date", anchor=False)
    st.markdown("Déposez sa table «\u00a0indicateur\u00a0», ou choisissez une date plus récente dans le menu.")
    st.stop()
periodes = read(qualite.list_calendrier, vue)
attentes = completude.list_attentes(periodes, lignes)
sans_action, sans_mesure = completude.list_orphelins(etat.lignes, etat.actions, read(queries.list_rattachements, vue))
douteuses = read(qualite.list_cibles_douteuses, vue)
anomalies = read(qualite.list_anomalies, vue)
orphelines = read(qualite.list_orphelines, plan.plan)
noms = {code: c.build_link("indicateur", code, f"{code} {x.intitule}") for code, x in lignes.items()}

st.title(completude.write_couverture(etat.lignes), anchor=False)
st.markdown(completude.write_couverture_detail(etat.lignes))
if avis := explanations.write_illustrative(etat.lignes, etat.actions):
    st.caption(f":material/science: {avis}")
with st.container(key="compteurs"), st.grid(5, min_column_width=150, gap="small"):
    for nom, n in (("Périodes en attente", sum(p.en_attente for p in periodes)), ("Anomalies ouvertes", len(anomalies)),
                   ("Points de cible à vérifier", len(douteuses)), ("Indicateurs sans action", len(sans_action)),
                   ("Actions sans indicateur", len(sans_mesure))):
        st.metric(nom, n, border=True, height="stretch")

st.header("Qu’est-ce qui tarde, et de qui l’attend-on\u202f?", anchor=False)
if attentes:
    du = completude.count_attentes(periodes, lignes)
    qui = f"{pluriel(len(attentes), 'indicateur')} en attente, de {pluriel(len(du), 'responsable')}."
    st.markdown(f"{qui} Une période est en attente quand son délai normal de publication est passé sans valeur, ou que la "
                "réponse était «\u00a0non disponible\u00a0» ou «\u00a0non répondu\u00a0».")
    c.show_rows(du, "Périodes attendues de chacun")
    c.show_rows([{**a, "Indicateur": noms[a["Indicateur"]]} for a in attentes], "Indicateurs en attente d’une valeur")
    c.link_page("depot", "Télécharger un modèle à remplir ou déposer ces valeurs")
else:
    st.markdown("Rien ne tarde\u202f: chaque période dont le délai de publication est passé a sa valeur.")

st.header("Quelles périodes sont renseignées\u202f?", anchor=False)
st.caption(completude.write_calendrier(periodes))
st.markdown(completude.write_legende())
show_matrice(periodes, lignes, "Valeurs connues, par indicateur et par année")
st.caption("Une marque par période, rangée dans l’année où elle finit. Passez sur une case pour lire ses périodes.")

st.header("Quelles anomalies restent ouvertes\u202f?", anchor=False)
if anomalies:
    st.markdown(f"{c.sur(completude.count_anomalies(anomalies))}. Ces valeurs sont en place et comptent. L’import les a "
                "signalées, ou les signalerait aujourd’hui\u202f; une valeur corrigée, une rupture déclarée ou un indicateur "
                "revu referme l’anomalie.")
    with st.container(key="anomalies_ouvertes"):
        rangees = completude.list_anomalies(anomalies, lignes, contexte.etroit)
        for rangee, a in zip(rangees, anomalies, strict=True):
            court = c.build_link("indicateur", a.indicateur, a.indicateur)
            rangee["Indicateur"] = court if contexte.etroit else noms[a.indicateur]
            if "Dépôt" in rangee:
                rangee["Dépôt"] = c.build_link_depot(a.depot_id, f"n°\u00a0{a.depot_id}")
        c.show_part(rangees, "Anomalies ouvertes", len(rangees))
else:
    st.markdown("Aucune anomalie ouverte\u202f: ni saut inexpliqué, ni petit effectif en clair, ni taux qui contredit ses "
                "termes, ni périmètres mélangés, ni valeur hors de ses bornes.")
if orphelines:
    st.error("Des lignes renvoient à un code absent du plan. Lancez «\u00a0python -m indicators verify\u00a0», puis redéposez "
             "ce qui manque.", icon=":material/link_off:")
    titres = ("Table", "Ligne", "Renvoie à", "Code absent")
    c.show_rows([dict(zip(titres, o, strict=True)) for o in orphelines], "Lignes orphelines")
else:
    st.markdown("Aucune ligne orpheline\u202f: chaque action, indicateur, partenaire et territoire cité existe dans le plan.")

st.header("Le plan se mesure-t-il partout\u202f?", anchor=False)
if not sans_action and not sans_mesure:
    st.markdown("Chaque action a au moins un indicateur, et chaque indicateur suit au moins une action.")
gauche, droite = st.columns(2, gap="large") if sans_mesure and sans_action else (st.container(), st.container())
with gauche:
    if sans_mesure:
        st.markdown("**Actions sans indicateur**\u202f: rien ne dit si elles produisent leur effet.")
    for a in sans_mesure:
        c.link_action(a.action, a.intitule)
with droite:
    if sans_action:
        st.markdown("**Indicateurs sans action**\u202f: aucune action ne dit comment les faire évoluer.")
    for x in sans_action:
        c.link_indicateur(x.indicateur, x.intitule)

st.header("Les cibles se tiennent-elles\u202f?", anchor=False)
if douteuses:
    st.markdown("Ces points n’empêchent aucun calcul, mais un statut fondé sur une telle cible dit peu ou dit faux.")
    with st.container(key="cibles_douteuses"):
        rangees = zip(completude.list_douteuses(douteuses, lignes), douteuses, strict=True)
        c.show_rows([x | {"Indicateur": noms[d.indicateur]} for x, d in rangees], "Cibles à vérifier")
else:
    st.markdown("Aucune cible ne se contredit\u202f: sens, référence, jalons et cible vont ensemble.")
st.caption(f"Source\u202f: dépôts du plan. Lignes principales, territoire\u202f: {c.sur(plan.nom)}\u202f; les anomalies et les "
           f"cibles portent sur toutes les lignes. Périodes terminées au {format_date(vue.observe_au)}, délais de "
           "publication des fiches d’indicateur\u202f; les règles sont en page Méthode.")
