"""Small multiple: one line in a card, with its own vertical scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from indicators.charts.marks import (
    BULLE,
    SEUILS,
    Ecran,
    Plume,
    annee,
    avec_trous,
    bornes_en_vigueur,
    fini,
    forme_ligne,
    infobulle,
    marqueurs,
    noter_secrets,
)
from indicators.model import TypeCible
from indicators.queries import Cible, Ligne, Point
from indicators.theme import modele

Trace = dict[str, Any]
COMMUN: Trace = dict(type="scatter", mode="lines", hoverinfo="skip", cliponaxis=False)


def build_mini(ligne: Ligne, points: Sequence[Point], cibles: Sequence[Cible], mode: str) -> go.Figure:
    """Small multiple, 120 px high: target dashed, realised line, last point with its status; each card has its own y scale."""
    ecran = Ecran(mode, echelle=0.9)
    reference = [(annee(ligne.date_reference), ligne.reference)] if ligne.date_reference and fini(ligne.reference) else []
    debut = annee(ligne.date_reference) if ligne.date_reference else -math.inf
    points = [p for p in sorted(points, key=lambda p: p.fin) if annee(p.fin) >= debut - 1e-9]
    plume, presents = Plume.de(ligne, points), [p for p in points if fini(p.valeur)]
    arrets = dict(reference + sorted((annee(c.date), c.valeur) for c in cibles if fini(c.valeur)))
    fins = [annee(d) for d in (ligne.date_cible, *(p.fin for p in presents[-1:])) if d] + list(arrets)
    debuts = [annee(p.fin) for p in presents[:1]] + list(arrets)
    x0, x1 = min(debuts, default=0.0), max(fins, default=1.0)

    buts = _trace_cible(ligne, cibles, arrets, x0, x1, ecran)
    visees = [v for t in buts for v in t["y"]]
    traces = buts + (_trace_realise(ligne, plume, points, reference, ecran) if presents else [])
    toutes = visees + [p.valeur for p in presents] + [v for _, v in reference]
    bas, haut = min(toutes, default=0.0), max(toutes, default=1.0)
    marge_x, marge_y = 0.03 * (x1 - x0 or 1), 0.16 * (haut - bas) or abs(haut) * 0.1 or 1
    crans = [x for x in ((x0, x1) if x1 > x0 else (x0,)) if toutes]
    notes = noter_secrets([p for p in points if x0 <= annee(p.fin) <= x1], ecran)
    if not presents:
        vide = dict(x=1, y=0, xref="paper", yref="paper", showarrow=False, xanchor="right")
        notes += [vide | dict(text="Aucune valeur", font=dict(size=12, color=ecran.ton.gris))]
    return go.Figure(
        data=traces,
        layout=dict(
            template=modele(mode), height=120, margin=dict(l=18, r=18, t=10, b=24), annotations=notes,
            xaxis=dict(range=[x0 - marge_x, x1 + marge_x], tickvals=crans,
                       ticktext=[str(math.floor(x - 1e-6)) for x in crans],  # a year's end is not named after the next year
                       showgrid=False, automargin=False, tickfont_size=12, tickangle=0),
            yaxis=dict(visible=False, range=[bas - marge_y, haut + marge_y]),
        ),
    )  # fmt: skip


def _trace_cible(
    ligne: Ligne, cibles: Sequence[Cible], arrets: dict[float, float], x0: float, x1: float, ecran: Ecran
) -> list[Trace]:
    """Bounds of a threshold, or the path to the target; nothing for a line that is only followed."""
    t = ecran.ton
    pointille = dict(color=t.cible, width=1.5, dash="5px,4px", shape=forme_ligne(ligne))
    if ligne.type_cible in SEUILS:
        return [COMMUN | dict(x=b.xs, y=b.ys, line=pointille) for b in bornes_en_vigueur(ligne, cibles, x0, x1)]
    if not arrets or ligne.type_cible is TypeCible.SUIVRE:
        return []
    losange = dict(symbol="diamond", size=[0] * (len(arrets) - 1) + [9], color=t.encre, opacity=1)
    return [COMMUN | dict(mode="lines+markers", x=list(arrets), y=list(arrets.values()), line=pointille, marker=losange)]


def _trace_realise(
    ligne: Ligne, plume: Plume, points: Sequence[Point], reference: Sequence[tuple[float, float]], ecran: Ecran
) -> list[Trace]:
    """The realised line from the reference, and the last point with its status."""
    xs, ys = avec_trous(points)
    presents = [p for p in points if fini(p.valeur)]
    if reference and annee(presents[0].fin) - reference[0][0] > 1e-9:
        xs, ys = [reference[0][0], *xs], [reference[0][1], *ys]
    dernier = presents[-1]
    trait = COMMUN | dict(x=xs, y=ys, line=dict(color=ecran.ton.reel, width=2.5, shape=forme_ligne(ligne)))
    point = COMMUN | dict(mode="markers+text", x=[annee(dernier.fin)], y=[dernier.valeur])
    bulle = dict(customdata=[infobulle(dernier, plume, ligne)], hovertemplate=BULLE, hoverinfo=None)
    return [trait, point | bulle | marqueurs([dernier], ecran)]
