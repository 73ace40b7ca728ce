"""The piece of the page Déposer that gives workbooks to fill: what, for whom, one button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from indicators import templates
from indicators.formats import FINE, pluriel
from indicators.queries.modeles import TOUT, Besoins, Destinataire, get_besoins, list_destinataires
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.state import get_contexte

VALEURS, SUIVI, NOUVEAU = "Valeurs manquantes", "Suivi des actions", "Nouveau plan"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_modeles() -> None:
    """The choice of a template and its download; nothing is asked of the base while it is closed."""
    with st.expander("Modèles à remplir", icon=":material/edit_note:", key="modeles", on_change="rerun") as volet:
        if not volet.open:
            return
        st.markdown("Un classeur prêt à remplir, à transmettre, puis à déposer ici tel quel. "
                    "Les lignes laissées vides ne changent rien.")
        gauche, droite = st.columns(2, gap="medium")
        genre = gauche.selectbox("Modèle", [VALEURS, SUIVI, NOUVEAU], key="modele_genre")
        jour = date.today()
        if genre == NOUVEAU:
            st.caption("Toutes les feuilles d’un plan, vides, avec leur aide et leurs listes.")
            _offer(templates.name_file("nouveau", "plan", jour), lambda: templates.build_plan(jour))
            return
        plan = get_contexte().plan
        connus = dict(enumerate(donnees.read(list_destinataires, plan)))
        with droite:
            rang = st.selectbox("Pour", list(connus), key=f"modele_pour_{plan.plan}", format_func=lambda i: _label(*connus[i]),
                                filter_mode="contains")
        qui = connus[rang or 0][1]
        besoins = donnees.read(get_besoins, plan, qui, jour)
        construire = templates.build_valeurs if genre == VALEURS else templates.build_suivi
        st.caption(_count(genre, besoins))
        _offer(templates.name_file(plan.plan, qui.partenaire or qui.responsable or "plan", jour), lambda: construire(besoins))


def _offer(nom: str, contenu: Callable[[], bytes]) -> None:
    st.download_button("Télécharger le modèle (Excel)", data=contenu, file_name=nom, mime=XLSX, icon=":material/download:",
                       on_click="ignore", key="modele_telecharger")


def _label(nom: str, qui: Destinataire) -> str:
    nature = "Partenaire" if qui.partenaire else "Responsable"
    return TOUT.capitalize() if qui == Destinataire() else f"{nature}{FINE}: {nom}"


def _count(genre: str, besoins: Besoins) -> str:
    plan = c.sur(besoins.plan.nom)
    if genre == SUIVI:
        return f"{pluriel(len(besoins.situations), 'action')} du plan {plan}."
    n = len(besoins.attendues)
    if not n:
        return f"Aucune période attendue ne manque dans le plan {plan}. Le modèle permet d’ajouter des lignes."
    indicateurs = pluriel(len({a.indicateur for a in besoins.attendues}), "indicateur")
    return f"{pluriel(n, 'période attendue', 'périodes attendues')} sans valeur, pour {indicateurs} du plan {plan}."
