"""Values in a trajectory: what is drawn, the span of the vertical axis, its round ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from indicators.charts.marks import SEUILS, Borne, Plume, annee, bornes_en_vigueur, fini, texte_sur
from indicators.charts.temps import Fenetre
from indicators.formats import decimales_utiles, format_nombre
from indicators.model import TypeCible
from indicators.queries import Cible, Ligne, Point

ELARGISSEMENT = 1.5  # how much context (earlier years, comparisons, trend band) may stretch the plan's own span


@dataclass(frozen=True)
class Comparaison:
    """Another territory whose values fit in the frame, and its last known point."""

    nom: str
    serie: tuple[Point, ...]
    dernier: Point
    valeur: float


@dataclass(frozen=True)
class Valeurs:
    """What stands against the values, the frame [y0, y1], its ticks as written, and what had to stay out of it.

    `dehors` are the values from before the plan that the frame would cut.
    """

    chemin: tuple[Cible, ...]
    bornes: list[Borne]
    tendance: float | None
    autres: tuple[Comparaison, ...]
    dehors: tuple[Point, ...]
    remarques: tuple[str, ...]
    y0: float
    y1: float
    crans: list[float]
    ecrits: list[str]


def graduations(bas: float, haut: float, maximum: int = 5) -> list[float]:
    """Round values inside [bas, haut], at most `maximum`, in the steps 1, 2, 2.5 or 5."""
    etendue = haut - bas
    if not math.isfinite(etendue) or etendue <= 0:
        return []
    puissance = 10.0 ** math.floor(math.log10(etendue / maximum))
    for pas in (puissance * k for k in (1, 2, 2.5, 5, 10, 20)):
        premier, dernier = math.ceil(bas / pas - 1e-9), math.floor(haut / pas + 1e-9)
        if dernier - premier < maximum:
            return [k * pas for k in range(premier, dernier + 1)]
    return []


def cadrer_valeurs(
    ligne: Ligne,
    plume: Plume,
    fenetre: Fenetre,
    cibles: Sequence[Cible],
    comparaisons: Sequence[tuple[str, Sequence[Point]]],
) -> Valeurs:
    """The plan's own values first, then trend band, earlier years and comparisons within `ELARGISSEMENT`."""
    jalonnee = ligne.type_cible in (TypeCible.ATTEINDRE, TypeCible.REALISER)
    chemin = sorted((c for c in cibles if jalonnee and fini(c.valeur)), key=lambda c: c.date)
    bornes = bornes_en_vigueur(ligne, cibles, fenetre.x_ref, fenetre.x_fin) if ligne.type_cible in SEUILS else []
    a_venir = fenetre.dernier is not None and fenetre.x_fin > fenetre.x_der + 1e-9
    tendance = ligne.tendance if fini(ligne.tendance) and a_venir else None

    propres = [p.valeur for p in fenetre.presents] + [c.valeur for c in chemin] + [v for b in bornes for v in b.ys]
    propres += [v for v in (ligne.reference, tendance) if fini(v)]
    bas, haut = min(propres, default=0.0), max(propres, default=1.0)
    if bas == haut:
        bas, haut = bas - (abs(bas) * 0.1 or 1), haut + (abs(haut) * 0.1 or 1)
    if tendance is not None and fini(ligne.tendance_bas) and fini(ligne.tendance_haut):
        bas, haut, _ = _etendre(bas, haut, (ligne.tendance_bas, ligne.tendance_haut))
    bas, haut, _ = _etendre(bas, haut, [p.valeur for p in fenetre.avant if fini(p.valeur)])
    coupees = tuple(p for p in fenetre.avant if fini(p.valeur) and not bas <= p.valeur <= haut)
    remarques, autres = [], []
    for c in _comparer(comparaisons, fenetre):
        b, h, dehors = _etendre(bas, haut, [p.valeur for p in c.serie if fini(p.valeur)])
        if dehors:
            remarques.append(f"{texte_sur(c.nom, 24)} hors cadre ({plume(c.valeur)})")
        else:
            bas, haut = b, h
            autres.append(c)

    y0, y1 = _aerer(bas, haut)
    crans, ecrits = _graduer(bas, haut, y0, y1, ligne, plume)
    return Valeurs(tuple(chemin), bornes, tendance, tuple(autres), coupees, tuple(remarques), y0, y1, crans, ecrits)


def _comparer(comparaisons: Sequence[tuple[str, Sequence[Point]]], fenetre: Fenetre) -> list[Comparaison]:
    """The part of each other series that is in the window; those without a value there are left out."""
    resultat = []
    for nom, points in comparaisons:
        serie = [p for p in points if fenetre.gauche - 1e-9 <= annee(p.fin) <= fenetre.x_fin + 1e-9]
        serie.sort(key=lambda p: p.fin)
        utiles = [p for p in serie if fini(p.valeur)]
        if utiles:
            resultat.append(Comparaison(nom, tuple(serie), utiles[-1], utiles[-1].valeur))
    return resultat


def _etendre(bas: float, haut: float, valeurs: Sequence[float]) -> tuple[float, float, bool]:
    """Stretch [bas, haut] to context values, within `ELARGISSEMENT`; the flag says that some stay outside."""
    permis = (ELARGISSEMENT - 1) * ((haut - bas) or abs(haut) or 1)
    b, h = max(min((bas, *valeurs)), bas - permis), min(max((haut, *valeurs)), haut + permis)
    return b, h, any(not b <= v <= h for v in valeurs)


def _aerer(bas: float, haut: float) -> tuple[float, float]:
    """Room around the values, without a negative zone under values that are all positive and far from zero."""
    marge = 0.14 * (haut - bas)
    y0, y1 = bas - marge * 1.2, haut + marge
    return (0.0 if bas >= 0 > y0 and bas > 0.25 * (haut - bas) else y0), y1


def _graduer(bas: float, haut: float, y0: float, y1: float, ligne: Ligne, plume: Plume) -> tuple[list[float], list[str]]:
    if plume.oui_non:
        return [0.0, 1.0], [plume(0), plume(1)]
    plancher = y0 + 0.03 * (y1 - y0)  # a tick on the floor would touch the years
    crans = [v for v in graduations(plancher, y1) if bas < 0 or v >= 0]
    if ligne.unite == "%" and haut <= 100:
        crans = [v for v in crans if v <= 100]
    decimales = decimales_utiles(crans[1] - crans[0]) if len(crans) > 1 else ligne.decimales
    return crans, [escape(format_nombre(v, decimales, "%" if ligne.unite == "%" else "")) for v in crans]
