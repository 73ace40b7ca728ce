"""How things look: tokens of both modes, one style per status word, the plotly template, its French locale, the tiles' CSS.

Shape says status and never points anywhere: an arrow means a change. Each word has its own glyph, so that black and white, a
colour-blind eye and a screen reader lose nothing. Scale of the colours: blue is favourable, amber is watchfulness,
vermilion is late; the two ends (atteint, recul) are the furthest from the paper in each mode.

- `recul` is ■, the "stop" of every player, with a minus inside the marker: its avancement is negative. Not ◀ nor ▼, which point.
- `seuil_franchi` is ✕, a crossing, and `seuil_respecte` is ◉, a point kept inside its ring.
- `suivi` is a small dot, `non_evaluable` a question mark, `non_renseigne` the dash of an empty cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import plotly.graph_objects as go

from indicators.formats import FINE
from indicators.model import Statut, StatutAction, Verdict

Mode = Literal["light", "dark"]
FONTE = "'Source Sans', 'Segoe UI', Arial, sans-serif"


@dataclass(frozen=True)
class Ton:
    """Tokens of one mode: ink, secondary text, grid, papers, realised line, target line, bands, quiet marks."""

    encre: str
    gris: str
    grille: str
    fond: str
    fond2: str
    reel: str
    cible: str
    bande: str
    bord: str


TONS: dict[str, Ton] = {
    "light": Ton("#161D2B", "#4A5568", "#E3E7ED", "#FFFFFF", "#F3F5F9", "#1F4E9E", "#4A5568", "rgba(31,78,158,.13)", "#7C8695"),
    "dark": Ton("#E6EAF0", "#B5BFCD", "#2A3343", "#11161F", "#1B2230", "#7DB0F2", "#B5BFCD", "rgba(125,176,242,.18)", "#7E8999"),
}


@dataclass(frozen=True)
class Teinte:
    """Fill, text on that fill, and border of one status in one mode."""

    fond: str
    texte: str
    bord: str


@dataclass(frozen=True)
class Style:
    """Everything that a status word looks like.

    `glyphe` is for text, `symbole` (plotly) with `incruste` (a sign drawn inside it) and `taille` (px) for markers, `icone`
    (Material) and `badge` (a colour slot of the theme file, not a real colour) for pages.
    """

    glyphe: str
    symbole: str
    icone: str
    badge: str
    light: Teinte
    dark: Teinte
    incruste: str = ""
    taille: int = 14

    def teinte(self, mode: str) -> Teinte:
        return self.dark if mode == "dark" else self.light


_NUIT = "#11161F"
_MARINE = Teinte("#0B3A82", "#FFFFFF", "#0B3A82"), Teinte("#A9CCFF", _NUIT, "#A9CCFF")
_BLEU = Teinte("#2B76C6", "#FFFFFF", "#2B76C6"), Teinte("#4B93E6", _NUIT, "#4B93E6")
_AMBRE = Teinte("#F2B134", "#161D2B", "#9A6700"), Teinte("#F7C65B", _NUIT, "#F7C65B")
_VERMILLON = Teinte("#B5341B", "#FFFFFF", "#B5341B"), Teinte("#E8552F", _NUIT, "#E8552F")
_GRENAT = Teinte("#781B0B", "#FFFFFF", "#781B0B"), Teinte("#FFB09B", _NUIT, "#FFB09B")
_PALE = Teinte("#E8F1FB", "#17549A", "#2B76C6"), Teinte("#16273D", "#9CC4FA", "#4B93E6")
_GRIS = Teinte("#6B7686", "#FFFFFF", "#6B7686"), Teinte("#8C96A5", _NUIT, "#8C96A5")
_NEUTRE = Teinte("#EDF0F4", "#161D2B", "#6B7686"), Teinte("#232B39", "#E6EAF0", "#8C96A5")
_VIDE = Teinte("#FFFFFF", "#4A5568", "#6B7686"), Teinte(_NUIT, "#B5BFCD", "#8C96A5")

# Shades of a map, the lowest values first, by how many there are: violet, which no status wears.
NUANCES: dict[str, tuple[Teinte, ...]] = {
    "light": tuple(Teinte(f, t, "#6B5B8C") for f, t in (
        ("#EFE9F8", "#161D2B"), ("#CDBCE8", "#161D2B"), ("#7F5FB8", "#FFFFFF"), ("#44237D", "#FFFFFF"))),
    "dark": tuple(Teinte(f, t, "#A89CC4") for f, t in (
        ("#2A2042", "#E6EAF0"), ("#523C86", "#FFFFFF"), ("#9C81D6", "#11161F"), ("#DCCFF7", "#11161F"))),
}
NUANCE_VIDE: dict[str, Teinte] = {"light": _VIDE[0], "dark": _VIDE[1]}


STYLES_STATUT: dict[Statut, Style] = {
    Statut.ATTEINT: Style("✓", "circle", "check_circle", "green", *_MARINE, incruste="✓", taille=18),
    Statut.DANS_LES_TEMPS: Style("●", "circle", "radio_button_checked", "blue", *_BLEU),
    Statut.SEUIL_RESPECTE: Style("◉", "circle", "shield", "blue", *_BLEU, incruste="•", taille=16),
    Statut.RETARD_LEGER: Style("◆", "diamond", "visibility", "orange", *_AMBRE, taille=15),
    Statut.RETARD_FORT: Style("▲", "triangle-up", "warning", "red", *_VERMILLON, taille=18),
    Statut.RECUL: Style("■", "square", "indeterminate_check_box", "red", *_GRENAT, incruste="−", taille=16),
    Statut.SEUIL_FRANCHI: Style("✕", "x", "cancel", "red", *_VERMILLON),
    Statut.SUIVI: Style("•", "circle", "timeline", "gray", *_NEUTRE, taille=9),
    Statut.NON_EVALUABLE: Style("?", "circle", "help", "gray", *_GRIS, incruste="?", taille=16),
    Statut.NON_RENSEIGNE: Style("–", "line-ew-open", "horizontal_rule", "gray", *_VIDE),
}

STYLES_ACTION: dict[StatutAction, Style] = {
    StatutAction.NON_DEMARREE: Style("○", "circle-open", "hourglass_empty", "gray", *_NEUTRE),
    StatutAction.EN_COURS: Style("◔", "circle", "clock_loader_40", "blue", *_PALE),
    StatutAction.REALISEE: Style("✓", "circle", "check_circle", "green", *_MARINE, incruste="✓", taille=18),
    StatutAction.REPORTEE: Style("◷", "circle-open-dot", "schedule", "gray", *_NEUTRE),
    StatutAction.SUSPENDUE: Style("‖", "square-open", "pause_circle", "gray", *_NEUTRE),
    StatutAction.ABANDONNEE: Style("Ø", "circle-x-open", "block", "gray", *_NEUTRE),
    StatutAction.ECHEANCE_DEPASSEE: Style("!", "circle", "error", "red", *_VERMILLON, incruste="!", taille=16),
    StatutAction.NON_RENSEIGNEE: Style("–", "line-ew-open", "horizontal_rule", "gray", *_VIDE),
}

STYLES_VERDICT: dict[Verdict, Style] = {
    Verdict.ATTEINT: Style("✓", "circle", "check_circle", "green", *_MARINE, incruste="✓", taille=18),
    Verdict.PARTIELLEMENT_ATTEINT: Style("◑", "circle", "contrast", "orange", *_AMBRE, incruste="½", taille=18),
    Verdict.NON_ATTEINT: Style("□", "square", "check_box_outline_blank", "red", *_VERMILLON),
    Verdict.NON_EVALUABLE: Style("?", "circle", "help", "gray", *_GRIS, incruste="?", taille=16),
}


def style(mot: Statut | StatutAction | Verdict) -> Style:
    """Style of a status word; three tables, because members of two StrEnum with one slug are equal as keys."""
    match mot:
        case Statut():
            return STYLES_STATUT[mot]
        case StatutAction():
            return STYLES_ACTION[mot]
        case Verdict():
            return STYLES_VERDICT[mot]
    raise TypeError(f"no style for {mot!r}: give a member of Statut, StatutAction or Verdict")


def badge(mot: Statut | StatutAction | Verdict, texte: str | None = None) -> str:
    """Streamlit markdown badge of a status word, the only place that ties a status to a colour slot of the theme."""
    s = style(mot)
    return f":{s.badge}-badge[:material/{s.icone}: {mot.label if texte is None else texte}]"


def luminance(couleur: str) -> float:
    """Relative luminance (0 to 1) of a #RRGGBB colour, WCAG 2.2."""
    canaux = (int(couleur[k : k + 2], 16) / 255 for k in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contraste(a: str, b: str) -> float:
    """Contrast ratio (1 to 21) of two #RRGGBB colours, WCAG 2.2."""
    haut, bas = sorted((luminance(a), luminance(b)), reverse=True)
    return (haut + 0.05) / (bas + 0.05)


@cache
def modele(mode: str, echelle: float = 1.0) -> go.layout.Template:
    """Plotly template of a mode; `echelle` multiplies every text (COPIL: 1.32 to 1.45). Shared: never modify it."""
    t = TONS[mode]

    def px(n: float) -> int:
        return round(n * echelle)

    axe = dict(
        showline=False, zeroline=False, ticks="", gridcolor=t.grille, gridwidth=1, automargin=True, fixedrange=True,
        separatethousands=True, exponentformat="none", tickfont=dict(size=px(13), color=t.gris),
    )  # fmt: skip
    return go.layout.Template(
        layout=dict(
            font=dict(family=FONTE, size=px(14), color=t.encre),
            colorway=[t.reel],
            separators="," + FINE,
            paper_bgcolor=t.fond,  # opaque: a live switch of the system theme leaves a readable card
            plot_bgcolor="rgba(0,0,0,0)",
            xaxis=axe,
            yaxis=axe,
            showlegend=False,
            dragmode=False,
            hovermode="closest",
            margin=dict(l=8, r=8, t=8, b=8),
            hoverlabel=dict(
                bgcolor=t.fond,
                bordercolor=t.bord,
                align="left",
                namelength=0,
                font=dict(family=FONTE, size=px(14), color=t.encre),
            ),
            modebar=dict(bgcolor="rgba(0,0,0,0)", color=t.bord, activecolor=t.reel, orientation="h"),
        )
    )


# plotly.js ships English only in Streamlit's bundle, which forwards `config` untouched: months, signs and toolbar come from here.
LOCALE_FR: dict[str, dict] = {
    "fr": {
        "dictionary": {
            "Autoscale": "Échelle automatique",
            "Pan": "Déplacer",
            "Zoom": "Zoom",
            "Zoom in": "Zoom avant",
            "Zoom out": "Zoom arrière",
            "Reset": "Réinitialiser",
            "Reset axes": "Réinitialiser les axes",
            "Fullscreen": "Plein écran",
            "Close fullscreen": "Quitter le plein écran",
            "Double-click to zoom back out": "Double-cliquez pour revenir à la vue d’ensemble",
            "Download plot": "Télécharger l’image",
            "Download plot as a PNG": "Télécharger l’image (PNG)",
            "Download plot as a png": "Télécharger l’image (PNG)",
            # notices of plotly.js 4, then the same under their older names
            "Preparing image - this may take a few seconds": "Préparation de l’image…",
            "Image download succeeded": "Image enregistrée",
            "Sorry, there was a problem downloading your image!": "L’image n’a pas pu être enregistrée.",
            "Taking snapshot - this may take a few seconds": "Préparation de l’image…",
            "Snapshot succeeded": "Image enregistrée",
            "Sorry, there was a problem downloading your snapshot!": "L’image n’a pas pu être enregistrée.",
            "trace": "série",
            "new text": "texte",
        },
        "format": {
            "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
            "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
            "months": [
                "janvier", "février", "mars", "avril", "mai", "juin",
                "juillet", "août", "septembre", "octobre", "novembre", "décembre",
            ],
            "shortMonths": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
            "date": "%d/%m/%Y",
            "decimal": ",",
            "thousands": FINE,
            "grouping": [3],
            "year": "%Y",
            "month": "%b %Y",
            "dayMonth": "%-d %b",
            "dayMonthYear": "%-d %b %Y",
        },
    }
}  # fmt: skip

_RETIRES = [
    "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d", "select2d", "lasso2d", "toggleSpikelines",
]  # fmt: skip


def config_plotly(nom: str, tactile: bool = False) -> dict:
    """Config of one chart: French, image download named `nom`; no toolbar under a finger, where it covers the labels."""
    return {
        "locale": "fr",
        "locales": LOCALE_FR,
        "displaylogo": False,
        "responsive": True,
        "displayModeBar": False if tactile else "hover",
        "scrollZoom": False,
        "doubleClick": "reset",
        "modeBarButtonsToRemove": list(_RETIRES),
        "toImageButtonOptions": {"format": "png", "filename": nom, "width": 1280, "height": 640, "scale": 2},
    }


_CSS_COMMUN = """
[class*="st-key-tu_"]{border-radius:6px;padding:.6rem .65rem;min-height:6.1rem;gap:.25rem;justify-content:space-between;
  border:1.5px solid var(--bord);background:var(--fond)}
[class*="st-key-tu_"] :is(p,a,span){color:var(--texte)!important}
[class*="st-key-tu_"] a{padding:0!important;background:transparent!important}
[class*="st-key-tu_"] a p{white-space:normal!important;overflow:visible}
[class*="st-key-tu_"] a:hover p{text-decoration:underline}
[class*="st-key-tu_"] a:focus-visible{outline:2px solid var(--texte);outline-offset:2px}
[class*="st-key-tu_"] > :last-child p{line-height:1.25}
@media (min-width:641px) and (max-width:1500px){[class*="st-key-tu_"] > :last-child :is(p,strong){font-size:.875rem}}
@media print{[class*="st-key-tu_"],.tu{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


@cache
def CSS_TUILES(mode: str) -> str:
    """CSS (no <style> tag) of the tiles `tu_<slug>_…` and of the HTML cells `.tu.tu_<slug>`, in the fills of `mode`.

    Same table as the charts: one page never shows two colours for one status. The closing underscore of the selector keeps
    `non_renseigne` (indicator) apart from `non_renseignee` (action).
    """
    regles = [_CSS_COMMUN.strip()]
    for mot, s in (STYLES_STATUT | STYLES_ACTION).items():
        t = s.teinte(mode)
        regles.append(
            f'[class*="st-key-tu_{mot.value}_"],.tu.tu_{mot.value}{{--fond:{t.fond};--texte:{t.texte};--bord:{t.bord}}}'
        )
    regles.append(f":root{{--papier:{TONS[mode].fond};--reel:{TONS[mode].reel}}}")
    if mode == "dark":  # a chart is drawn for its mode: on white paper, its negative with the same hues
        regles.append("@media print{[data-testid=stPlotlyChart] .main-svg{filter:invert(1) hue-rotate(180deg)}}")
    regles.append(".tu{background:var(--fond);color:var(--texte);border:1px solid var(--bord)}")
    return "\n".join(regles)
