"""Values whose figure changed for a period that was already known, side by side, with the dépôt that changed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from indicators import queries
from indicators.formats import MASQUE, format_nombre, format_periode
from indicators.model import Etat
from indicators.queries import Ligne, Valeur, Vue
from indicators.queries.comparaison import Passage
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte


def show_revisions(passages: Sequence[Passage], avant: Vue, apres: Vue, lignes: Mapping[str, Ligne]) -> None:
    """One row per revised or withdrawn value, the figures of both dates."""
    if not passages:
        st.markdown("Aucune valeur déjà connue n’a changé entre les deux dates.")
        return
    noms = {t["code"]: t["nom"] for t in read(queries.list_connues, apres, "territoire")}
    noms.setdefault(get_contexte().plan.departement, get_contexte().plan.nom)

    def find(vue: Vue, p: Passage) -> Valeur | None:
        cle = (p.territoire, p.ventilation, p.debut, p.fin)
        valeurs = read(queries.get_detail, vue, p.indicateur).valeurs
        return next((v for v in valeurs if (v.territoire, v.ventilation, v.debut, v.fin) == cle), None)

    def write(v: Valeur | None, x: Ligne) -> str:
        if v is None:
            return "retirée"
        if v.valeur is None:
            return MASQUE if v.masque else v.etat.label
        return format_nombre(v.valeur, x.decimales, x.unite) + ("" if v.etat is Etat.DEFINITIF else f" ({v.etat.label.lower()})")

    def write_both(p: Passage, ancienne: Valeur | None, nouvelle: Valeur | None) -> dict[str, str]:
        avant, apres = (write(v, lignes[p.indicateur]) for v in (ancienne, nouvelle))
        return {"Avant": avant, "Après": apres if avant != apres or apres == MASQUE else f"{apres}, ses termes ont changé"}

    with st.container(key="avant_apres_revisions"):
        c.show_rows([{
            "Indicateur": c.build_link("indicateur", p.indicateur, f"{p.indicateur} {lignes[p.indicateur].intitule}"),
            "Territoire": " · ".join(t for t in (noms.get(p.territoire, p.territoire), p.ventilation) if t),
            "Période": format_periode(p.debut, p.fin), **write_both(p, ancienne, nouvelle),
            "Dépôt": c.build_link_depot(nouvelle.depot_id, f"dépôt n°\u00a0{nouvelle.depot_id}") if nouvelle else "",
        } for p, ancienne, nouvelle in ((p, find(avant, p), find(apres, p)) for p in passages)], "Valeurs révisées")
