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
COLONNES = (0.29, 0.74)  # names on the left of the scale, moves on its right


def build_haltere(deplacements: Sequence[Deplacement], mode: str, etroit: bool = False) -> go.Figure:
    """One row per line that moved on one scale (0 the reference, 1 the target), the largest progress first.

    The others are left out: the caller counts them.
    """
    ecran, rangs = Ecran(mode, etroit), list_mesurables(deplacements)
    n, pas = len(rangs), 88 if etroit else 52
    ys = list(reversed(range(n)))
    notes = [note for y, d in zip(ys, rangs, strict=True) for note in (_notes_etroites if etroit else _notes_larges)(y, d, ecran)]
    if not rangs:
        vide = dict(x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font_color=ecran.ton.gris)
        notes = [vide | dict(text="Aucun déplacement à montrer")]
    return go.Figure(
        data=_build_traces(rangs, ys, ecran),
        layout=dict(
            template=modele(mode), height=pas * max(n, 1) + 54, annotations=notes, shapes=_build_bornes(ys, ecran),
            margin=dict(l=6, r=6, t=4, b=40),
            xaxis=dict(range=[MINIMUM - MARGE, MAXIMUM + MARGE], domain=[0, 1] if etroit else COLONNES, tickvals=[0, 1],
                       ticktext=["Référence", "Cible"], showgrid=False, automargin=False, ticklabeloverflow="allow"),
            yaxis=dict(visible=False, range=[-0.5, max(n, 1) - (0.1 if etroit else 0.5)]),
        ),
    )  # fmt: skip


def _build_bornes(ys: Sequence[int], ecran: Ecran) -> list[dict[str, Any]]:
    """Both ends of the path: whole lines, short ones on a phone, whose labels lie between the rows."""
    t, demi = ecran.ton, 0.13 if ecran.etroit else 0.5
    return [dict(type="line", x0=x, x1=x, y0=y - demi, y1=y + demi, layer="below", line=dict(color=couleur, width=2))
            for y in ys for x, couleur in ((0, t.bord), (1, t.encre))]


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


def _notes_larges(y: int, d: Deplacement, ecran: Ecran) -> list[dict[str, Any]]:
    """The code and the name in a column on the left; the move, the status and both shares in one on the right."""
    note = dict(y=y, xref="paper", showarrow=False, yanchor="middle", align="left", xanchor="left")
    chemin = f"<span style='color:{ecran.ton.gris}'>{_write_chemin(d)} du chemin</span>"
    return [note | dict(x=0, font_size=15, text=_write_nom(d, ecran, 27)),
            note | dict(x=COLONNES[1] + 0.015, text=f"{_write_ecart(d, ecran)} · {_write_statut(d)}<br>{chemin}")]


def _notes_etroites(y: int, d: Deplacement, ecran: Ecran) -> list[dict[str, Any]]:
    """The same above the row, one under the other."""
    texte = f"{_write_nom(d, ecran, 38)}<br>{_write_ecart(d, ecran)} · {_write_chemin(d)} · {_write_statut(d)}"
    return [dict(x=MINIMUM - MARGE, y=y, xref="x", showarrow=False, yanchor="bottom", yshift=11, xanchor="left", align="left",
                 font_size=13, text=texte)]


def _write_nom(d: Deplacement, ecran: Ecran, largeur: int) -> str:
    coupe = wrap(d.ligne.libelle_court or d.ligne.intitule, largeur, max_lines=2, placeholder="…") or [""]
    code = f"<span style='color:{ecran.ton.gris}'>{texte_sur(d.ligne.indicateur, 12)}</span>"
    return f"{code}{FINE} {'<br>'.join(map(escape, coupe))}"


def _write_ecart(d: Deplacement, ecran: Ecran) -> str:
    couleur = ecran.ton.reel if d.points > 0 else style(Statut.RETARD_FORT).teinte(ecran.mode).bord
    return f"<b style='color:{couleur}'>{'↗' if d.points > 0 else '↘'} {escape(format_ecart(d.points, 0, '%'))}</b>"


def _write_chemin(d: Deplacement) -> str:
    return f"{escape(write_part(d.avant))} → {escape(write_part(d.apres))}"


def _write_statut(d: Deplacement) -> str:
    return f"{style(d.apres.statut).glyphe} {d.apres.statut.label}"


def _describe(d: Deplacement) -> str:
    """Hover of one row: both ends with their values and statuses."""
    titre = "<br>".join(map(escape, wrap(f"{d.ligne.indicateur} {d.ligne.intitule}", 60)))
    bouts = (f"{nom}{FINE}: {escape(write_realise(x))}, {escape(write_part(x))} du chemin · "
             f"{style(x.statut).glyphe} {x.statut.label}" for nom, x in (("Avant", d.avant), ("Après", d.apres)))
    return "<br>".join((f"<b>{titre}</b>", *bouts))
