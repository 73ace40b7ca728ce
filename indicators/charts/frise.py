"""Frise: every action from its start to its deadline, on a time axis of years or semesters.

It is an HTML table and not a figure: names wrap, a row is a link, a screen reader walks it, it prints, and 80 rows weigh little.
Places are shares of the axis, whose first day is 0 and last day 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import escape

from indicators.charts.marks import annee
from indicators.formats import format_date, pluriel
from indicators.model import Provenance
from indicators.queries import Action, Orientation, Plan
from indicators.theme import style

ANNEE, SEMESTRE = "annee", "semestre"
MARGE = 2  # years beside the plan's own that a date may open; a date further away is cut there, and written in full

CSS_FRISE = """
.cache{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.frise{width:100%;border-collapse:separate;border-spacing:0;table-layout:fixed;font-size:.9375rem;line-height:1.3;--trait:rgba(128,140,160,.3)}
.frise :is(th,td){padding:.4rem .5rem;text-align:left;font-weight:400;vertical-align:middle;border-bottom:1px solid var(--trait)}
.frise thead{position:sticky;top:0;z-index:2}
.frise thead th{background:var(--papier);font-weight:600;text-align:center;border-left:1px solid var(--trait);padding:.3rem 0}
.frise thead th:is(.nom,.mot_statut){text-align:left;border-left:0;vertical-align:bottom;padding:.3rem .5rem}
.frise thead th.nom{padding-left:0}
.frise :is(th.nom,th[scope=row],th[scope=rowgroup]){padding-left:0}
.frise col.nom{width:34%}.frise col.mot_statut{width:10.75rem}
.frise th[scope=rowgroup]{font-weight:700;padding-top:1rem}
.frise a{color:inherit;text-underline-offset:.15em}
.frise small{display:block;font-size:.8125rem}
.frise .pastille{display:inline-block;padding:.1rem .5rem;border-radius:5px}
.frise td.piste{position:relative;padding:0;height:2.9rem;print-color-adjust:exact;-webkit-print-color-adjust:exact;
  background-image:repeating-linear-gradient(90deg,var(--trait) 0 1px,transparent 1px calc(100%/var(--colonnes)))}
.frise .piste > span:not(.cache){position:absolute}
.frise :is(.barre,.report,.repere){top:calc(50% - .7rem);height:1.4rem}
.frise .barre{border-radius:4px;min-width:6px;line-height:1.3rem;padding-left:.3rem;overflow:hidden;
  box-sizing:border-box}
.frise .report{border-radius:0 4px 4px 0;opacity:.85;
  background:repeating-linear-gradient(135deg,var(--papier) 0 3px,transparent 3px 8px)}
.frise .initiale{top:calc(50% - 1.1rem);height:2.2rem;width:0;border-left:3px dotted currentColor}
.frise .repere{width:0;border-left:4px solid currentColor}
.frise .jour{top:0;bottom:-1px;width:0;border-left:2px solid currentColor;opacity:.75}
.frise .dit{left:.4rem;top:calc(50% - .65rem);font-size:.8125rem}
@media(max-width:640px){.frise{font-size:.875rem}.frise col.nom{width:43%}.frise col.mot_statut{width:2rem}
  .frise :is(th,td){padding:.35rem .15rem}.frise thead th{font-size:.6875rem}
  .frise small{font-size:.75rem}.frise thead .semestre{font-size:0;padding:0}.frise .pastille{padding:.1rem .3rem}
  .frise :is(.pastille .mot,thead .mot_statut){font-size:0}}
"""


def list_annees(plan: Plan, actions: Sequence[Action]) -> range:
    """Years of the axis: the plan's, and those that the dates of its actions need, within reason."""
    dates = [d for a in actions for d in (a.debut, a.echeance_initiale, a.echeance) if d]
    debut, fin = plan.debut.year, plan.fin.year
    return range(max(min([debut, *(d.year for d in dates)]), debut - MARGE),
                 min(max([fin, *(d.year for d in dates)]), fin + MARGE) + 1)


def build_frise(groupes: Sequence[tuple[Orientation, Sequence[Action]]], annees: range, observe_au: date, pas: str,
                adresse: Callable[[str], str], note: str) -> str:
    """HTML table of the frise; `pas` is ANNEE or SEMESTRE, `adresse` the address of an action, `note` says it in words."""
    colonnes = len(annees) * (2 if pas == SEMESTRE else 1)
    pistes = f'<colgroup><col class="nom"/><col class="mot_statut"/><col span="{colonnes}"/></colgroup>'
    corps = []
    for orientation, actions in groupes:
        titre = f"{escape(orientation.code)} {escape(orientation.intitule)} ({pluriel(len(actions), 'action')})"
        corps.append(f'<tbody><tr><th colspan="{colonnes + 2}" scope="rowgroup">{titre}</th></tr>')
        corps += [_write_row(a, annees, observe_au, colonnes, adresse(a.action)) for a in actions]
        corps.append("</tbody>")
    return (f'<table class="frise" style="--colonnes:{colonnes}"><caption class="cache">{escape(note)}</caption>{pistes}'
            f"{_write_header(annees, pas)}{''.join(corps)}</table>")


def write_dates(a: Action) -> str:
    """The deadline of an action in words, with the one first given when it was another."""
    echeance = f"échéance {format_date(a.echeance)}" if a.echeance else "sans échéance"
    if a.echeance_initiale and a.echeance_initiale != a.echeance:
        echeance += f", initialement {format_date(a.echeance_initiale)}"
    return echeance


def _write_header(annees: range, pas: str) -> str:
    rangs = 2 if pas == SEMESTRE else 1
    fixes = "".join(f'<th class="{classe}" scope="col" rowspan="{rangs}">{mot}</th>'
                    for classe, mot in (("nom", "Action"), ("mot_statut", "Statut")))
    if pas != SEMESTRE:
        seules = "".join(f'<th scope="col">{a}</th>' for a in annees)
        return f"<thead><tr>{fixes}{seules}</tr></thead>"
    hauts = "".join(f'<th scope="colgroup" colspan="2">{a}</th>' for a in annees)
    bas = "".join(f'<th class="semestre" scope="col">S{s}<span class="cache"> {a}</span></th>' for a in annees for s in (1, 2))
    return f"<thead><tr>{fixes}{hauts}</tr><tr>{bas}</tr></thead>"


def _write_row(a: Action, annees: range, observe_au: date, colonnes: int, adresse: str) -> str:
    s = style(a.cellule)
    illustratif = " · illustrative" if a.provenance is Provenance.ILLUSTRATIF else ""
    nom = (f'<a href="{escape(adresse)}" target="_self">{escape(a.action)} {escape(a.intitule)}</a>'
           f"<small>{escape(a.pilotes or 'sans pilote')} · {write_dates(a)}{illustratif}</small>")
    statut = (f'<span class="pastille tu tu_{a.cellule.value}"><span aria-hidden="true">{s.glyphe} </span>'
              f'<span class="mot">{a.cellule.label}</span></span>')
    debut = f"début {format_date(a.debut)}" if a.debut else "sans début"
    dits = f"{debut}, {write_dates(a)}"
    jour = f'<span class="jour" style="left:{_place(observe_au, annees)}"></span>' if observe_au.year in annees else ""
    return (f'<tr><th scope="row">{nom}</th><td>{statut}</td><td class="piste" colspan="{colonnes}" title="{dits}">'
            f'<span class="cache">{dits}</span>{_draw(a, annees, s.glyphe)}{jour}</td></tr>')


def _draw(a: Action, annees: range, glyphe: str) -> str:
    """The bar and its marks; no bar is drawn towards a date that nobody gave."""
    initiale = a.echeance_initiale if a.echeance_initiale != a.echeance else None
    trait = f'<span class="initiale" style="left:{_place(initiale, annees)}"></span>' if initiale else ""
    if not (a.debut and a.echeance):
        if connue := a.debut or a.echeance:
            return f'<span class="repere" style="left:{_place(connue, annees)}"></span>{trait}'
        return f'<span class="dit">sans dates</span>{trait}'
    gauche = a.debut - timedelta(days=1) if a.debut > date.min else a.debut
    barre = (f'<span class="barre tu tu_{a.cellule.value}" style="left:{_place(gauche, annees)};'
             f'right:calc(100% - {_place(a.echeance, annees)})" aria-hidden="true">{glyphe}</span>')
    if initiale and initiale < a.echeance:
        barre += (f'<span class="report" style="left:{_place(max(initiale, gauche), annees)};'
                  f'right:calc(100% - {_place(a.echeance, annees)})"></span>')
    return barre + trait


def _place(d: date, annees: range) -> str:
    """Where the end of a day falls on the axis, as a CSS share, kept on the axis."""
    part = (annee(d) - annees.start) / len(annees)
    return f"{100 * min(max(part, 0), 1):.2f}%"
