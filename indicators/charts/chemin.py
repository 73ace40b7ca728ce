"""Path covered by each line from its reference to its target, on one common scale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from indicators.charts.marks import BULLE, Ecran, Plume, fini, nom_date, texte_sur
from indicators.formats import FINE, format_date, format_nombre, participe
from indicators.model import Provenance
from indicators.queries import Ligne
from indicators.theme import modele, style

Note = dict[str, Any]
GAUCHE, DROITE = -0.085, 1.085
MINIMUM, MAXIMUM = -0.08, 1.08  # bars are clipped there


def build_chemin(lignes: Sequence[Ligne], mode: str, etroit: bool = False) -> go.Figure:
    """Path covered by each line whose `avancement` is known: 0 the reference, 1 the target, a tick at `part_attendue`.

    Bars are clipped at -8 % and +108 % and say what is hidden. Lines without avancement are left out: the caller counts them.
    """
    ecran, lignes = Ecran(mode, etroit), [x for x in lignes if fini(x.avancement)]
    n, pas = len(lignes), 92 if etroit else 66
    notes = [note for y, x in zip(reversed(range(n)), lignes, strict=True) for note in _note_ligne(x, y, ecran)]
    if not lignes:
        vide = dict(x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
        notes = [vide | dict(text="Aucun chemin à mesurer", font_color=ecran.ton.gris)]
    parts = (0, 0.5, 1) if etroit else (0, 0.25, 0.5, 0.75, 1)
    debut = _name_bout("Réf.", "Référence", {x.date_reference for x in lignes}, etroit)
    fin = _name_bout("Cible", "Cible", {x.date_cible for x in lignes}, etroit)
    return go.Figure(
        data=_build_traces(lignes, ecran, 14 / pas) if lignes else [],
        layout=dict(
            template=modele(mode), height=pas * max(n, 1) + (54 if etroit else 40), barmode="overlay", annotations=notes,
            margin=dict(l=6, r=6, t=4, b=44 if etroit else 30),
            xaxis=dict(range=[GAUCHE, DROITE], tickvals=parts, automargin=False, ticklabeloverflow="allow",
                       ticktext=[debut, *(format_nombre(100 * p, 0, "%") for p in parts[1:-1]), fin]),
            yaxis=dict(visible=False, range=[-0.45, max(n, 1) - (0.1 if etroit else 0.3)]),
        ),
    )  # fmt: skip


def _build_traces(lignes: Sequence[Ligne], ecran: Ecran, epaisseur: float) -> list[dict[str, Any]]:
    """Track, bars, end of the track over the bars that pass it, expected ticks with a halo."""
    t, ys = ecran.ton, list(reversed(range(len(lignes))))
    barres = [_clip(x.avancement) for x in lignes]
    teintes = [style(x.statut).teinte(ecran.mode) for x in lignes]
    barre = dict(type="bar", orientation="h", y=ys, width=epaisseur)
    piste = barre | dict(x=[1] * len(lignes), marker=dict(color=t.grille, line_width=0), hoverinfo="skip")
    chemin = barre | dict(
        x=barres, customdata=[_describe(x) for x in lignes], hovertemplate=BULLE,
        marker=dict(color=[c.fond for c in teintes], line=dict(width=1, color=[c.bord for c in teintes]),
                    pattern=dict(shape=["/" if x.provisoire else "" for x in lignes], fgcolor=t.fond, fillmode="overlay",
                                 size=7, solidity=0.3)),
    )  # fmt: skip
    depasse = [y for y, b in zip(ys, barres, strict=True) if b > 1.004]
    dus = [(_clip(x.part_attendue), y) for y, x in zip(ys, lignes, strict=True) if fini(x.part_attendue)]
    xs_dus, ys_dus = [p for p, _ in dus], [y for _, y in dus]
    return [
        piste,
        chemin,
        _trace_crans([1] * len(depasse), depasse, 10, 2, t.fond),
        _trace_crans(xs_dus, ys_dus, 15, 6, t.fond),
        _trace_crans(xs_dus, ys_dus, 15, 3, t.encre),
    ]


def _trace_crans(xs: Sequence[float], ys: Sequence[int], taille: int, trait: int, couleur: str) -> dict[str, Any]:
    marque = dict(symbol="line-ns", size=taille, opacity=1, line=dict(color=couleur, width=trait))
    return dict(type="scatter", mode="markers", hoverinfo="skip", x=xs, y=ys, marker=marque)


def _clip(part: float) -> float:
    return max(MINIMUM, min(MAXIMUM, part))


def _note_ligne(x: Ligne, y: int, ecran: Ecran) -> list[Note]:
    """Above the bar its code, its name and where it stands; below it what the clipped bar hides."""
    phrase = _phrase_statut(x)
    nom = x.libelle_court or x.intitule
    code = f"<span style='color:{ecran.ton.gris}'>{texte_sur(x.indicateur, 12)}</span>{FINE} "
    dessus = dict(y=y, xref="x", showarrow=False, yanchor="bottom", align="left", yshift=11)
    if ecran.etroit:
        coupe = wrap(nom, 38, max_lines=2, placeholder="…") or [""]
        texte = f"{code}{'<br>'.join(map(escape, coupe))}<br>{phrase}"
        notes = [dessus | dict(x=GAUCHE, xanchor="left", text=texte, font_size=13)]
    else:
        libre = 104 - len(x.statut.label) - len(_phrase(x).replace("<b>", "").replace("</b>", ""))
        notes = [
            dessus | dict(x=0, xanchor="left", text=code + texte_sur(nom, max(24, libre))),
            dessus | dict(x=1, xanchor="right", text=phrase),
        ]
    dessous = dict(y=y, xref="x", showarrow=False, yanchor="top", yshift=-9, font=dict(size=12, color=ecran.ton.gris))
    if x.avancement < MINIMUM:
        notes.append(dessous | dict(x=GAUCHE, xanchor="left", text=f"◀ recul{FINE}: {_part(x.avancement)}"))
    elif x.avancement > MAXIMUM:
        notes.append(dessous | dict(x=DROITE, xanchor="right", text=f"{_part(x.avancement)} du chemin ▶"))
    return notes


def _describe(x: Ligne) -> str:
    """Hover of one bar."""
    attendus = ""
    if fini(x.part_attendue):
        attendus = f", {_part(x.part_attendue)} {participe(x.part_attendue * 100, 'attendu', '%')}"
    lignes = [
        f"<b>{texte_sur(x.indicateur)} {'<br>'.join(map(escape, wrap(x.intitule, 60)))}</b>",
        _phrase_statut(x),
        f"{_part(x.avancement)} du chemin parcouru{attendus}",
    ]
    if x.date_realise:
        lignes.append(f"Valeur au {format_date(x.date_realise)}" + (" (provisoire)" if x.provisoire else ""))
    if x.provenance is Provenance.ILLUSTRATIF:
        lignes.append(x.provenance.label)
    return "<br>".join(lignes)


def _phrase_statut(x: Ligne) -> str:
    return f"{style(x.statut).glyphe} <b>{x.statut.label}</b> · {_phrase(x)}"


def _phrase(x: Ligne) -> str:
    """« 655 pour 800 visés »: for a falling line too, where « sur » would be false."""
    plume = Plume.de(x)
    if plume.oui_non:
        return plume(x.realise)
    but = escape(format_nombre(x.cible, x.decimales, plume.signe))
    return f"<b>{plume(x.realise, plume.longue)}</b> pour {but} {participe(x.cible, 'visé', x.unite, x.decimales)}"


def _part(part: float) -> str:
    return escape(format_nombre(part * 100, 0, "%"))


def _name_bout(court: str, seul: str, dates: set[date | None], etroit: bool) -> str:
    """Name of one end of the scale, with its date when all the lines share it."""
    commune = next(iter(dates)) if len(dates) == 1 else None
    nom = f"{court} {nom_date(commune)}" if commune else seul
    return nom.replace(" ", "<br>") if etroit else nom
