"""Comparaison: two dates or two séances held against each other. What moved, what was revised, what is new."""

from itertools import groupby

import streamlit as st

from indicators import evolution, explanations
from indicators.charts import build_cascade, build_haltere
from indicators.formats import format_periode, pluriel
from indicators.model import Mouvement
from indicators.queries import comparaison
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.revisions import show_revisions
from indicators.ui.situations import choose_situations, read_etat
from indicators.ui.state import get_contexte

contexte = get_contexte()
plan = contexte.plan
depart, arrivee = choose_situations()
avant, apres = (read_etat(s) for s in (depart, arrivee))
deplacements = evolution.pair_lignes(avant, apres)
passages = read(comparaison.list_passages, depart.vue, arrivee.vue)
par_mouvement = {m: [p for p in passages if p.mouvement is m] for m in Mouvement}

st.title(evolution.write_titre(deplacements), anchor=False)
st.markdown(evolution.write_statuts(deplacements))
st.caption("  \n".join(c.sur(evolution.write_situation(s.nom, s.vue, plan)) for s in (depart, arrivee)))
if avis := evolution.write_illustratif(deplacements):
    st.caption(f":material/science: {avis}")
points = [d.points for d in deplacements if d.points]
with st.container(key="compteurs"), st.grid(4, min_column_width=150, gap="small"):
    for nom, n in (("Indicateurs qui avancent", sum(p > 0 for p in points)),
                   ("Indicateurs qui reculent", sum(p < 0 for p in points)),
                   ("Statuts changés", sum(d.change_statut for d in deplacements)),
                   ("Valeurs révisées", len(par_mouvement[Mouvement.REVISEE]))):
        st.metric(nom, n, border=True, height="stretch")

st.header("Déplacement vers la cible", anchor=False)
note = evolution.describe_haltere(deplacements)
if points:
    st.caption("Cercle creux\u202f: avant. Forme pleine\u202f: après, avec son statut. Un point hors de l’échelle est ramené à "
               "son bord.")
    c.show_chart(build_haltere(deplacements, contexte.mode, contexte.etroit), "haltere", note)
st.caption(c.sur(note))
c.show_table(evolution.list_deplacements(deplacements), "Tous les indicateurs qui ont bougé, en tableau", "deplacements")

gauche, droite = st.columns([2, 3], gap="large")
with gauche:
    st.header("Statuts, avant et après", anchor=False)
    c.show_rows(evolution.count_statuts(deplacements), "Nombre d’indicateurs par statut, avant et après")
    cascade = evolution.count_retards(deplacements)
    if cascade.sortis or cascade.entres:
        st.markdown("**Indicateurs en retard ou en recul**")
        c.show_chart(build_cascade(cascade, contexte.mode, contexte.etroit), "cascade", evolution.describe_cascade(cascade))
    st.caption(c.sur(evolution.describe_cascade(cascade)))
with droite, st.container(key="statuts_changes"):
    st.header("Qui change de statut", anchor=False)
    changes = [{"Indicateur": c.build_link("indicateur", d.ligne.indicateur, f"{d.ligne.indicateur} {d.ligne.intitule}"),
                **{nom: s.label if s else "absent du plan" for nom, s in zip(("Avant", "Après"), d.statuts, strict=True)}}
               for d in deplacements if d.change_statut]
    c.show_part(changes, "Indicateurs qui changent de statut", len(changes), 60)

st.header("Valeurs révisées", anchor=False)
st.caption("Même période, mais un dépôt plus récent a donné une autre valeur\u202f: ce n’est pas une évolution.")
show_revisions([p for m in (Mouvement.REVISEE, Mouvement.RETIREE) for p in par_mouvement[m]], depart.vue, arrivee.vue,
               {d.ligne.indicateur: d.ligne for d in deplacements})

st.header("Nouvelles valeurs", anchor=False)
lignes = {d.ligne.indicateur: d.ligne for d in deplacements}
nouvelles = par_mouvement[Mouvement.NOUVELLE]
st.markdown(f"{pluriel(len(nouvelles), 'valeur nouvelle', 'valeurs nouvelles')}, territoires et comparaisons compris."
            if nouvelles else "Aucune période nouvelle entre les deux dates.")
principales = groupby((p for p in nouvelles if lignes[p.indicateur].territoire == p.territoire and not p.ventilation),
                      key=lambda p: p.indicateur)
c.show_table([{"Indicateur": f"{code} {lignes[code].intitule}",
               "Périodes nouvelles": ", ".join(format_periode(p.debut, p.fin) for p in groupe)} for code, groupe in principales],
             "Périodes nouvelles du département, par indicateur", "nouvelles")

st.header("Actions", anchor=False)
changees = evolution.list_actions(avant, apres)
if changees:
    paires = zip(changees, evolution.pair_actions(avant, apres), strict=True)
    c.show_rows([x | {"Action": c.build_link("action", (b or a).action, x["Action"])} for x, (a, b) in paires],
                "Actions dont le statut ou l’échéance a changé")
else:
    st.markdown("Aucune action n’a changé de statut ni d’échéance.")
if secret := explanations.write_secret(any(x.masque for x in (*avant.lignes, *apres.lignes))):
    st.caption(c.sur(secret))
st.caption(f"Source\u202f: dépôts du plan. Territoire\u202f: {c.sur(plan.nom)}, lignes principales. Un déplacement se "
           "compte en points du chemin, de la référence à la cible.")
