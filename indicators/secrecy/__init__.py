"""Statistical secrecy: which counts of persons are hidden, so that no subtraction gives a small one back.

Pure functions over plain rows: no base, no screen. The rule is told to its users in `data/guide/11_secret.md`.

Contract for whoever shows figures: when a line is hidden, so are its `valeur`, `numerateur` and `denominateur`, and whatever
they come back from: a rate that no publisher gave, `avancement`, `rythme`, the gap to the expected value and to the reference,
the trend and its interval, the rank and the order of a sorted list, the length of a bullet or bar and the place of a point on a
chart, the old value in a comparison or a preview, the hover text, the table beside the chart, the sentence, the export, a sum or
a mean over several lines. Its status word stays only for thresholds (`rester_*`) and for `non_*`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

Cle = Hashable
PAS_MAX = 7  # counts that one unit step may move together: four for a rectangle of a table, more across several tables
ESSAIS = 3000  # beyond, a step counts as impossible: more is hidden, never less


@dataclass(frozen=True)
class Cellule:
    """One count, with the width that its interval must keep when it is hidden.

    `sensible`: hidden for itself when below `seuil` (a count of persons under département level or in a breakdown). `publie`:
    its publisher gave it, it is never hidden. `montre`: it was shown before with this very value, which hiding cannot take back;
    a value revised since is another count, under another key. `valeur` None: nobody gave it. Cells with the same `ligne` are
    hidden together (the two terms of a rate); alone, a cell is its own line.
    """

    cle: Cle
    valeur: int | None
    seuil: int = 5
    sensible: bool = True
    publie: bool = False
    montre: bool = False
    ligne: Cle | None = None


@dataclass(frozen=True)
class Famille:
    """A sum that anyone knows must hold: indicator, period, one breakdown or one territory level, with its total."""

    total: Cle
    parties: tuple[Cle, ...]


@dataclass(frozen=True)
class Taux:
    """A rate that stays shown although its numerator is hidden: a published one, rounded half up, its denominator known."""

    numerateur: Cle
    denominateur: int
    facteur: int
    decimales: int
    valeur: Fraction


@dataclass(frozen=True)
class Decision:
    """Keys that are hidden, and those among them that what is published or was shown gives back whatever is hidden."""

    masquees: frozenset[Cle]
    exposees: frozenset[Cle]


def decide(cellules: Iterable[Cellule], familles: Iterable[Famille], taux: Iterable[Taux] = (),
           deja: Collection[Cle] = frozenset()) -> Decision:
    """Hide the small counts, then in each family the next smallest, then every part, then the total, until all are safe.

    Safe: the values that a hidden count may take, given all that stays shown, spread over its `seuil` at least. Between two steps
    a family keeps visible only counts of twice the threshold or more, else the smallest one left would tell about the others.
    Families may share cells; those of an earlier display belong with the current ones, under the keys that `Cellule` describes.
    `deja`: keys hidden by earlier decisions; they stay hidden unless published since.
    """
    tableau = _Tableau({c.cle: c for c in cellules}, list(familles))
    tableau.limit(taux)
    tableau.hide(cle for cle, c in tableau.cellules.items()
                 if cle in deja or (c.sensible and c.valeur is not None and c.valeur < c.seuil))
    perdues: dict[Cle, bool] = {}
    while True:
        avant = set(tableau.masquees)
        for cle in sorted(tableau.masquees, key=repr):
            if tableau.is_safe(cle, tableau.masquees):
                continue
            if cle not in perdues:
                perdues[cle] = not tableau.is_safe(cle, tableau.masquees | tableau.masquables)
            if not perdues[cle]:
                tableau.hide_more(cle)
        if tableau.masquees == avant:
            tableau.complete()
        if tableau.masquees == avant:
            break
    exposees = {cle for cle in tableau.masquees if not tableau.is_safe(cle, tableau.masquees)}
    return Decision(frozenset(tableau.masquees), frozenset(exposees))


@dataclass
class _Tableau:
    """The cells with the sums that bind them, what is hidden so far and how far each family went."""

    cellules: dict[Cle, Cellule]
    familles: list[Famille]
    masquees: set[Cle] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.masquables = {cle for cle, c in self.cellules.items() if c.valeur is not None and not c.publie and not c.montre}
        self.lignes: dict[Cle, list[Cle]] = {}
        for cle, c in self.cellules.items():
            self.lignes.setdefault(cle if c.ligne is None else c.ligne, []).append(cle)
        self.de: dict[Cle, list[tuple[int, int]]] = {cle: [] for cle in self.cellules}
        for rang, f in enumerate(self.familles):
            self.de[f.total].append((rang, -1))
            for cle in f.parties:
                self.de[cle].append((rang, 1))
        self.valeurs = {cle: c.valeur for cle, c in self.cellules.items()}
        self._deduce_missing()
        self.bas: dict[Cle, float] = dict.fromkeys(self.cellules, 0)
        self.haut: dict[Cle, float] = dict.fromkeys(self.cellules, math.inf)

    def _deduce_missing(self) -> None:
        """Give a value that nobody gave the one that its family leaves it; elsewhere 0, from which a step can only add."""
        bouge = True
        while bouge:
            bouge = False
            for f in self.familles:
                absentes = [cle for cle in (f.total, *f.parties) if self.valeurs[cle] is None]
                if len(absentes) == 1:
                    somme = sum(self.valeurs[cle] or 0 for cle in f.parties)
                    self.valeurs[absentes[0]] = somme if absentes[0] == f.total else max(0, (self.valeurs[f.total] or 0) - somme)
                    bouge = True
        self.valeurs = {cle: v or 0 for cle, v in self.valeurs.items()}

    def limit(self, taux: Iterable[Taux]) -> None:
        """Keep the bounds that each shown rate sets to its numerator: the quotients that round to it."""
        for t in taux:
            demi = Fraction(1, 2 * 10**t.decimales)
            par_unite = Fraction(t.denominateur, t.facteur)
            self.bas[t.numerateur] = max(self.bas[t.numerateur], math.ceil((t.valeur - demi) * par_unite))
            self.haut[t.numerateur] = min(self.haut[t.numerateur], math.ceil((t.valeur + demi) * par_unite) - 1)

    def hide(self, cles: Iterable[Cle]) -> None:
        """Hide these cells and the others of their lines; a published one and a missing one never are."""
        for cle in list(cles):
            c = self.cellules[cle]
            for autre in self.lignes[cle if c.ligne is None else c.ligne]:
                if self.cellules[autre].valeur is not None and not self.cellules[autre].publie:
                    self.masquees.add(autre)

    def left(self, f: Famille) -> list[Cle]:
        """Parts of a family that may still be hidden, the smallest first."""
        return sorted((cle for cle in f.parties if cle in self.masquables and cle not in self.masquees),
                      key=lambda cle: (self.valeurs[cle], repr(cle)))

    def complete(self) -> None:
        """Hide every part of a family that hides some and would leave visible a count below twice its threshold."""
        for f in self.familles:
            reste = self.left(f)
            if reste and self.masquees.intersection(f.parties) and (
                    any(self.valeurs[cle] < 2 * self.cellules[cle].seuil for cle in reste)):
                self.hide(reste)

    def hide_more(self, cle: Cle) -> None:
        """One step further around a cell that is not safe: in its families, else in those that can be reached from them."""
        atteintes, rangs = {cle}, {rang for rang, _ in self.de[cle]}
        while rangs:
            pas = [p for rang in sorted(rangs) if (p := self._next_step(self.familles[rang]))]
            if pas:
                self.hide(min(pas)[-1])
                return
            atteintes |= {c for rang in rangs for c in (self.familles[rang].total, *self.familles[rang].parties)}
            suivants = {rang for c in atteintes for rang, _ in self.de[c]}
            rangs = set() if suivants == rangs else suivants

    def _next_step(self, f: Famille) -> tuple[bool, int, str, list[Cle]] | None:
        """What a family hides next, after what makes it a light step: one part if it hides one only, all parts, its total."""
        reste = self.left(f)
        if reste:
            pas = reste[:1] if len(self.masquees.intersection(f.parties)) < 2 else reste
            return False, len(pas), repr(pas), pas
        if f.total in self.masquables and f.total not in self.masquees:
            return True, 1, repr(f.total), [f.total]
        return None

    def is_safe(self, cle: Cle, masquees: Collection[Cle]) -> bool:
        """Can this count, these being hidden, take values that spread over its threshold?

        Counts move by one at a time together with others that keep every sum: what is found is possible, so a yes is certain.
        """
        seuil = self.cellules[cle].seuil
        if self.cellules[cle].montre:
            return seuil <= 0
        libres = {c for c, cellule in self.cellules.items() if cellule.valeur is None or (c in masquees and not cellule.montre)}
        candidats = [[(c, signe) for c in dict.fromkeys((*f.parties, f.total)) if c in libres
                      for r, signe in self.de[c] if r == rang] for rang, f in enumerate(self.familles)]
        for liste in candidats:
            liste.sort(key=lambda x: (len(self.de[x[0]]), -self.valeurs[x[0]]))
        trouve = 0
        for sens in (1, -1):
            ecarts: dict[Cle, int] = {}
            while trouve < seuil and (pas := self._step(cle, sens, ecarts, candidats)):
                for c, d in pas.items():
                    ecarts[c] = ecarts.get(c, 0) + d
                trouve += 1
        return trouve >= seuil

    def _step(self, cle: Cle, sens: int, ecarts: dict[Cle, int], candidats: list[list[tuple[Cle, int]]]) -> dict[Cle, int] | None:
        """Moves of one unit, that of `cle` first, after which every sum holds again; None when none is found."""
        essais = ESSAIS

        def possible(c: Cle, d: int) -> bool:
            return self.bas[c] <= self.valeurs[c] + ecarts.get(c, 0) + d <= self.haut[c]

        def search(pas: dict[Cle, int], manques: dict[int, int], reste: int) -> dict[Cle, int] | None:
            nonlocal essais
            ouvertes = [rang for rang, manque in manques.items() if manque]
            if not ouvertes:
                return pas
            if reste == 0 or essais <= 0:
                return None
            rang = min(ouvertes, key=lambda r: len(candidats[r]))
            for c, signe in candidats[rang]:
                d = -signe if manques[rang] > 0 else signe
                if c in pas or not possible(c, d):
                    continue
                essais -= 1
                suite = dict(manques)
                for r, s in self.de[c]:
                    suite[r] = suite.get(r, 0) + s * d
                if (trouve := search({**pas, c: d}, suite, reste - 1)) is not None:
                    return trouve
            return None

        if not possible(cle, sens):
            return None
        depart = {rang: signe * sens for rang, signe in self.de[cle]}
        for profondeur in range(PAS_MAX):
            if (trouve := search({cle: sens}, depart, profondeur)) is not None:
                return trouve
        return None
