"""Control chart (XmR): every value of a line, its centre, the limits of its usual variation, the values that are a signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from indicators.charts.marks import DITE, MUETTE, Ecran, Plume, annee, avec_trous, ecarter, pouces
from indicators.charts.valeurs import graduations
from indicators.formats import FINE, decimales_utiles, format_nombre, format_periode, titre
from indicators.lecture import list_regles
from indicators.model import INCERTAINS, Lecture, Statut
from indicators.queries import Ligne
from indicators.queries.indicateur import Carte, PointControle
from indicators.theme import modele, style

SYMBOLES = {Lecture.HABITUELLE: ("circle", 8), Lecture.AMELIORATION: ("square", 11), Lecture.DEGRADATION: ("triangle-up", 13),
            Lecture.CHANGEMENT: ("diamond", 12)}
Repere = tuple[str, float]


def build_xmr(ligne: Ligne, carte: Carte, mode: str, etroit: bool = False, echelle: float = 1.0) -> go.Figure:
    """Values in the line's unit; a shape for each reading of a value, hollow when it is provisional or estimated.

    `carte` must not be masked. `etroit` is for phones, `echelle` multiplies texts and marks (COPIL).
    """
    ecran, plume = Ecran(mode, etroit, echelle), Plume.de(ligne)
    bas, haut = (f(carte.limite_basse, carte.limite_haute, *(p.valeur for p in carte.points)) for f in (min, max))
    marge = 0.08 * (haut - bas) or 1
    y0, y1 = bas - marge, haut + marge
    cibles, dehors = _list_cibles(carte, plume, y0, y1)
    reperes = [("Limite haute", carte.limite_haute), ("Moyenne", carte.centre), ("Limite basse", carte.limite_basse), *cibles]
    hauteur = ecran.px(300 if etroit else 340)
    marges = dict(l=ecran.px(12), r=ecran.px(20), t=ecran.px(28), b=ecran.px(32), pad=0)
    marges["r"] += round(max(pouces(nom, ecran.px(13)) for nom, _ in reperes))
    crans = graduations(y0 + 0.03 * (y1 - y0), y1)
    decimales = decimales_utiles(crans[1] - crans[0]) if len(crans) > 1 else ligne.decimales
    ecrits = [escape(format_nombre(v, decimales, plume.signe)) for v in crans]
    marges["l"] += round(max((pouces(e, ecran.px(13)) for e in ecrits), default=0))
    x0, x1 = annee(carte.points[0].fin), annee(carte.points[-1].fin)
    recul = 0.02 * (x1 - x0)
    formes, xs, annees = _build_temps(x0, x1, ecran)
    return go.Figure(
        data=[_trace_ligne(carte, ecran), *_trace_points(ligne, carte, plume, ecran)],
        layout=dict(
            template=modele(mode, echelle), height=hauteur, margin=marges, shapes=_draw_reperes(carte, cibles, ecran) + formes,
            annotations=_place_reperes(reperes, plume, ecran, y0, y1, hauteur - marges["t"] - marges["b"])
            + _note_entete(ligne, plume, dehors, ecran, marges["l"]),
            xaxis=dict(range=[x0 - recul, x1 + recul], tickvals=xs, ticktext=annees, tickangle=0, showgrid=False,
                       automargin=False),
            yaxis=dict(range=[y0, y1], tickvals=crans, ticktext=ecrits, automargin=False),
        ),
    )  # fmt: skip


def _list_cibles(carte: Carte, plume: Plume, y0: float, y1: float) -> tuple[list[Repere], list[str]]:
    """Bounds of the target that the frame holds, and the words for those that it does not."""
    bornes = [v for v in (carte.plancher, carte.plafond) if v is not None]
    return ([("Cible", v) for v in bornes if y0 <= v <= y1],
            [f"cible {plume(v)} hors cadre" for v in bornes if not y0 <= v <= y1])


def _build_temps(x0: float, x1: float, ecran: Ecran) -> tuple[list[dict[str, Any]], list[float], list[str]]:
    """Limits between years, then the years that are wide enough to be named."""
    annees = range(math.floor(x0 - 1e-9), math.ceil(x1))
    largeur = ecran.px(260 if ecran.etroit else 700) / ((x1 - x0) or 1)
    visibles = [(max(a, x0), min(a + 1, x1), a) for a in annees]
    nommees = [(g, d, a) for g, d, a in visibles if (d - g) * largeur > ecran.px(36)]
    trait = dict(type="line", y0=0, y1=1, yref="y domain", line=dict(color=ecran.ton.grille, width=1), layer="below")
    return ([trait | dict(x0=a, x1=a) for a in annees if x0 < a < x1], [(g + d) / 2 for g, d, _ in nommees],
            [f"<b>{a}</b>" for *_, a in nommees])


def _draw_reperes(carte: Carte, cibles: Sequence[Repere], ecran: Ecran) -> list[dict[str, Any]]:
    """The band of the usual variation, its dotted limits, the centre, the dashed target."""
    t = ecran.ton
    bande = dict(type="rect", xref="paper", x0=0, x1=1, y0=carte.limite_basse, y1=carte.limite_haute, layer="below", line_width=0)
    traits = [(carte.limite_haute, "dot", t.gris), (carte.limite_basse, "dot", t.gris), (carte.centre, "solid", t.gris)]
    traits += [(v, "6px,4px", t.encre) for _, v in cibles]
    return [bande | dict(fillcolor=t.fond2)] + [
        dict(type="line", xref="paper", x0=0, x1=1, y0=v, y1=v, layer="below",
             line=dict(color=couleur, dash=tirets, width=1.5 * ecran.echelle)) for v, tirets, couleur in traits]


def _place_reperes(reperes: Sequence[Repere], plume: Plume, ecran: Ecran, y0: float, y1: float,
                   hauteur: float) -> list[dict[str, Any]]:
    """Name and value of each line on the right, moved apart."""
    centres = [(v - y0) / (y1 - y0) * hauteur for _, v in reperes]
    places = ecarter(centres, [ecran.px(34)] * len(reperes), 0, hauteur + ecran.px(16))
    return [ecran.note(1, v, f"{nom}<br><b>{plume(v)}</b>", 13, ecran.ton.encre if nom == "Cible" else ecran.ton.gris,
                       xref="paper", xanchor="left", align="left", xshift=ecran.px(8), yshift=place - centre)
            for (nom, v), centre, place in zip(reperes, centres, places, strict=True)]


def _note_entete(ligne: Ligne, plume: Plume, dehors: Sequence[str], ecran: Ecran, marge: int) -> list[dict[str, Any]]:
    mots = ([escape(titre(ligne.unite))] if ligne.unite and not plume.signe else []) + list(dehors)
    place = dict(xref="paper", yref="paper", xanchor="left", yanchor="bottom", xshift=-marge + ecran.px(8), yshift=ecran.px(6))
    return [ecran.note(0, 1, titre(" · ".join(mots)), 12, ecran.ton.gris, **place)] if mots else []


def _trace_ligne(carte: Carte, ecran: Ecran) -> dict[str, Any]:
    xs, ys = avec_trous(carte.points)
    return MUETTE | dict(mode="lines", x=xs, y=ys, line=dict(color=ecran.ton.bord, width=1.5 * ecran.echelle))


def _trace_points(ligne: Ligne, carte: Carte, plume: Plume, ecran: Ecran) -> list[dict[str, Any]]:
    """One trace for each reading that some value has."""
    couleurs = {Lecture.HABITUELLE: ecran.ton.gris, Lecture.CHANGEMENT: ecran.ton.encre,
                Lecture.AMELIORATION: style(Statut.DANS_LES_TEMPS).teinte(ecran.mode).bord,
                Lecture.DEGRADATION: style(Statut.RETARD_FORT).teinte(ecran.mode).bord}
    place = ecran.px(220 if ecran.etroit else 740) / len(carte.points)
    facteur = max(0.5, min(1.0, place / ecran.px(11)))  # a dense series has smaller marks, which would hide each other
    traces = []
    for lecture, (symbole, taille) in SYMBOLES.items():
        if groupe := [p for p in carte.points if p.lecture is lecture]:
            couleur = couleurs[lecture]
            traces.append(DITE | dict(
                mode="markers", x=[annee(p.fin) for p in groupe], y=[p.valeur for p in groupe],
                customdata=[_describe(p, ligne, plume) for p in groupe],
                marker=dict(symbol=symbole, size=ecran.px(taille * facteur), opacity=1,
                            line=dict(width=1.75, color=couleur),
                            color=[ecran.ton.fond if p.etat in INCERTAINS else couleur for p in groupe])))
    return traces


def _describe(p: PointControle, ligne: Ligne, plume: Plume) -> str:
    lignes = [f"<b>{titre(format_periode(p.debut, p.fin))}{FINE}: {plume(p.valeur, ligne.unite)}</b>", p.lecture.label]
    lignes += [titre(regle) for regle in list_regles(p)]
    return "<br>".join(lignes + ([p.etat.label] if p.etat in INCERTAINS else []))
