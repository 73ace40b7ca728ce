"""A figure of `indicators.charts` as SVG, for paper: the same traces, labels and places as on the screen, without a browser.

It knows what our figures are made of and nothing more: scatter and horizontal bars on plain axes, annotations, shapes. Anything
else raises instead of leaving a hole.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import plotly.graph_objects as go

from indicators.theme import TONS

TON = TONS["light"]
POLICE = "Schema Sans"
INTERLIGNE = 1.3
_BALISE = re.compile(r"(<[^>]*>)")
_TIRETS = {"dot": "2 4", "dash": "6 4"}
_ANCRES = {"left": "start", "center": "middle", "right": "end", "auto": "middle"}


class _Repere(NamedTuple):
    """From data to pixels, inside the margins."""

    x0: float
    x1: float
    y0: float
    y1: float
    gauche: float
    haut: float
    largeur: float
    hauteur: float
    domaine: tuple[float, float]

    def x(self, v: float, ref: str = "x") -> float:
        if ref == "paper":
            return self.gauche + v * self.largeur
        debut, fin = (self.gauche + self.largeur * d for d in self.domaine)
        part = v if ref == "x domain" else (v - self.x0) / (self.x1 - self.x0)
        return debut + part * (fin - debut)

    def y(self, v: float, ref: str = "y") -> float:
        part = v if ref in ("paper", "y domain") else (v - self.y0) / (self.y1 - self.y0)
        return self.haut + (1 - part) * self.hauteur


def render_svg(figure: go.Figure, largeur: float = 900) -> str:
    """The figure as an SVG document `largeur` px wide and as high as its layout says, in light mode."""
    dessin = figure.to_plotly_json()
    trace = dessin["layout"]
    hauteur, marge = trace["height"], trace["margin"]
    axe_x, axe_y = trace["xaxis"], trace["yaxis"]
    r = _Repere(*axe_x["range"], *axe_y["range"], marge["l"], marge["t"], largeur - marge["l"] - marge["r"],
                hauteur - marge["t"] - marge["b"], tuple(axe_x.get("domain", (0, 1))))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(largeur)} {_n(hauteur)}" '
             f"font-family={quoteattr(POLICE)}>"]
    parts += [_shape(s, r) for s in trace.get("shapes", ()) if s.get("layer") == "below"]
    parts += _axes(axe_x, axe_y, r)
    for k, t in enumerate(dessin["data"]):
        parts += _bars(t, r, k) if t["type"] == "bar" else _scatter(t, r)
    parts += [_shape(s, r) for s in trace.get("shapes", ()) if s.get("layer") != "below"]
    parts += [_annotation(a, r) for a in trace.get("annotations", ())]
    return "".join(parts) + "</svg>"


def _n(v: float) -> str:
    return f"{v:.2f}".rstrip("0").rstrip(".")


def _color(couleur: str) -> str:
    """Fill or stroke with its opacity apart, as SVG 1.1 wants it: `#RRGGBB` or `rgba(r,g,b,a)`."""
    if couleur.startswith("rgba("):
        *rvb, alpha = couleur[5:-1].split(",")
        return f'"rgb({",".join(rvb)})" fill-opacity="{float(alpha):g}"'
    return quoteattr(couleur)


def _axes(axe_x: dict[str, Any], axe_y: dict[str, Any], r: _Repere) -> list[str]:
    parts = []
    grille = f'stroke="{TON.grille}" stroke-width="1"'
    if axe_y.get("visible", True):
        for v, texte in zip(axe_y["tickvals"], axe_y["ticktext"], strict=True):
            y = r.y(v)
            parts.append(f'<path d="M{_n(r.gauche)} {_n(y)}H{_n(r.gauche + r.largeur)}" {grille}/>')
            parts.append(_text(texte, r.gauche - 6, y, 13, TON.gris, "right", "middle"))
    police = axe_x.get("tickfont", {})
    for v, texte in zip(axe_x["tickvals"], axe_x["ticktext"], strict=True):
        x = r.x(v)
        if axe_x.get("showgrid", True):
            parts.append(f'<path d="M{_n(x)} {_n(r.haut)}v{_n(r.hauteur)}" {grille}/>')
        ancre = "left" if x < r.gauche + 30 and not axe_y.get("visible", True) else "center"
        if not axe_y.get("visible", True) and x > r.gauche + r.largeur - 90:
            ancre = "right"
        bord = {"left": r.gauche, "right": r.gauche + r.largeur}.get(ancre, x)
        bas = r.haut + r.hauteur + 6
        parts.append(_text(texte, bord, bas, police.get("size", 13), police.get("color", TON.gris), ancre, "top"))
    return parts


def _shape(s: dict[str, Any], r: _Repere) -> str:
    xa, xb = (r.x(s[k], s.get("xref", "x")) for k in ("x0", "x1"))
    ya, yb = (r.y(s[k], s.get("yref", "y")) for k in ("y0", "y1"))
    trait = s.get("line", {})
    if s["type"] == "rect":
        return (f'<rect x="{_n(min(xa, xb))}" y="{_n(min(ya, yb))}" width="{_n(abs(xb - xa))}" height="{_n(abs(yb - ya))}" '
                f'fill={_color(s["fillcolor"])}/>')
    if s["type"] == "line":
        return f'<path d="M{_n(xa)} {_n(ya)}L{_n(xb)} {_n(yb)}" {_stroke(trait)}/>'
    raise ValueError(f"shape {s['type']}")


def _stroke(trait: dict[str, Any]) -> str:
    tirets = trait.get("dash", "solid")
    valeurs = _TIRETS.get(tirets) or (tirets.replace("px", "").replace(",", " ") if tirets != "solid" else "")
    pointille = f' stroke-dasharray="{valeurs}"' if valeurs else ""
    return f'fill="none" stroke={quoteattr(trait["color"])} stroke-width="{trait.get("width", 2):g}"{pointille}'


def _scatter(t: dict[str, Any], r: _Repere) -> list[str]:
    if t["type"] != "scatter":
        raise ValueError(f"trace {t['type']}")
    parts, xs, ys = [], t["x"], t["y"]
    if t.get("fill") == "toself":
        points = " ".join(f"{_n(r.x(x))},{_n(r.y(y))}" for x, y in zip(xs, ys, strict=True))
        opacite = f' opacity="{t["opacity"]:g}"' if "opacity" in t else ""
        return [f'<polygon points="{points}" fill={_color(t["fillcolor"])}{opacite}/>']
    if "lines" in t["mode"]:
        chemin = _path(xs, ys, r, t["line"].get("shape") == "hv")
        parts.append(f'<path d="{chemin}" stroke-linejoin="round" {_stroke(t["line"])}/>')
    if "markers" in t["mode"]:
        parts += _markers(t, r)
    return parts


def _path(xs: Sequence[float | None], ys: Sequence[float | None], r: _Repere, marches: bool) -> str:
    chemin, leve = "", True
    for x, y in zip(xs, ys, strict=True):
        if x is None or y is None or not math.isfinite(y):
            leve = True
            continue
        debut = "M" if leve else f"H{_n(r.x(x))}L" if marches else "L"
        chemin += f"{debut}{_n(r.x(x))} {_n(r.y(y))}"
        leve = False
    return chemin


def _each(valeur: Any, n: int) -> list[Any]:
    """A property given once, or one for each point."""
    return list(valeur) if isinstance(valeur, list | tuple) else [valeur] * n


def _markers(t: dict[str, Any], r: _Repere) -> Iterator[str]:
    m, n = t["marker"], len(t["x"])
    bord = m.get("line", {})
    textes, police = t.get("text") or [""] * n, t.get("textfont", {})
    colonnes = (t["x"], t["y"], _each(m.get("symbol", "circle"), n), _each(m["size"], n), _each(m.get("color", TON.encre), n),
                _each(bord.get("width", 0), n), _each(bord.get("color", TON.encre), n), textes,
                _each(police.get("size", 11), n), _each(police.get("color", TON.encre), n))
    for x, y, symbole, taille, fond, trait, couleur, texte, corps, encre in zip(*colonnes, strict=True):
        if x is None or y is None or not taille:
            continue
        cx, cy = r.x(x), r.y(y)
        yield draw_symbole(symbole, cx, cy, taille, fond, couleur, trait)
        if texte:
            yield _text(texte, cx, cy, corps, encre, "center", "middle")


def draw_symbole(symbole: str, x: float, y: float, taille: float, fond: str, bord: str, trait: float) -> str:
    """One marker of plotly's names, centred on (x, y), `taille` px wide."""
    s = taille / 2
    ici = f"M{_n(x)} {_n(y)}"
    if symbole in ("line-ew-open", "line-ns"):
        axe = f"m{_n(-s)} 0h{_n(2 * s)}" if symbole == "line-ew-open" else f"m0 {_n(-s)}v{_n(2 * s)}"
        couleur = fond if symbole == "line-ew-open" else bord
        return f'<path d="{ici}{axe}" stroke={quoteattr(couleur if trait else bord)} stroke-width="{max(trait, 1.5):g}"/>'
    if symbole == "x":
        croix = f"m{_n(-s)} {_n(-s)}l{_n(2 * s)} {_n(2 * s)}m{_n(-2 * s)} 0l{_n(2 * s)} {_n(-2 * s)}"
        return f'<path d="{ici}{croix}" stroke={quoteattr(bord)} stroke-width="{_n(s * 0.75)}"/>'
    formes = {
        "square": f"m{_n(-s)} {_n(-s)}h{_n(2 * s)}v{_n(2 * s)}h{_n(-2 * s)}z",
        "diamond": f"m0 {_n(-1.3 * s)}l{_n(1.3 * s)} {_n(1.3 * s)}l{_n(-1.3 * s)} {_n(1.3 * s)}l{_n(-1.3 * s)} {_n(-1.3 * s)}z",
        "triangle-up": f"m0 {_n(-1.2 * s)}l{_n(1.15 * s)} {_n(1.9 * s)}h{_n(-2.3 * s)}z",
    }
    contour = f'stroke={quoteattr(bord)} stroke-width="{trait:g}"' if trait else ""
    if symbole == "circle":
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(s)}" fill={quoteattr(fond)} {contour}/>'
    if symbole not in formes:
        raise ValueError(f"marker {symbole}")
    return f'<path d="{ici}{formes[symbole]}" fill={quoteattr(fond)} {contour}/>'


def _bars(t: dict[str, Any], r: _Repere, rang: int) -> Iterator[str]:
    m, n = t["marker"], len(t["x"])
    epaisseur = abs(r.y(t["width"]) - r.y(0))
    motif = m.get("pattern", {})
    hachures = _each(motif.get("shape", ""), n)
    if any(hachures):
        yield (f'<defs><pattern id="h{rang}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
               f'<path d="M0 0V7" stroke="{TON.fond}" stroke-width="4"/></pattern></defs>')
    bord = m.get("line", {})
    contours = zip(_each(m["color"], n), _each(bord.get("color", TON.fond), n), hachures, strict=True)
    for x, y, (fond, couleur, hachure) in zip(t["x"], t["y"], contours, strict=True):
        gauche, droite = sorted((r.x(0), r.x(x)))
        boite = (f'x="{_n(gauche)}" y="{_n(r.y(y) - epaisseur / 2)}" width="{_n(max(droite - gauche, 0.5))}" '
                 f'height="{_n(epaisseur)}"')
        yield f"<rect {boite} fill={quoteattr(fond)}/>"
        if hachure:
            yield f'<rect {boite} fill="url(#h{rang})"/>'
        if bord.get("width"):
            yield f'<rect {boite} fill="none" stroke={quoteattr(couleur)} stroke-width="{bord["width"]:g}"/>'


def _annotation(a: dict[str, Any], r: _Repere) -> str:
    police = a.get("font", {})
    x = r.x(a["x"], a.get("xref", "x")) + a.get("xshift", 0)
    y = r.y(a["y"], a.get("yref", "y")) - a.get("yshift", 0)
    ancre_y = a.get("yanchor", "middle")
    return _text(a["text"], x, y, police.get("size", 14), police.get("color", TON.encre), a.get("xanchor", "center"),
                 "middle" if ancre_y == "auto" else ancre_y)


def _text(texte: str, x: float, y: float, taille: float, couleur: str, ancre_x: str, ancre_y: str) -> str:
    """Text in plotly's small HTML (b, br, span with colour or size), anchored as plotly anchors it."""
    lignes = texte.split("<br>")
    pas = INTERLIGNE * taille
    haut = y - {"top": 0.0, "middle": 0.5, "bottom": 1.0}[ancre_y] * pas * len(lignes)
    return "".join(
        f'<text xml:space="preserve" x="{_n(x)}" y="{_n(haut + (k + 0.5) * pas + 0.34 * taille)}" font-size="{taille:g}" '
        f'fill={quoteattr(couleur)} text-anchor="{_ANCRES[ancre_x]}">{_spans(ligne, taille)}</text>'
        for k, ligne in enumerate(lignes) if ligne)


def _spans(ligne: str, taille: float) -> str:
    """One line of that HTML as tspans."""
    sortie, ouverts = "", []
    for bout in _BALISE.split(ligne):
        if bout.startswith("</"):
            ouverts.pop()
        elif bout.startswith("<"):
            attributs = ' font-weight="700"' if bout.startswith("<b") else ""
            if couleur := re.search(r"color:\s*(#[0-9A-Fa-f]{6})", bout):
                attributs += f' fill="{couleur[1]}"'
            if corps := re.search(r"font-size:\s*([\d.]+)em", bout):
                attributs += f' font-size="{float(corps[1]) * taille:g}"'
            ouverts.append(attributs)
        elif bout:
            uniques = {a.split("=")[0]: a for groupe in ouverts for a in re.findall(r' [a-z-]+="[^"]*"', groupe)}
            sortie += f"<tspan{''.join(uniques.values())}>{escape(html.unescape(bout))}</tspan>"
    return sortie
