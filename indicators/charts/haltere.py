"""Where each line stood on its path at two dates: a hollow circle before, the shape of its status after."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from indicators.charts.marks import BULLE, Ecran, texte_sur
from indicators.evolution import Deplacement, list_mesurables, write_part, write_realise
from indicators.formats import FINE, format_ecart
from indicators.model import Statut
from indicators.theme import modele, style

MINIMUM, MAXIMUM = -0.3, 1.16  # points beyond are brought back there; their figures are written
MARGE = 0.03


def build_haltere(deplacements: Sequence[Deplacement], mode: str, etroit: bool = False) -> go.Figure:
    """One row per line that moved on one scale (0 the reference, 1 the target), the largest progress first.

    The others are left out: the caller counts them.
    """
    ecran, rangs = Ecran(mode, etroit), list_mesurables(deplacements)
    n, pas = len(rangs), 92 if etroit else 58
    ys = list(reversed(range(n)))
    cotes = ("tout",) if etroit else ("nom", "dit")
    notes = [_note(y, d, ecran, cote) for y, d in zip(ys, rangs, strict=True) for cote in cotes]
    if not rangs:
        vide = dict(x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font_color=ecran.ton.gris)
        notes = [vide | dict(text="Aucun déplacement à montrer")]
    t = ecran.ton
    bornes = [dict(type="line", x0=x, x1=x, y0=-0.45, y1=n - 0.35, layer="below", line=dict(color=couleur, width=epaisseur))
              for x, couleur, epaisseur in ((0, t.bord, 2), (1, t.encre, 2)) if rangs]
    return go.Figure(
        data=_build_traces(rangs, ys, ecran),
        layout=dict(
            template=modele(mode), height=pas * max(n, 1) + 54, annotations=notes, shapes=bornes,
            margin=dict(l=6, r=6, t=4, b=40),
            xaxis=dict(range=[MINIMUM - MARGE, MAXIMUM + MARGE], tickvals=[0, 1], ticktext=["Référence", "Cible"], showgrid=False,
                       automargin=False, ticklabeloverflow="allow"),
            yaxis=dict(visible=False, range=[-0.45, max(n, 1) - (0.1 if etroit else 0.25)]),
        ),
    )  # fmt: skip


def _build_traces(rangs: Sequence[Deplacement], ys: Sequence[int], ecran: Ecran) -> list[dict[str, Any]]:
    """Tracks, connectors, the circles of before, the shapes of after."""
    t = ecran.ton
    avant, apres = ([_clip(x.avancement) for x in lignes] for lignes in
                    ([d.avant for d in rangs], [d.apres for d in rangs]))
    apparences = [style(d.apres.statut) for d in rangs]
    teintes = [s.teinte(ecran.mode) for s in apparences]

    def trait(debuts: Sequence[float], fins: Sequence[float], couleur: str, largeur: int) -> dict[str, Any]:
        xs = [x for a, b in zip(debuts, fins, strict=True) for x in (a, b, None)]
        return dict(type="scatter", mode="lines", hoverinfo="skip", x=xs, y=[v for y in ys for v in (y, y, None)],
                    line=dict(color=couleur, width=largeur))

    points = dict(type="scatter", y=list(ys), customdata=[_describe(d) for d in rangs], hovertemplate=BULLE, cliponaxis=False)
    signes = [s.incruste for s in apparences]
    return [
        trait([MINIMUM] * len(rangs), [MAXIMUM] * len(rangs), t.grille, 1),
        trait(avant, apres, t.bord, 5),
        points | dict(mode="markers", x=avant, marker=dict(symbol="circle", size=13, color=t.fond, opacity=1,
                                                           line=dict(color=t.encre, width=2))),
        points | dict(mode="markers+text", x=apres, text=[f"<b>{s}</b>" if s else "" for s in signes],
                      textposition="middle center", textfont=dict(size=11, color=[c.texte for c in teintes]),
                      marker=dict(symbol=[s.symbole for s in apparences], size=[s.taille for s in apparences], opacity=1,
                                  color=[c.fond for c in teintes], line=dict(width=1.5, color=[c.bord for c in teintes]))),
    ]  # fmt: skip


def _clip(part: float) -> float:
    return max(MINIMUM, min(MAXIMUM, part))


def _note(y: int, d: Deplacement, ecran: Ecran, cote: str) -> dict[str, Any]:
    """Above the row: the code and the name on the left, the move and the status on the right; on a phone one above the other."""
    x = d.ligne
    code = f"<span style='color:{ecran.ton.gris}'>{texte_sur(x.indicateur, 12)}</span>{FINE} "
    libelle = x.libelle_court or x.intitule
    dit = _phrase(d, ecran)
    note = dict(y=y, xref="x", showarrow=False, yanchor="bottom", yshift=11)
    if cote == "dit":
        return note | dict(x=MAXIMUM + MARGE, xanchor="right", align="right", text=dit)
    texte = code + texte_sur(libelle, 60)
    if cote == "tout":
        coupe = wrap(libelle, 38, max_lines=2, placeholder="…") or [""]
        texte = f"{code}{'<br>'.join(map(escape, coupe))}<br>{dit}"
    return note | dict(x=MINIMUM - MARGE, xanchor="left", align="left", text=texte, font_size=13 if ecran.etroit else 14)


def _phrase(d: Deplacement, ecran: Ecran) -> str:
    monte = d.points > 0
    couleur = ecran.ton.reel if monte else style(Statut.RETARD_FORT).teinte(ecran.mode).bord
    ecart = f"<b style='color:{couleur}'>{'↗' if monte else '↘'} {escape(format_ecart(d.points, 0, '%'))}</b>"
    statut = d.apres.statut
    mot = "" if ecran.etroit else f" · {style(statut).glyphe} {statut.label}"
    return f"{ecart} · {escape(write_part(d.avant))} → {escape(write_part(d.apres))}{mot}"


def _describe(d: Deplacement) -> str:
    """Hover of one row: both ends with their values and statuses."""
    titre = "<br>".join(map(escape, wrap(f"{d.ligne.indicateur} {d.ligne.intitule}", 60)))
    bouts = (f"{nom}{FINE}: {escape(write_realise(x))}, {escape(write_part(x))} du chemin · "
             f"{style(x.statut).glyphe} {x.statut.label}" for nom, x in (("Avant", d.avant), ("Après", d.apres)))
    return "<br>".join((f"<b>{titre}</b>", *bouts))
