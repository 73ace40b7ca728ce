"""The outlines of the territories, when an administrator supplies them: one GeoJSON file, read and checked whole."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from indicators.errors import ContoursInvalides

MEGAOCTETS = 5  # beyond, a page would take too long to reach a browser: the outlines must be simplified

Point = tuple[float, float]  # longitude, latitude
Anneau = tuple[Point, ...]  # closed: the last point is the first


@dataclass(frozen=True)
class Contour:
    """Outline of one territory: rings, the outer ones counterclockwise and the holes clockwise; where its label stands, and how
    many degrees of longitude it has there."""

    code: str
    anneaux: tuple[Anneau, ...]
    repere: Point
    largeur: float


def load_contours(fichier: Path) -> tuple[Contour, ...] | None:
    """The outlines of that file, read again when it changes; None without a file. `ContoursInvalides` says what is wrong."""
    try:
        etat = fichier.stat()
    except FileNotFoundError:
        return None
    except OSError as erreur:
        raise ContoursInvalides(fichier, f"il ne s’ouvre pas ({erreur.strerror})") from erreur
    return _load(fichier, etat.st_mtime_ns, etat.st_size)


@lru_cache(maxsize=4)
def _load(fichier: Path, _modifie: int, taille: int) -> tuple[Contour, ...]:
    if taille > MEGAOCTETS * 1_000_000:
        raise ContoursInvalides(fichier, f"il dépasse {MEGAOCTETS} Mo : simplifiez les contours")
    try:
        lu = json.loads(fichier.read_text("utf-8-sig"))
    except OSError as erreur:
        raise ContoursInvalides(fichier, f"il ne s’ouvre pas ({erreur.strerror})") from erreur
    except (ValueError, RecursionError) as erreur:
        raise ContoursInvalides(fichier, "ce n’est pas du JSON en UTF-8") from erreur
    return _Lecture(fichier).read(lu)


@dataclass(frozen=True)
class _Lecture:
    """The checks of one file, whose name goes into every refusal."""

    fichier: Path

    def read(self, lu: Any) -> tuple[Contour, ...]:
        entites = lu.get("features") if isinstance(lu, dict) and lu.get("type") == "FeatureCollection" else None
        if not isinstance(entites, list) or not entites:
            raise ContoursInvalides(self.fichier, "ce n’est pas une « FeatureCollection » d’au moins un territoire")
        polygones: dict[str, list[list[Anneau]]] = {}
        reperes: dict[str, Point] = {}
        for rang, entite in enumerate(entites, 1):
            proprietes = entite.get("properties") if isinstance(entite, dict) else None
            code = proprietes.get("code") if isinstance(proprietes, dict) else None
            if not isinstance(code, str) or not code.strip():
                raise ContoursInvalides(self.fichier, f"le territoire n° {rang} n’a pas de propriété « code » (un texte)")
            code = code.strip()
            polygones.setdefault(code, []).extend(self._read_polygones(code, entite.get("geometry")))
            if proprietes.get("point") is not None:
                reperes[code] = self._read_point(code, proprietes["point"])
        return tuple(build_contour(code, siens, reperes.get(code)) for code, siens in polygones.items())

    def _read_polygones(self, code: str, geometrie: Any) -> list[list[Anneau]]:
        type_ = geometrie.get("type") if isinstance(geometrie, dict) else None
        if type_ not in ("Polygon", "MultiPolygon"):
            raise ContoursInvalides(self.fichier, f"le contour de « {code} » n’est ni un « Polygon » ni un « MultiPolygon »")
        polygones = [geometrie.get("coordinates")] if type_ == "Polygon" else geometrie.get("coordinates")
        if not isinstance(polygones, list) or not polygones or not all(isinstance(p, list) and p for p in polygones):
            raise ContoursInvalides(self.fichier, f"le contour de « {code} » n’a pas de coordonnées")
        return [[self._read_anneau(code, a, trou=n > 0) for n, a in enumerate(p)] for p in polygones]

    def _read_anneau(self, code: str, anneau: Any, trou: bool) -> Anneau:
        points = [self._read_point(code, p) for p in anneau] if isinstance(anneau, list) else []
        if len(points) < 4 or points[0] != points[-1]:
            raise ContoursInvalides(self.fichier, f"un anneau de « {code} » n’est pas fermé : au moins quatre points, le dernier "
                                    "égal au premier")
        return tuple(points if (_surface(points) > 0) is not trou else points[::-1])  # what the filling rule of SVG asks for

    def _read_point(self, code: str, point: Any) -> Point:
        nombres = point[:2] if isinstance(point, list) else []
        if len(nombres) != 2 or not all(type(v) in (int, float) and math.isfinite(v) for v in nombres):
            raise ContoursInvalides(self.fichier, f"un point de « {code} » n’est pas un couple de nombres")
        x, y = map(float, nombres)
        if abs(x) > 180 or abs(y) > 90:
            raise ContoursInvalides(self.fichier, f"un point de « {code} » n’est pas en degrés : convertissez les coordonnées en "
                                    "WGS 84 (longitude, latitude)")
        return x, y


def build_contour(code: str, polygones: list[list[Anneau]], point: Point | None = None) -> Contour:
    """The outline of these polygons. Without a point of its own, its label stands in the widest stretch near halfway up the
    largest of them: a centroid may lie outside."""
    anneaux = tuple(a for p in polygones for a in p)
    if point is not None:
        x, y = point
        autour = [fin - debut for debut, fin in _cross(anneaux, y) if debut <= x <= fin]
        return Contour(code, anneaux, point, max(autour, default=0))
    grand = max(polygones, key=lambda p: abs(_surface(p[0])))
    bas, haut = (f(y for _, y in grand[0]) for f in (min, max))
    passages = [(fin - debut, (debut + fin) / 2, y) for part in (0.5, 0.35, 0.65) for y in (bas + (haut - bas) * part,)
                for debut, fin in _cross(grand, y)]
    largeur, x, y = max(passages, key=lambda p: round(p[0], 6), default=(0, *grand[0][0]))  # a flat outline has no inside
    return Contour(code, anneaux, (x, y), largeur)


def _cross(anneaux: Iterable[Anneau], y: float) -> list[tuple[float, float]]:
    """The stretches of longitude that are inside at that latitude."""
    xs = sorted(x0 + (y - y0) * (x1 - x0) / (y1 - y0) for a in anneaux for (x0, y0), (x1, y1) in pairwise(a)
                if (y0 <= y) != (y1 <= y))
    return list(zip(xs[::2], xs[1::2], strict=True))


def _surface(anneau: Anneau | list[Point]) -> float:
    """Signed: above zero when counterclockwise."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(anneau)) / 2
