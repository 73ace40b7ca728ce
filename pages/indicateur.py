"""Indicateur: one trajectory, why it has its status, what it measures and where its values come from."""

import streamlit as st

from indicators import explanations, queries
from indicators.charts import build_trajectoire
from indicators.formats import MASQUE, format_date, format_horodatage, format_nombre, format_periode, titre
from indicators.model import Nature, Provenance, TypeCible
from indicators.queries import Ligne
from indicators.sentences import describe_trajectoire, write_valeur
from indicators.ui import components as c
from indicators.ui.correction import show_correction
from indicators.ui.donnees import read
from indicators.ui.state import choose_code, get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
lignes: dict[str, Ligne] = {x.indicateur: x for x in read(queries.get_etat_plan, vue).lignes}
if not lignes:
    st.title("Ce plan n’a pas encore d’indicateur à cette date", anchor=False)
    st.markdown("Déposez sa table « indicateur », ou choisissez une date plus récente dans le menu.")
    st.stop()
titres = {k: f"{k} — {x.intitule}" for k, x in lignes.items()}
code = choose_code("Indicateur", titres, "code", obligatoire=True, filter_mode="contains")
x = lignes[code or next(iter(lignes))]
fiche = read(queries.get_fiche, vue, x.indicateur)
points = read(queries.list_points, vue, x.indicateur, x.territoire)
cibles = read(queries.list_cibles, vue, x.indicateur, x.territoire)

st.title(c.sur(x.intitule), anchor=False)
st.markdown(f"{c.show_badges(x.statut)} {c.sur(explanations.write_statut(x))}")
if x.verdict is not None and x.statut not in explanations.NON_EVALUES:
    remarque = f" — {x.motif}" if x.motif else ""
    st.markdown(f"Bilan du plan : {c.show_badges(x.verdict)}{c.sur(remarque)}")
if x.a_actualiser:
    st.info(f"À actualiser : la période qui finit le {format_date(x.prochaine_fin)} devrait être connue"
            + (f" ({x.etat_suivant.label.lower()})" if x.etat_suivant else "")
            + (f". Attendue de : {c.sur(x.responsable)}." if x.responsable else "."), icon=":material/update:")
if x.provenance is Provenance.ILLUSTRATIF:
    st.caption(":material/science: Le statut repose sur une cible ou une valeur illustrative.")

seule = x.unite if x.unite in ("%", "‰", "€") or x.type_cible is TypeCible.REALISER else ""
with st.grid(4, min_column_width=150, gap="small"):
    for libelle, jour, valeur in (("Référence", x.date_reference, x.reference), ("Réalisé", x.date_realise, x.realise),
                                  ("Attendu", x.date_realise, x.attendu), ("Cible", x.date_cible, x.cible)):
        if valeur is not None:
            nom = f"{libelle} {format_date(jour)}" + ("" if seule else f", {c.sur(x.unite)}")
            chiffre = titre(write_valeur(x, valeur)) if seule else format_nombre(valeur, x.decimales)
            st.metric(nom, chiffre, border=True, height="stretch")

comparaisons = []
if x.nature is Nature.TAUX:
    noms = {t["code"]: t["nom"] for t in read(queries.list_connues, vue, "territoire")
            if not t["parent"] and t["code"] != x.territoire}
    comparaisons = [(noms[t], serie) for t in noms if (serie := read(queries.list_points, vue, x.indicateur, t))]
ruptures = [(r["date"], r["texte"]) for r in read(queries.list_connues, vue, "rupture")
            if r["indicateur"] == x.indicateur and r["territoire"] == x.territoire]
if points or cibles:
    figure = build_trajectoire(x, points, cibles, contexte.mode, contexte.etroit, comparaisons=comparaisons, ruptures=ruptures)
    c.show_chart(figure, f"trajectoire_{x.indicateur}", describe_trajectoire(x, points))
    st.caption(c.sur(describe_trajectoire(x, points)))
else:
    st.markdown("Aucune valeur ni cible n’est connue à cette date : rien à dessiner.")
for jour, texte in ruptures:
    st.caption(f":material/sticky_note_2: {format_date(jour)} : {c.sur(texte)}")
if x.source:
    st.caption(f"Source de la dernière valeur : {c.sur(x.source)}")
if x.depot_id:
    c.link_depot(x.depot_id, "Dernière valeur apportée par le dépôt n°\u00a0{}")

with st.expander("Pourquoi ce statut ?", icon=":material/calculate:", expanded=True):
    c.show_facts(explanations.explain_statut(x), f"Pourquoi le statut « {x.statut.label} »")
valeurs = read(queries.list_valeurs, vue, x.indicateur)
c.show_table([{
    "Territoire": v.territoire, "Détail": v.ventilation, "Période": format_periode(v.debut, v.fin),
    "Valeur": format_nombre(v.valeur, x.decimales, x.unite) if v.valeur is not None else MASQUE if v.masque else v.etat.label,
    "Origine": c.build_link_depot(v.depot_id, explanations.write_origine(v)), "Provenance": v.provenance.label,
    "État": v.etat.label, "Numérateur": format_nombre(v.numerateur) if v.numerateur is not None else "",
    "Dénominateur": format_nombre(v.denominateur) if v.denominateur is not None else "",
    "Connue le": format_horodatage(v.connu_le, plan.fuseau), "Déposée par": v.auteur, "Source": v.source,
} for v in valeurs], "Toutes les valeurs en tableau", f"valeurs_{x.indicateur}")
if secret := explanations.write_secret(x.masque or any(v.masque for v in valeurs)):
    st.caption(c.sur(secret))
show_correction(x)
with st.expander("Définition", icon=":material/menu_book:"):
    c.show_facts([
        ("Définition", fiche.definition or ""), ("Numérateur", fiche.numerateur_texte or ""),
        ("Dénominateur", fiche.denominateur_texte or ""), ("Unité", fiche.unite), ("Sens favorable", fiche.sens.label),
        ("Nature", fiche.nature.label), ("Type", fiche.type.label), ("Périodicité", fiche.periodicite.label),
        ("Délai de publication", f"{fiche.delai} mois" if fiche.delai else ""), ("Attendu de", fiche.responsable or ""),
        ("Limites", fiche.limites or ""), ("Origine de la définition", f"{fiche.provenance.label} — {fiche.source or ''}"),
    ], "Définition de l’indicateur")
liees = [a for a in read(queries.get_etat_plan, vue).actions if (a.action, x.indicateur) in read(queries.list_rattachements, vue)]
if liees:
    st.header("Actions concernées", anchor=False)
    for a in liees:
        c.link_action(a.action, a.intitule)
