"""Indicateur: one trajectory, why it has its status, what it measures and where its values come from."""

import streamlit as st

from indicators import explanations, queries
from indicators.charts import build_trajectoire
from indicators.formats import FINE, format_date, format_nombre, titre
from indicators.lecture import write_revision, write_suite
from indicators.model import Provenance, TypeCible
from indicators.queries import Ligne
from indicators.queries import indicateur as details
from indicators.sentences import describe_trajectoire, write_valeur
from indicators.ui import components as c
from indicators.ui.correction import show_correction
from indicators.ui.donnees import read
from indicators.ui.indicateur import (
    list_comparees,
    show_carte,
    show_comparees,
    show_definition,
    show_repartition,
    show_revisions,
    show_valeurs,
)
from indicators.ui.remarques import show_remarques
from indicators.ui.state import choose_code, get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
lignes: dict[str, Ligne] = {x.indicateur: x for x in read(queries.get_etat_plan, vue).lignes}
if not lignes:
    st.title("Ce plan n’a pas encore d’indicateur à cette date", anchor=False)
    st.markdown("Déposez sa table «\u00a0indicateur\u00a0», ou choisissez une date plus récente dans le menu.")
    st.stop()
titres = {k: f"{k} — {x.intitule}" for k, x in lignes.items()}
code = choose_code("Indicateur", titres, "code", obligatoire=True, filter_mode="contains")
x = lignes[code or next(iter(lignes))]
fiche = read(queries.list_fiches, vue)[x.indicateur]
detail = read(queries.get_detail, vue, x.indicateur)
points = detail.points.get((x.territoire, x.ventilation), ())
cibles = read(queries.list_cibles, vue).get((x.indicateur, x.territoire, x.ventilation), ())

st.title(c.sur(x.intitule), anchor=False)
st.markdown(f"{c.show_badges(x.statut)} {c.sur(explanations.write_statut(x))}")
if x.verdict is not None and x.statut not in explanations.NON_EVALUES:
    remarque = f" — {x.motif}" if x.motif else ""
    st.markdown(f"Bilan du plan{FINE}: {c.show_badges(x.verdict)}{c.sur(remarque)}")
if x.a_actualiser:
    st.info(f"À actualiser{FINE}: la période qui finit le {format_date(x.prochaine_fin)} devrait être connue"
            + (f" ({x.etat_suivant.label.lower()})" if x.etat_suivant else "")
            + (f". Attendue de{FINE}: {c.sur(x.responsable)}." if x.responsable else "."), icon=":material/update:")
if x.provenance is Provenance.ILLUSTRATIF:
    st.caption(":material/science: Le statut repose sur une cible ou une valeur illustrative.")

seule = x.unite if x.unite in ("%", "‰", "€") or x.type_cible is TypeCible.REALISER else ""
seuil = x.seuil_bas is not None or x.seuil_haut is not None
with st.container(key="chiffres"), st.grid(4, min_column_width=150, gap="small"):
    for libelle, jour, valeur in (("Référence", x.date_reference, x.reference), ("Réalisé", x.date_realise, x.realise),
                                  ("Seuil" if seuil else "Attendu", x.date_realise, x.attendu), ("Cible", x.date_cible, x.cible)):
        if valeur is not None:
            nom = f"{libelle} au {format_date(jour)}" + ("" if seule else f", {c.sur(x.unite)}")
            chiffre = titre(write_valeur(x, valeur)) if seule else format_nombre(valeur, x.decimales)
            st.metric(nom, chiffre, border=True, height="stretch")
    if x.seuil_bas is not None and x.seuil_haut is not None:
        unite = x.unite if seule else ""
        bornes = f"{format_nombre(x.seuil_bas, x.decimales)} à {format_nombre(x.seuil_haut, x.decimales, unite)}"
        st.metric(f"À tenir au {format_date(x.date_realise)}" + ("" if seule else f", {c.sur(x.unite)}"), bornes, border=True,
                  height="stretch")

comparees = list_comparees(x, fiche)
revisions = read(details.list_revisions, vue, x.indicateur, x.territoire)
remarques = read(details.list_remarques, vue).get((x.indicateur, x.territoire), ())
if points or cibles:
    figure = build_trajectoire(x, points, cibles, contexte.mode, contexte.etroit,
                               comparaisons=[(y.nom, y.points) for y in comparees],
                               ruptures=[(r.date, r.texte) for r in remarques],
                               revisions=[(r.debut, r.fin, write_revision(x, r, plan.fuseau)) for r in revisions])
    c.show_chart(figure, f"trajectoire_{x.indicateur}", describe_trajectoire(x, points))
    st.caption(c.sur(describe_trajectoire(x, points)))
    if suite := write_suite(x, vue.observe_au):
        st.markdown(c.sur(suite))
else:
    st.markdown(f"Aucune valeur ni cible n’est connue à cette date{FINE}: rien à dessiner.")
source = f" Source de la dernière valeur{FINE}: {x.source.rstrip('.')}." if x.source else ""
st.caption(c.sur(f"Territoire{FINE}: {plan.nom}.{source}"))
if x.depot_id:
    c.link_depot(x.depot_id, "Dernière valeur apportée par le dépôt n°\u00a0{}")

show_remarques(x, remarques)

with st.expander("Pourquoi ce statut\u202f?", icon=":material/calculate:", expanded=True):
    c.show_facts(explanations.explain_statut(x), f"Pourquoi le statut «\u00a0{x.statut.label}\u00a0»")
show_carte(x)
show_repartition(x, detail.valeurs)
show_comparees(x, points, detail.valeurs, comparees)
show_revisions(x, revisions)
show_valeurs(x, detail.valeurs)
show_correction(x)
show_definition(fiche)
liees = [a for a in read(queries.get_etat_plan, vue).actions if (a.action, x.indicateur) in read(queries.list_rattachements, vue)]
if liees:
    st.header("Actions concernées", anchor=False)
    for a in liees:
        c.link_action(a.action, a.intitule)
