"""What one display of an indicator holds: its counts, and the sums that anyone knows must hold between them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from indicators.secrecy import Cellule, Cle, Famille

Place = tuple[str, str, date, date]  # territoire, ventilation, debut, fin
UTILISABLES = ("definitif", "provisoire", "estime")


class Compte(NamedTuple):
    """The counts of one place on one display (None: not given), and who gave them."""

    termes: tuple[float | None, ...]
    publie: bool
    utilisable: bool


@dataclass
class Affichage:
    """One display: its counts with what sums them, and the places they are read at."""

    cellules: dict[Cle, Cellule]
    places: dict[Cle, Place]
    visibles: dict[Cle, bool]  # key of a count that is given -> was it published?
    familles: list[Famille]


class Versions:
    """Keys of counts: the same as long as the value is the same; what nobody gave has one of its own."""

    def __init__(self) -> None:
        self.vues: dict[tuple[Place, int], list[float]] = defaultdict(list)

    def key(self, place: Place, terme: int, valeur: float | None) -> Cle:
        """The key of this count of this place."""
        if valeur is None:
            return (*place, terme, -1)
        vues = self.vues[place, terme]
        if valeur not in vues:
            vues.append(valeur)
        return (*place, terme, vues.index(valeur))


def is_year(debut: date, fin: date) -> bool:
    """From the first to the last day of a year?"""
    return debut.year == fin.year and (debut.month, debut.day, fin.month, fin.day) == (1, 1, 12, 31)


def is_part(debut: date, fin: date) -> bool:
    """Within a year, and not the whole of it?"""
    return debut.year == fin.year and not is_year(debut, fin)


def read_count(dit: tuple[float | None, float | None, float | None, str], publie: bool, fiche: dict[str, Any]) -> Compte:
    """The counts behind a row: its value, or the two terms of a rate, one of which may come back from the other."""
    valeur, numerateur, denominateur, etat = dit
    utilisable = etat in UTILISABLES and (valeur is not None or (numerateur is not None and denominateur is not None))
    if not fiche["taux"]:
        return Compte((_finite(valeur),), publie, utilisable)
    if valeur is not None and numerateur is None and denominateur is not None:
        numerateur = valeur * denominateur / fiche["facteur"]
    if valeur and denominateur is None and numerateur is not None:
        denominateur = fiche["facteur"] * numerateur / valeur
    return Compte((_finite(numerateur), _finite(denominateur)), publie, utilisable)


def _finite(x: float | None) -> float | None:
    return round(x, 6) if x is not None and math.isfinite(x) else None


def sum_children(comptes: dict[Place, Compte], departement: str, enfants: list[str]) -> dict[Place, Compte]:
    """The département's values that nobody gave and that the screen sums, when no territory is missing."""
    sommes: dict[Place, Compte] = {}
    for _, ventilation, debut, fin in list(comptes):
        place = (departement, ventilation, debut, fin)
        parts = [comptes.get((t, ventilation, debut, fin)) for t in enfants]
        if place not in comptes and parts and all(p is not None and p.utilisable and None not in p.termes for p in parts):
            termes = tuple(sum(valeurs) for valeurs in zip(*(p.termes for p in parts), strict=True))
            sommes[place] = Compte(termes, all(p.publie for p in parts), True)
    return sommes


@dataclass
class Montage:
    """How the counts of one display become cells and families."""

    versions: Versions
    fiche: dict[str, Any]
    departement: str
    enfants: dict[str, list[str]]
    comptes: dict[Place, Compte]

    def build(self) -> Affichage:
        """Cells of every count that is given, and of those that a sum lacks."""
        self.affichage = Affichage({}, {}, {}, [])
        self.dessous = set(_walk(self.departement, self.enfants)) - {self.departement}
        familles = [*self._territories(), *self._breakdowns(), *self._years()]
        for place in self.comptes:
            self._cells(place)
        for total, parties in familles:
            for terme in range(len(self._terms(total))):
                self.affichage.familles.append(Famille(self._cells(total)[terme], tuple(self._cells(p)[terme] for p in parties)))
        if self.fiche["taux"]:
            self._complements()
        return self.affichage

    def _terms(self, place: Place) -> tuple[float | None, ...]:
        compte = self.comptes.get(place)
        return compte.termes if compte else (None,) * (2 if self.fiche["taux"] else 1)

    def _cells(self, place: Place) -> list[Cle]:
        """Keys of the counts of a place, made the first time they are asked for."""
        cles = []
        for terme, valeur in enumerate(self._terms(place)):
            cle = self.versions.key(place, terme, valeur)
            cles.append(cle)
            if cle in self.affichage.cellules:
                continue
            territoire, ventilation = place[:2]
            toujours = territoire == self.departement and ventilation == ""
            publie = toujours or (place in self.comptes and self.comptes[place].publie)
            sensible = self.fiche["personnes"][terme] and (ventilation != "" or territoire in self.dessous) and not publie
            liees = ("ventilations", *place[:1], *place[2:]) if place in self.liees else place
            compte = None if valeur is None else max(0, math.floor(valeur))
            self.affichage.cellules[cle] = Cellule(cle, compte, self.fiche["seuil"], sensible, publie, ligne=liees)
            if valeur is not None:
                self.affichage.places[cle] = place
                self.affichage.visibles[cle] = publie
        return cles

    def _territories(self) -> Iterator[tuple[Place, list[Place]]]:
        """Each territory and those just below it, at equal breakdown and period."""
        for parent in (self.departement, *sorted(self.dessous)):
            for quoi in sorted({place[1:] for place in self.comptes if place[0] in self.enfants.get(parent, ())}):
                yield self._close((parent, *quoi), [(t, *quoi) for t in sorted(self.enfants[parent])])

    def _breakdowns(self) -> Iterator[tuple[Place, list[Place]]]:
        """The breakdowns of a territory with its total when they add up to it; else they are hidden together, `liees`."""
        self.liees: set[Place] = set()
        details: dict[tuple[str, date, date], list[Place]] = defaultdict(list)
        for place in sorted(self.comptes):
            if place[1] != "":
                details[place[0], *place[2:]].append(place)
        familles = []
        for (territoire, *periode), parties in details.items():
            total = (territoire, "", *periode)
            if self._adds_up(total, parties):
                familles.append((total, parties))
            else:
                self.liees.update(parties)
        yield from familles

    def _years(self) -> Iterator[tuple[Place, list[Place]]]:
        """A year and its parts, one family per length of the parts."""
        if not self.fiche["flux"]:
            return
        for territoire, ventilation in sorted({place[:2] for place in self.comptes}):
            ici = [place[2:] for place in self.comptes if place[:2] == (territoire, ventilation)]
            for annee in sorted({fin.year for debut, fin in ici if is_part(debut, fin)}):
                total = (territoire, ventilation, date(annee, 1, 1), date(annee, 12, 31))
                for mois in (1, 3, 6):
                    parties = [(territoire, ventilation, date(annee, m, 1), _end(annee, m + mois - 1))
                               for m in range(1, 13, mois)]
                    if any(p in self.comptes for p in parties):
                        yield self._close(total, parties)

    def _close(self, total: Place, parties: list[Place]) -> tuple[Place, list[Place]]:
        """Without the parts that nobody gave when the others make up the total: anyone sees that they are nothing."""
        donnees = [p for p in parties if p in self.comptes]
        return total, donnees if self._adds_up(total, donnees) else parties

    def _adds_up(self, total: Place, parties: list[Place]) -> bool:
        colonnes = list(zip(self._terms(total), *(self._terms(p) for p in parties), strict=True))
        return all(None not in c and abs(c[0] - sum(c[1:])) < 1e-6 for c in colonnes)

    def _complements(self) -> None:
        """A numerator is a part of its denominator: what is left of it may be nothing, never less."""
        for place in self.comptes:
            numerateur, denominateur = self._terms(place)
            if numerateur is not None and denominateur is not None and numerateur <= denominateur:
                n, d = self._cells(place)
                reste = ("complement", n, d)
                self.affichage.cellules[reste] = Cellule(reste, None, self.fiche["seuil"], False)
                self.affichage.familles.append(Famille(d, (n, reste)))


def _walk(territoire: str, enfants: dict[str, list[str]]) -> Iterator[str]:
    """A territory and all those below it; a loop in the files is walked once."""
    vus, pile = {territoire}, [territoire]
    while pile:
        yield (t := pile.pop())
        pile += (nouveaux := [x for x in enfants.get(t, ()) if x not in vus])
        vus.update(nouveaux)


def _end(annee: int, mois: int) -> date:
    return date(annee, 12, 31) if mois == 12 else date.fromordinal(date(annee, mois + 1, 1).toordinal() - 1)
