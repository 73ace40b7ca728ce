"""How the number of late lines went from one date to the other: what was there, what got out, what came in, what is there now."""

from __future__ import annotations

import plotly.graph_objects as go

from indicators.charts.marks import Ecran, texte_sur
from indicators.evolution import Cascade
from indicators.formats import format_nombre
from indicators.model import Statut
from indicators.theme import modele, style

HAUTEUR = 260


def build_cascade(x: Cascade, mode: str, etroit: bool = False) -> go.Figure:
    """Four columns, each with its number and its words; the middle two hang between the totals."""
    ecran = Ecran(mode, etroit)
    retard, bien = (style(s).teinte(mode) for s in (Statut.RETARD_FORT, Statut.DANS_LES_TEMPS))
    sortis, entres = len(x.sortis), len(x.entres)
    colonnes = (
        ("Avant", 0, x.avant, format_nombre(x.avant), retard),
        ("Sortis", x.avant - sortis, sortis, format_nombre(-sortis), bien),
        ("Entrés", x.avant - sortis, entres, format_nombre(entres, signe=True), retard),
        ("Après", 0, x.apres, format_nombre(x.apres), retard),
    )
    listes = ("", x.sortis, x.entres, "")
    return go.Figure(
        data=[dict(
            type="bar", x=[c[0] for c in colonnes], base=[c[1] for c in colonnes], y=[c[2] for c in colonnes], width=0.62,
            text=[f"<b>{c[3]}</b>" for c in colonnes], textposition="outside", cliponaxis=False, textfont=dict(size=ecran.px(18)),
            customdata=[texte_sur(", ".join(codes)) if codes else c[0] for c, codes in zip(colonnes, listes, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
            marker=dict(color=[c[4].fond for c in colonnes], line=dict(width=1.5, color=[c[4].bord for c in colonnes])))],
        layout=dict(template=modele(mode), height=HAUTEUR, margin=dict(l=8, r=8, t=12, b=8),
                    xaxis=dict(showgrid=False, tickfont=dict(size=ecran.px(14), color=ecran.ton.encre)),
                    yaxis=dict(visible=False, range=[0, 1.22 * max(x.avant, x.apres, x.avant - sortis + entres, 1)])),
    )  # fmt: skip
