"""Time in a trajectory: the window that is shown, and the axis whose ticks carry the data of a short yearly series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from typing import NamedTuple

from indicators.charts.marks import Ecran, Plume, annee, fini, nom_date, nom_point, pouces
from indicators.formats import MASQUE
from indicators.model import Etat, Statut
from indicators.queries import Cible, Ligne, Point
from indicators.theme import style

ABSENCES = {Etat.SECRET: MASQUE, Etat.SANS_OBJET: "s. o.", Etat.NON_REPONDU: "n. r."}
MAX_GRADUATIONS = 8  # yearly points whose values fit in the axis


@dataclass(frozen=True)
class Fenetre:
    """The plan's window in decimal years, from `gauche` to `x_fin`, and the points in it, before the reference and since."""

    gauche: float
    x_ref: float
    x_fin: float
    x_der: float  # last known value, the reference when there is none
    avant: tuple[Point, ...]
    pendant: tuple[Point, ...]
    attente: bool  # a target is still to come after the last value

    @property
    def points(self) -> tuple[Point, ...]:
        return self.avant + self.pendant

    @property
    def presents(self) -> tuple[Point, ...]:
        """Points of the plan that have a value."""
        return tuple(p for p in self.pendant if fini(p.valeur))

    @property
    def dernier(self) -> Point | None:
        return self.presents[-1] if self.presents else None

    @property
    def depart(self) -> tuple[Point, ...]:
        """The values that stand at the reference's own date."""
        return tuple(p for p in self.presents if abs(annee(p.fin) - self.x_ref) < 1e-9)

    @property
    def marge(self) -> float:
        return 0.055 * ((self.x_fin - self.gauche) or 2)

    def est_au_bord(self, p: Point) -> bool:
        """Is this point so near the right edge that its label goes to the right-hand column?"""
        return self.x_fin - annee(p.fin) < 0.08 * (self.x_fin - self.gauche)


class Graduations(NamedTuple):
    """Ticks (positions, texts) and vertical limits between years."""

    xs: list[float]
    textes: list[str]
    limites: list[float]


class _Repere(NamedTuple):
    rang: int  # 0 is kept first
    nom: str
    donnee: str


def cadrer_temps(ligne: Ligne, points: Sequence[Point], cibles: Sequence[Cible], etroit: bool) -> Fenetre:
    """The plan's own window first, a few earlier years as context."""
    points = sorted(points, key=lambda p: p.fin)
    presents = [p for p in points if fini(p.valeur)]
    fins = [annee(d) for d in (ligne.date_cible, *(c.date for c in cibles)) if d is not None]
    x_fin = max([*fins, *(annee(p.fin) for p in presents[-1:])], default=annee(ligne.date_reference or date(2000, 12, 31)))
    x_ref = annee(ligne.date_reference) if ligne.date_reference else annee(presents[0].fin) if presents else x_fin
    x_ref = min(x_ref, x_fin)
    recul = max(1, 0.4 * (x_fin - x_ref)) if etroit else max(4, 0.8 * (x_fin - x_ref))
    points = [p for p in points if annee(p.fin) >= x_ref - recul - 1e-9]
    avant = tuple(p for p in points if annee(p.fin) < x_ref - 1e-9)
    pendant = tuple(points[len(avant) :])
    connus = [annee(p.fin) for p in pendant if fini(p.valeur)]
    x_der = connus[-1] if connus else x_ref
    gauche = min([x_ref, *(annee(p.fin) for p in points if fini(p.valeur))])
    return Fenetre(gauche, x_ref, x_fin, x_der, avant, pendant, bool(connus and fins) and max(fins) > x_der + 1e-9)


def graduer_temps(fenetre: Fenetre, ligne: Ligne, plume: Plume, ecran: Ecran, px_par_an: float) -> Graduations:
    """Plain years under a series finer than a year, else one tick for each period, with its data when there is room."""
    longs = [p for p in fenetre.points if (p.fin - p.debut).days > 330 or p.debut == p.fin]
    if any(fini(p.valeur) and p not in longs for p in fenetre.points):
        return _graduer_annees(fenetre, ecran, px_par_an)
    reperes = _alleger(_nommer_periodes(fenetre, longs, ligne, plume, ecran.etroit), fenetre.x_ref, ecran, px_par_an)
    gardes = _choisir(reperes, ecran, px_par_an)
    return Graduations(gardes, [_ecrire(reperes[x], x < fenetre.x_ref - 1e-9, ecran) for x in gardes], [])


def _graduer_annees(fenetre: Fenetre, ecran: Ecran, px_par_an: float) -> Graduations:
    annees = range(math.floor(fenetre.gauche), math.ceil(fenetre.x_fin) + 1)
    visibles = [(max(a, fenetre.gauche), min(a + 1, fenetre.x_fin), a) for a in annees]
    visibles = [(g, d, a) for g, d, a in visibles if (d - g) * px_par_an > ecran.px(34)]
    return Graduations(
        [(g + d) / 2 for g, d, _ in visibles],
        [f"<b>{a}</b>" for *_, a in visibles],
        [float(a) for a in annees if fenetre.gauche < a < fenetre.x_fin],
    )


def _nommer_periodes(fenetre: Fenetre, points: Sequence[Point], ligne: Ligne, plume: Plume, etroit: bool) -> dict[float, _Repere]:
    """Every tick that could be drawn, by position: periods, years between, final target, last value, reference."""
    x_ref, x_fin = fenetre.x_ref, fenetre.x_fin
    riche = not etroit and sum(annee(p.fin) > x_ref + 1e-9 for p in points) <= MAX_GRADUATIONS
    tout = riche and len(points) <= MAX_GRADUATIONS
    reperes: dict[float, _Repere] = {}
    for p in points:
        x = annee(p.fin)
        avant = x < x_ref - 1e-9
        reperes[x] = _Repere(3 if avant else 2, nom_point(p), _dire(p, plume) if (tout if avant else riche) else "")
    jours = [p.fin for p in points] or [d for d in (ligne.date_reference, ligne.date_cible) if d]
    if jours and all((d.month, d.day) == (12, 31) for d in jours):
        for a in range(math.ceil(fenetre.gauche), math.floor(x_fin) + 1):
            reperes.setdefault(float(a), _Repere(2, str(a - 1), ""))
    if ligne.date_cible:
        x = annee(ligne.date_cible)
        reperes[x] = reperes.get(x, _Repere(0, nom_date(ligne.date_cible), ""))._replace(rang=0)
    if points and fenetre.x_der in reperes:
        reperes[fenetre.x_der] = reperes[fenetre.x_der]._replace(rang=1)
    if ligne.date_reference and fini(ligne.reference):
        reperes[x_ref] = _Repere(0, f"Réf. {nom_date(ligne.date_reference)}", plume.axe(ligne.reference) if riche else "")
    return reperes


def _dire(p: Point, plume: Plume) -> str:
    if not fini(p.valeur):
        return f"– {ABSENCES.get(p.etat, 'n. d.')}"
    if p.statut in (None, Statut.SUIVI):
        return plume.axe(p.valeur)
    return f"<span style='font-size:1.15em'>{style(p.statut).glyphe}</span> {plume.axe(p.valeur)}"


def _alleger(reperes: dict[float, _Repere], x_ref: float, ecran: Ecran, px_par_an: float) -> dict[float, _Repere]:
    """Take the data out of the ticks when they would touch: those of before the plan first, then all."""

    def large(repere: _Repere) -> float:
        _, balise, texte = repere.donnee.rpartition("</span>")
        return max(pouces(repere.nom, ecran.corps(14)), pouces(texte, ecran.corps(14)) + (ecran.px(17) if balise else 0))

    def se_touchent() -> bool:
        return any((large(reperes[a]) + large(reperes[b])) / 2 > (b - a) * px_par_an for a, b in pairwise(sorted(reperes)))

    if se_touchent():
        reperes = {x: r if x >= x_ref - 1e-9 else r._replace(donnee="") for x, r in reperes.items()}
    if se_touchent():
        reperes = {x: r._replace(donnee="") for x, r in reperes.items()}
    return reperes


def _choisir(reperes: dict[float, _Repere], ecran: Ecran, px_par_an: float) -> list[float]:
    """Positions whose names do not touch, by rank, the latest first."""

    def large(x: float) -> float:
        nom = reperes[x].nom
        return pouces(max(nom.split(" "), key=len) if ecran.etroit else nom, ecran.corps(12 if ecran.etroit else 14))

    gardes: list[float] = []
    for x in sorted(reperes, key=lambda x: (reperes[x].rang, -x)):
        if all(abs(x - g) * px_par_an > (large(x) + large(g)) / 2 + ecran.px(3) for g in gardes):
            gardes.append(x)
    return sorted(gardes)


def _ecrire(repere: _Repere, avant: bool, ecran: Ecran) -> str:
    nom = escape(repere.nom)
    if repere.nom.startswith("Réf."):
        nom = nom.replace(" ", "<br>", 1) if ecran.etroit else nom
    else:
        nom = f"<span style='color:{ecran.ton.gris}'>{nom}</span>" if avant else f"<b>{nom}</b>"
    return f"{nom}<br>{repere.donnee}" if repere.donnee else nom
