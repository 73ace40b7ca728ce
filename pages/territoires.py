"""Territoires: one indicator and one period, territory beside territory; a map when the outlines are there."""

import streamlit as st

from indicators import explanations, queries
from indicators.charts import build_carte
from indicators.contours import load_contours
from indicators.errors import ContoursInvalides
from indicators.formats import FINE, MASQUE, format_date, format_ecart, format_periode, titre
from indicators.model import Etat, Nature, Provenance
from indicators.queries import Ligne, territoires
from indicators.queries.territoires import Place, Rang
from indicators.sentences import describe_territoires, name_classes, write_territoires, write_valeur
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.donnees import read
from indicators.ui.state import choose_code, get_contexte

INCERTAINS = (Etat.PROVISOIRE, Etat.ESTIME)

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
lignes: dict[str, Ligne] = {x.indicateur: x for x in read(queries.get_etat_plan, vue).lignes}
tous = read(territoires.list_territoires, vue)
dessous = {t.code for t in tous if t.place is Place.DESSOUS}
mesures = [(code, t) for code, t in read(territoires.list_mesures, vue) if code in lignes and t in dessous]
if not mesures:
    st.title("Aucune valeur sous le niveau du département à cette date", anchor=False)
    st.markdown("Les indicateurs de ce plan ne sont connus que pour le département et ses éventuelles comparaisons. Pour "
                "comparer ses territoires, déposez d’abord la table «\u00a0territoire\u00a0», où la colonne parent porte le code "
                f"du département, puis des valeurs avec la colonne territoire{FINE}; ou choisissez une date plus récente dans le "
                "menu.")
    c.link_page("depot", "Déposer des territoires et leurs valeurs")
    c.link_page("methode", "Lire le guide")
    st.stop()

large, milieu, droite = st.columns([2, 1, 1], gap="small")
with large:
    code = choose_code("Indicateur", {k: f"{k} — {lignes[k].intitule}" for k, _ in mesures}, "code", obligatoire=True,
                       filter_mode="contains")
x = lignes[code]
mesures_ici = {t for k, t in mesures if k == code}
types = {t.type: titre(t.type or "territoires") for t in tous if t.code in mesures_ici}
with milieu:
    type_ = choose_code("Découpage", types, "decoupage", obligatoire=True)
siens = [t for t in tous if t.place is Place.DESSOUS and t.type == type_]
series = territoires.list_series(read(queries.get_detail, vue, code))
periodes = {f"{d}_{f}": (d, f) for d, f in territoires.list_periodes(series, siens)}
with droite:
    choix = choose_code("Période", {k: format_periode(*p) for k, p in periodes.items()}, "periode", obligatoire=True)
if not choix:
    st.title(c.sur(f"{x.intitule}{FINE}: aucune valeur à montrer"), anchor=False)
    st.markdown("Les territoires ont répondu, mais aucune de leurs réponses n’est une valeur d’une période de cet indicateur.")
    c.link_indicateur(x.indicateur, x.intitule)
    st.stop()
points = {t: p for t, p in series if (p.debut, p.fin) == periodes[choix]}
rangs = territoires.rank_territoires(x, siens, points)
departement = points.get(x.territoire)
classes = [mot for mot, _ in name_classes(x, rangs)]
jour = format_date(periodes[choix][1])


def write_row(r: Rang) -> dict[str, object]:
    """One territory under French headings."""
    p = r.point
    dite = p is not None and p.valeur is not None
    valeur = MASQUE if r.cache else write_valeur(x, p.valeur) if dite else p.etat.label if p else "Sans valeur"
    incertaine = f" ({p.etat.label.lower()})" if dite and p.etat in INCERTAINS else ""
    return {"Rang": r.rang or "", "Territoire": r.territoire.nom, f"Valeur au {jour}": valeur + incertaine,
            "Écart au département": "" if r.ecart is None else format_ecart(r.ecart, x.decimales, x.unite),
            "Classe": "" if r.classe is None else classes[r.classe], "Statut": p.statut.label if p and p.statut else ""}


st.title(c.sur(write_territoires(x, rangs)), anchor=False)
note = describe_territoires(x, rangs, departement, plan.nom)
st.caption(c.sur(note))
if any(r.point and r.point.provenance is Provenance.ILLUSTRATIF for r in rangs):
    st.caption(":material/science: Des valeurs de cette page sont illustratives.")
rangees = [write_row(r) for r in rangs]
reperes = [write_row(Rang(t, points.get(t.code), None, None, None)) for t in tous
           if t.place is not Place.DESSOUS and t.code in points]
dites = {k for r in (*rangees, *reperes) for k, v in r.items() if v}
try:
    contours = load_contours(donnees.open_store().settings.contours)
except ContoursInvalides as erreur:
    contours = None
    st.warning(f"{c.sur(erreur.message)} {c.sur(erreur.conseil)}", icon=":material/map:")
traces = {contour.code for contour in contours or ()} & {t.code for t in siens}
carte, tableau = st.columns([4, 6], gap="medium") if traces else (st.container(), st.container())
if traces:
    with carte:
        c.show_chart(build_carte(contours, x, rangs, contexte.mode, contexte.etroit), f"carte_{code}", note)
        if absents := [t.nom for t in siens if t.code not in traces]:
            st.caption(c.sur(f"Sans contour dans le fichier de la carte{FINE}: {', '.join(absents)}."))
elif contours:
    st.caption("Aucun contour du fichier de la carte ne porte le code de l’un de ces territoires.")
with tableau:
    with st.container(key="rangs_territoires"):
        c.show_rows([{k: v for k, v in r.items() if k in dites} for r in rangees], "Territoires, rangés")
    if reperes:
        st.markdown("**À titre de comparaison**")
        c.show_rows([{k: r[k] for k in ("Territoire", f"Valeur au {jour}")} for r in reperes], "Département et comparaisons")
if x.nature is not Nature.TAUX:
    st.caption(f"Cet indicateur compte au lieu de rapporter{FINE}: un territoire plus grand a une plus grande valeur, et son "
               "écart au département ne dirait rien. Un taux compare mieux.")
if secret := explanations.write_secret(any(r.cache for r in rangs) or bool(departement and departement.masque)):
    st.caption(c.sur(secret))
sources = ", ".join(sorted({p.source for p in points.values() if p.source}))
st.caption(c.sur(f"Période{FINE}: {format_periode(*periodes[choix])}." + (f" Source{FINE}: {sources}." if sources else "")))
c.link_indicateur(x.indicateur, x.intitule)
