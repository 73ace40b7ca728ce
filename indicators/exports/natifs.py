"""Native charts of the slides: a person can open their data in PowerPoint and find the rows of the views, unrounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from indicators.charts.marks import SEUILS, annee, bornes_en_vigueur, fini, nom_date
from indicators.exports.contenu import clean
from indicators.exports.diapositives import TON, Boite, describe, rgb
from indicators.formats import FINE
from indicators.meetings.deck import LigneMontree
from indicators.model import INCERTAINS, RoleCible, Statut
from indicators.queries import Ligne
from indicators.sentences import describe_chemin
from indicators.theme import style

MARQUES = {
    Statut.ATTEINT: (XL_MARKER_STYLE.STAR, 12), Statut.DANS_LES_TEMPS: (XL_MARKER_STYLE.CIRCLE, 10),
    Statut.SEUIL_RESPECTE: (XL_MARKER_STYLE.CIRCLE, 10), Statut.RETARD_LEGER: (XL_MARKER_STYLE.DIAMOND, 12),
    Statut.RETARD_FORT: (XL_MARKER_STYLE.TRIANGLE, 12), Statut.RECUL: (XL_MARKER_STYLE.SQUARE, 11),
    Statut.SEUIL_FRANCHI: (XL_MARKER_STYLE.X, 11), Statut.SUIVI: (XL_MARKER_STYLE.CIRCLE, 7),
    Statut.NON_EVALUABLE: (XL_MARKER_STYLE.DASH, 9), Statut.NON_RENSEIGNE: (XL_MARKER_STYLE.DASH, 9),
}
ATTENDU, REALISE, REFERENCE = "Trajectoire attendue", "Réalisé", "Référence"
PARCOURU, PART_ATTENDUE = "Chemin parcouru", "Chemin attendu"


def list_series(x: LigneMontree) -> tuple[list[date], dict[str, list[float | None]]]:
    """Dates and series of a trajectory, in the line's unit: what is expected or the bounds, reference, realised, target."""
    li = x.ligne
    points = {p.fin: p for p in x.points}
    cibles = [c for c in x.cibles if c.role is not RoleCible.REFERENCE]
    dates = sorted({*points, *(c.date for c in cibles), *(d for d in (li.date_reference, li.date_cible) if d)})
    series: dict[str, list[float | None]] = {}
    if li.type_cible in SEUILS:
        for b in bornes_en_vigueur(li, x.cibles, annee(dates[0]), annee(dates[-1])) if dates else ():
            nom = "Au moins" if b.cote == "bas" else "Au plus"
            series[nom] = [next(y for bx, y in reversed(list(zip(b.xs, b.ys, strict=True))) if bx <= annee(d)) for d in dates]
    else:
        prevu = {d: p.attendu for d, p in points.items() if fini(p.attendu)}
        prevu |= {c.date: c.valeur for c in x.cibles if fini(c.valeur)}
        series[ATTENDU] = [prevu.get(d) for d in dates]
    if li.date_reference and fini(li.reference):
        series[REFERENCE] = [li.reference if d == li.date_reference else None for d in dates]
    series[REALISE] = [points[d].valeur if d in points else None for d in dates]
    if li.date_cible and fini(li.cible) and li.type_cible not in SEUILS:
        series[f"Cible {nom_date(li.date_cible)}"] = [li.cible if d == li.date_cible else None for d in dates]
    return dates, {nom: valeurs for nom, valeurs in series.items() if any(v is not None for v in valeurs)}


def add_trajectoire(diapo: Slide, x: LigneMontree, b: Boite) -> bool:
    """The trajectory of a line as a native chart; False when it has neither value nor target to draw."""
    dates, series = list_series(x)
    if not series:
        return False
    forme = _write_format(x.ligne)
    donnees = CategoryChartData(number_format=forme)
    donnees.categories = dates
    for nom, valeurs in series.items():
        donnees.add_series(nom, valeurs)
    chart = _add_chart(diapo, XL_CHART_TYPE.LINE_MARKERS, b, donnees, f"Trajectoire de {x.ligne.indicateur}", x.lecture)
    _set_axes(chart, forme, "yyyy")
    chart.font.size = Pt(14)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _set_blancs(chart, "span" if _jalon_hors_periode(dates, x) else "gap")
    for serie in chart.plots[0].series:
        _style_serie(serie, x, dates, forme)
    return True


def _jalon_hors_periode(dates: Sequence[date], x: LigneMontree) -> bool:
    """Is there between two values a date that only the target knows? The realised line must then pass over it."""
    connues = [p.fin for p in x.points if fini(p.valeur)]
    mesurees = {p.fin for p in x.points}
    return bool(connues) and any(connues[0] < d < connues[-1] and d not in mesurees for d in dates)


def _style_serie(serie: Any, x: LigneMontree, dates: Sequence[date], forme: str) -> None:
    serie.smooth = False
    valeurs = list(serie.values)
    dernier = max((k for k, v in enumerate(valeurs) if v is not None), default=0)
    ligne, marque = serie.format.line, serie.marker
    if serie.name == REALISE:
        ligne.width, ligne.color.rgb = Pt(3), rgb(TON.reel)
        points = {p.fin: p for p in x.points}
        for k, d in enumerate(dates):
            if valeurs[k] is not None:
                point = serie.points[k]
                point.format.line.width, point.format.line.color.rgb = Pt(3), rgb(TON.reel)  # else its segment loses it
                _style_point(point.marker, points[d].statut, points[d].etat in INCERTAINS)
        _label(serie, dernier, forme, TON.reel, _cote_libre(x), 16)
    elif serie.name == REFERENCE:
        ligne.fill.background()
        marque.style, marque.size = XL_MARKER_STYLE.SQUARE, 9
        _fill(marque, TON.bord, TON.bord)
        _label(serie, dernier, forme, TON.gris, XL_LABEL_POSITION.ABOVE, 13)
    elif serie.name.startswith("Cible"):
        ligne.fill.background()
        marque.style, marque.size = XL_MARKER_STYLE.DIAMOND, 12
        _fill(marque, TON.encre, TON.encre)
        _label(serie, dernier, forme, TON.encre, XL_LABEL_POSITION.ABOVE, 14)
    else:
        ligne.width, ligne.color.rgb, ligne.dash_style = Pt(1.75), rgb(TON.cible), MSO_LINE.DASH
        marque.style = XL_MARKER_STYLE.NONE
        if serie.name != ATTENDU:
            _label(serie, dernier, forme, TON.encre, XL_LABEL_POSITION.ABOVE, 14)


def _style_point(marque: Any, statut: Statut | None, incertain: bool) -> None:
    if statut is None or statut is Statut.SUIVI:
        marque.style, marque.size = XL_MARKER_STYLE.CIRCLE, 7
        _fill(marque, TON.fond if incertain else TON.reel, TON.reel)
        return
    marque.style, marque.size = MARQUES[statut]
    teinte = style(statut).light
    _fill(marque, TON.fond if incertain else teinte.fond, teinte.bord)


def _cote_libre(x: LigneMontree) -> Any:
    """The label of the last value stands on the side away from the expected one."""
    li = x.ligne
    dessous = li.realise is not None and li.attendu is not None and li.realise < li.attendu
    return XL_LABEL_POSITION.BELOW if dessous else XL_LABEL_POSITION.ABOVE


def _label(serie: Any, k: int, forme: str, couleur: str, cote: Any, taille: int) -> None:
    """The value of one point, taken from the data so that it follows when a person edits them."""
    etiquettes = serie.points[k].data_label
    etiquettes.position = cote
    etiquettes.font.size, etiquettes.font.bold = Pt(taille), True
    etiquettes.font.color.rgb = rgb(couleur)
    dlbl = etiquettes._dLbl
    for nom, montre in (("showLegendKey", "0"), ("showVal", "1"), ("showCatName", "0"), ("showSerName", "0")):
        dlbl.find(qn(f"c:{nom}")).set("val", montre)
    format_nombre = dlbl.makeelement(qn("c:numFmt"), {"formatCode": forme, "sourceLinked": "0"})
    dlbl.find(qn("c:idx")).addnext(format_nombre)


def add_comptes(diapo: Slide, lignes: Sequence[Ligne], b: Boite, titre: str) -> None:
    """How many indicators have each status: one bar a word, its shape beside it."""
    comptes = Counter(x.statut for x in lignes)
    presents = [s for s in Statut if comptes[s]]
    donnees = CategoryChartData(number_format="0")
    donnees.categories = [f"{style(s).glyphe} {s.label}" for s in presents]
    donnees.add_series("Indicateurs", [comptes[s] for s in presents])
    dit = ", ".join(f"{s.label.lower()} {comptes[s]}" for s in presents)
    chart = _add_chart(diapo, XL_CHART_TYPE.BAR_CLUSTERED, b, donnees, titre, f"{titre}{FINE}: {dit}.")
    serie = _style_barres(chart, 16, "0")
    for k, s in enumerate(presents):
        _fill_barre(serie, k, s)


def add_chemin(diapo: Slide, lignes: Sequence[LigneMontree], b: Boite) -> None:
    """Share of the path covered by each line and share expected, 0 at the reference and 100 % at the target."""
    donnees = CategoryChartData(number_format="0%")
    donnees.categories = [clean(f"{style(x.ligne.statut).glyphe} {x.mot} · {x.ligne.indicateur} "
                                f"{x.ligne.libelle_court or x.ligne.intitule}") for x in lignes]
    donnees.add_series(PARCOURU, [x.ligne.avancement for x in lignes])
    donnees.add_series(PART_ATTENDUE, [x.ligne.part_attendue for x in lignes])
    chart = _add_chart(diapo, XL_CHART_TYPE.BAR_CLUSTERED, b, donnees, PARCOURU, describe_chemin([x.ligne for x in lignes]))
    serie = _style_barres(chart, 13, f'0"{FINE}%"')
    parts = [x.ligne.avancement for x in lignes] + [x.ligne.part_attendue or 0 for x in lignes]
    axe = chart.value_axis
    axe.minimum_scale, axe.maximum_scale = max(-0.5, min(0.0, *parts)) * 1.2, min(1.5, max(1.0, *parts)) * 1.1
    for k, x in enumerate(lignes):
        _fill_barre(serie, k, x.ligne.statut)
    attendus = chart.plots[0].series[1]
    _fill(attendus, TON.grille, TON.bord)
    chart.plots[0].gap_width, chart.plots[0].overlap = 60, 0
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False


def _add_chart(diapo: Slide, genre: Any, b: Boite, donnees: Any, nom: str, lecture: str) -> Any:
    cadre = diapo.shapes.add_chart(genre, Pt(b.x), Pt(b.y), Pt(b.l), Pt(b.h), donnees)
    cadre.name = clean(nom)
    describe(cadre, lecture)
    chart = cadre.chart
    chart.has_title = False
    chart.font.color.rgb = rgb(TON.gris)
    for fin in chart._chartSpace.iter(qn("a:endParaRPr")):
        fin.set("lang", "fr-FR")
    racine = chart._chartSpace
    langue = racine.makeelement(qn("c:lang"), {"val": "fr-FR"})
    (racine.find(qn("c:date1904")) if racine.find(qn("c:date1904")) is not None else racine[0]).addnext(langue)
    return chart


def _set_axes(chart: Any, forme: str, forme_dates: str) -> None:
    valeurs, temps = chart.value_axis, chart.category_axis
    valeurs.major_gridlines.format.line.color.rgb = rgb(TON.grille)
    valeurs.format.line.fill.background()
    valeurs.major_tick_mark = temps.major_tick_mark = XL_TICK_MARK.NONE
    valeurs.tick_labels.number_format, valeurs.tick_labels.number_format_is_linked = forme, False
    temps.tick_labels.number_format, temps.tick_labels.number_format_is_linked = forme_dates, False
    temps.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    temps.format.line.color.rgb = rgb(TON.bord)
    dernier = temps._element.find(qn("c:baseTimeUnit"))
    for nom, valeur in (("c:majorTimeUnit", "years"), ("c:majorUnit", "1")):
        dernier.addnext(dernier.makeelement(qn(nom), {"val": valeur}))


def _style_barres(chart: Any, taille: int, forme: str) -> Any:
    chart.has_legend = False
    chart.font.size = Pt(taille)
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    axe = chart.category_axis
    axe.reverse_order = True
    axe.major_tick_mark = XL_TICK_MARK.NONE
    axe.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axe.format.line.color.rgb = rgb(TON.bord)
    axe.tick_labels.font.color.rgb = rgb(TON.encre)
    axe.tick_labels.font.size = Pt(taille)
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories = 40, False
    plot.has_data_labels = True
    plot.data_labels.show_value = True
    plot.data_labels.number_format, plot.data_labels.number_format_is_linked = forme, False
    plot.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END
    plot.data_labels.font.size, plot.data_labels.font.bold = Pt(taille), True
    plot.data_labels.font.color.rgb = rgb(TON.encre)
    return plot.series[0]


def _set_blancs(chart: Any, comment: str) -> None:
    racine = chart._chartSpace.chart
    blancs = racine.find(qn("c:dispBlanksAs"))
    if blancs is None:
        blancs = racine.makeelement(qn("c:dispBlanksAs"), {})
        racine.find(qn("c:plotVisOnly")).addnext(blancs)
    blancs.set("val", comment)


def _fill(objet: Any, fond: str, bord: str) -> None:
    objet.format.fill.solid()
    objet.format.fill.fore_color.rgb = rgb(fond)
    objet.format.line.color.rgb = rgb(bord)


def _fill_barre(serie: Any, k: int, statut: Statut) -> None:
    """One bar in the colour of its status, below zero too: PowerPoint would empty it."""
    _fill(serie.points[k], style(statut).light.fond, style(statut).light.bord)
    rang = next(i for i in serie._element.iter(qn("c:idx")) if i.getparent().tag == qn("c:dPt") and i.get("val") == str(k))
    rang.addnext(rang.makeelement(qn("c:invertIfNegative"), {"val": "0"}))


def _write_format(ligne: Ligne) -> str:
    """Number format of a unit; the decimal mark is that of the reader's office software."""
    nombre = "#,##0" + ("." + "0" * ligne.decimales if ligne.decimales else "")
    signe = ligne.unite if ligne.unite in ("%", "‰", "€") else ""
    return f'{nombre}"{FINE}{signe}"' if signe else nombre
