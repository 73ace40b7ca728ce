"""Map of the territories, as filled lines on plain axes: nothing is asked of the network, unlike the maps of plotly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from indicators.charts.marks import Ecran, pouces, texte_sur
from indicators.contours import Contour
from indicators.formats import FINE, MASQUE
from indicators.queries import Ligne
from indicators.queries.territoires import Rang
from indicators.sentences import name_classes, write_valeur
from indicators.theme import NUANCE_VIDE, NUANCES, Teinte, modele

HAUTEUR, HAUTEUR_ETROITE = 460, 400
LARGEUR, LARGEUR_ETROITE = 520, 340  # px that the drawing may count on
TAILLE = 13
SANS_VALEUR, CACHEE = "Sans valeur", f"Secret statistique ({MASQUE})"


def build_carte(contours: Sequence[Contour], ligne: Ligne, rangs: Sequence[Rang], mode: str, etroit: bool = False) -> go.Figure:
    """One filled shape per outline whose code is that of a territory ranked here; the others are left out.

    The shade is the class of the value; a hidden value and a missing one have none, and say which of the two they are.
    """
    ecran, par_code = Ecran(mode, etroit), {r.territoire.code: r for r in rangs}
    dessines = [(c, par_code[c.code]) for c in contours if c.code in par_code]
    xs, ys = ([p[k] for c, _ in dessines for a in c.anneaux for p in a] or [0.0, 1.0] for k in (0, 1))
    droit = math.cos(math.radians((min(ys) + max(ys)) / 2)) or 1.0  # a degree of longitude is not a degree of latitude
    largeur, hauteur = (LARGEUR_ETROITE, HAUTEUR_ETROITE) if etroit else (LARGEUR, HAUTEUR)
    echelle = min(largeur / max((max(xs) - min(xs)) * droit, 1e-9), (hauteur - 60) / max(max(ys) - min(ys), 1e-9))
    notes = [n for c, r in dessines for n in _label(c, r, ligne, ecran, echelle * droit, len(name_classes(ligne, rangs)))]
    return go.Figure(
        data=_build_traces(dessines, ligne, rangs, ecran),
        layout=dict(
            template=modele(mode), height=hauteur, annotations=notes, margin=dict(l=4, r=4, t=4, b=4), showlegend=True,
            legend=dict(orientation="h", x=0, y=-0.02, yanchor="top", font=dict(size=TAILLE), itemclick=False,
                        itemdoubleclick=False, traceorder="normal"),
            xaxis=dict(visible=False, range=_widen(xs), constrain="domain"),
            yaxis=dict(visible=False, range=_widen(ys), scaleanchor="x", scaleratio=1 / droit, constrain="domain"),
        ),
    )  # fmt: skip


def _widen(nombres: Sequence[float]) -> list[float]:
    """Both ends, with room for the width of a line."""
    marge = 0.01 * (max(nombres) - min(nombres))
    return [min(nombres) - marge, max(nombres) + marge]


def _build_traces(dessines: Sequence[tuple[Contour, Rang]], ligne: Ligne, rangs: Sequence[Rang], ecran: Ecran) -> list[dict]:
    """One shape per territory, in the order of the legend: the shades from the lowest, then hidden, then missing."""
    classes = name_classes(ligne, rangs)
    noms = [f"{mot}{FINE}: {bornes}" for mot, bornes in classes] + [CACHEE, SANS_VALEUR]
    traces, dits = [], set()
    for contour, r in sorted(dessines, key=lambda d: _group(d[1], len(classes))):
        groupe = _group(r, len(classes))
        teinte = _shade(r, len(classes), ecran)
        traces.append(dict(
            type="scatter", mode="lines", fill="toself", hoveron="fills", hoverinfo="text", name=escape(noms[groupe]),
            legendgroup=str(groupe), showlegend=groupe not in dits, fillcolor=teinte.fond, text=_describe(r, ligne),
            line=dict(color=teinte.bord, width=1.5, dash="solid" if r.classe is not None else "dot"),
            x=[v for a in contour.anneaux for v in (*(p[0] for p in a), None)],  # None lifts the pen between two rings
            y=[v for a in contour.anneaux for v in (*(p[1] for p in a), None)]))
        dits.add(groupe)
    return traces


def _group(r: Rang, classes: int) -> int:
    return r.classe if r.classe is not None else classes if r.cache else classes + 1


def _shade(r: Rang, classes: int, ecran: Ecran) -> Teinte:
    """The shades in use are spread over those that exist; a lone one is a middle one."""
    if r.classe is None:
        return NUANCE_VIDE[ecran.mode]
    nuances = NUANCES[ecran.mode]
    return nuances[round(r.classe * (len(nuances) - 1) / (classes - 1))] if classes > 1 else nuances[1]


def _label(contour: Contour, r: Rang, ligne: Ligne, ecran: Ecran, pixels: float, classes: int) -> list[dict[str, Any]]:
    """The name and the value inside the shape when it is wide enough, the value alone when it is not, else nothing."""
    place = contour.largeur * pixels - 8  # `pixels` of a degree of longitude
    valeur = _write(r, ligne)
    nom = wrap(r.territoire.nom, 18, max_lines=2, placeholder="…") or [r.territoire.code]
    lignes = [f"<b>{escape(n)}</b>" for n in nom] if max(pouces(n, TAILLE) for n in nom) <= place else []
    if pouces(valeur, TAILLE) > place:
        return []
    return [ecran.note(*contour.repere, "<br>".join([*lignes, escape(valeur)]), TAILLE,
                       _shade(r, classes, ecran).texte, hovertext=_describe(r, ligne))]


def _write(r: Rang, ligne: Ligne) -> str:
    if r.cache:
        return MASQUE
    return write_valeur(ligne, r.point.valeur) if r.point is not None and r.point.valeur is not None else "–"


def _describe(r: Rang, ligne: Ligne) -> str:
    """Hover of one territory."""
    if r.cache:
        dit = CACHEE
    elif r.point is None or r.point.valeur is None:
        dit = r.point.etat.label if r.point is not None else SANS_VALEUR
    else:
        rang = f" · rang {r.rang}" if r.rang else ""
        dit = f"{write_valeur(ligne, r.point.valeur)}{rang}" + (f" · {r.point.statut.label}" if r.point.statut else "")
    return f"<b>{texte_sur(r.territoire.nom, 60)}</b><br>{escape(dit)}"
