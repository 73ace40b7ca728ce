"""Last value of each territory or breakdown on one scale: a row each, in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from indicators.charts.marks import DITE, MUETTE, Ecran, Plume, pouces, texte_sur
from indicators.formats import FINE, MASQUE
from indicators.model import INCERTAINS, Etat, Statut
from indicators.queries import Ligne
from indicators.theme import modele, style


@dataclass(frozen=True)
class Rangee:
    """One line of the indicator: its name, its last value (None when it is kept secret), its own status when it has a target."""

    nom: str
    periode: str
    valeur: float | None
    etat: Etat
    statut: Statut | None = None


def build_repartition(ligne: Ligne, rangees: Sequence[Rangee], mode: str, etroit: bool = False) -> go.Figure:
    """A dot at each value, tied to zero, its figure beside it; « s. » and no dot where the value is kept secret.

    A status is said by its own shape, a provisional value by a hollow mark.
    """
    ecran, plume, n = Ecran(mode, etroit), Plume.de(ligne), len(rangees)
    t, connues = ecran.ton, [(n - 1 - k, r) for k, r in enumerate(rangees) if r.valeur is not None]
    valeurs = [0.0, *(r.valeur for _, r in connues)]
    bas, haut = min(valeurs), max(valeurs) or 1.0
    styles = [style(r.statut) if r.statut and r.statut is not Statut.SUIVI else None for _, r in connues]
    fonds, bords = ([getattr(s.teinte(mode), cote) if s else t.reel for s in styles] for cote in ("fond", "bord"))
    tiges = dict(x=[x for _, r in connues for x in (0, r.valeur, None)], y=[y for y, _ in connues for _ in range(3)])
    points = dict(x=[r.valeur for _, r in connues], y=[y for y, _ in connues],
                  customdata=[_describe(r, plume, ligne) for _, r in connues])
    marques = dict(symbol=[s.symbole if s else "circle" for s in styles], size=[s.taille if s else 11 for s in styles], opacity=1,
                   color=[t.fond if r.etat in INCERTAINS else f for (_, r), f in zip(connues, fonds, strict=True)],
                   line=dict(width=2, color=bords))
    nombres = [ecran.note(r.valeur if r.valeur is not None else 0, n - 1 - k, MASQUE if r.valeur is None else plume(r.valeur),
                          13, t.gris if r.valeur is None else t.encre, xanchor="left", xshift=12) for k, r in enumerate(rangees)]
    noms = [texte_sur(r.nom, 20 if etroit else 38) for r in rangees]
    return go.Figure(
        data=[MUETTE | dict(mode="lines", **tiges, line=dict(color=t.bord, width=2)),
              DITE | dict(mode="markers", **points, marker=marques)],
        layout=dict(
            template=modele(mode), height=34 * n + 16, annotations=nombres,
            margin=dict(l=round(12 + max(pouces(nom, 14) for nom in noms)), r=24, t=4, b=8),
            xaxis=dict(visible=False, range=[bas - 0.02 * (haut - bas), haut + (0.42 if etroit else 0.16) * (haut - bas)]),
            yaxis=dict(tickvals=list(range(n)), ticktext=noms[::-1], range=[-0.6, n - 0.4], showgrid=False, automargin=False,
                       tickfont=dict(size=14, color=t.encre)),
            shapes=[dict(type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line=dict(color=t.bord, width=1))],
        ),
    )  # fmt: skip


def _describe(r: Rangee, plume: Plume, ligne: Ligne) -> str:
    lignes = [f"<b>{texte_sur(r.nom)}{FINE}: {plume(r.valeur, ligne.unite)}</b>", r.periode]
    lignes += [f"{style(r.statut).glyphe} {r.statut.label}"] if r.statut else []
    return "<br>".join(lignes + ([r.etat.label] if r.etat in INCERTAINS else []))
