"""Chronologie: the national laws and strategies on one axis with the life of the plan.

An HTML drawing, like the frise: numbers on the axis, to scale, whose words are in the list below it, so that a phone shows it
whole. Places are shares of the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from indicators.charts.marks import annee
from indicators.queries import Plan

MARGE = 2  # years drawn on each side of the plan; a date further away is counted at the edge
ECART = 0.068  # least distance between two numbers of a row: they touch on a phone's width

CSS_CHRONOLOGIE = """
.chrono{position:relative;margin:.25rem 0 1rem;font-size:.8125rem;--trait:rgba(128,140,160,.3)}
.chrono .annees{display:flex;height:1.5rem;border-bottom:1px solid var(--trait)}
.chrono .annees span{flex:1;border-left:1px solid var(--trait);padding-left:.2rem;overflow:hidden}
.chrono .vie{position:relative;height:1.5rem;margin-top:.35rem}
.chrono .vie span{position:absolute;top:0;bottom:0;background:var(--reel);color:var(--papier);border-radius:4px;
  padding:.05rem .4rem;box-sizing:border-box;overflow:hidden;white-space:nowrap;
  print-color-adjust:exact;-webkit-print-color-adjust:exact}
.chrono .rang{position:relative;height:1.75rem;margin-top:.2rem}
.chrono .rang span{position:absolute;transform:translateX(-50%);min-width:1.45rem;line-height:1.45rem;text-align:center;
  border:1.5px solid currentColor;border-radius:50%;background:var(--papier);font-weight:600;box-sizing:border-box}
.chrono .jour{position:absolute;top:1.5rem;bottom:0;border-left:2px solid currentColor;opacity:.7}
@media(max-width:640px){.chrono .annees span{font-size:.6875rem;padding-left:.05rem}}
"""


def list_annees_chronologie(plan: Plan) -> range:
    """Years of the axis: the plan's and a few on each side."""
    return range(plan.debut.year - MARGE, plan.fin.year + MARGE + 1)


def build_chronologie(dates: Sequence[date], plan: Plan, observe_au: date, note: str) -> str:
    """HTML drawing of these dates, sorted, numbered from 1, under the life of the plan; `note` says it in words.

    Numbers that would touch go down a row; a date out of the axis has no number on it.
    """
    annees = list_annees_chronologie(plan)
    rangs: list[list[tuple[float, int]]] = []
    for numero, jour in enumerate(dates, 1):
        place = _place(jour, annees)
        if not 0 <= place <= 1:
            continue
        place = min(max(place, ECART / 2), 1 - ECART / 2)
        rang = next((r for r in rangs if place - r[-1][0] >= ECART), None)
        if rang is None:
            rangs.append(rang := [])
        rang.append((place, numero))
    entetes = "".join(f"<span>{a}</span>" for a in annees)
    gauche, droite = _place(plan.debut, annees), _place(plan.fin, annees)
    vie = f'<span style="left:{100 * gauche:.2f}%;width:{100 * (droite - gauche):.2f}%">Le plan</span>'
    marques = "".join(f'<div class="rang">{"".join(_mark(x, n) for x, n in rang)}</div>' for rang in rangs)
    place = _place(observe_au, annees)
    jour = f'<div class="jour" style="left:{100 * place:.2f}%"></div>' if 0 <= place <= 1 else ""
    return (f'<div class="chrono" role="img" aria-label="{escape(note)}"><div class="annees">{entetes}</div>'
            f'<div class="vie">{vie}</div>{marques}{jour}</div>')


def _mark(place: float, numero: int) -> str:
    return f'<span style="left:{100 * place:.2f}%">{numero}</span>'


def _place(jour: date, annees: range) -> float:
    """Where a day falls on the axis: 0 its first day, 1 its last."""
    return (annee(jour) - annees.start) / len(annees)
