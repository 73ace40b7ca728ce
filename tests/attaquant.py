"""The attacker of masked tables: what anyone can deduce of a hidden count from all that is shown, by exhaustive search.

It knows what is shown, that counts are integers from zero, which sums must hold and how rates are rounded. It reads nothing of
`indicators/secrecy.py`: a rule is judged by what it lets through. Two dates are one display: a value that no dépôt revised keeps
its key, a revised one has a key at each date, and what was shown once is known for good.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Domaines = dict[Hashable, tuple[int, float]]
Equation = list[tuple[Hashable, int]]  # signed keys whose sum is zero
Equations = tuple[list[Equation], list[Equation]]  # those that must hold, and with them those that follow and cut faster


class Incompatible(Exception):
    """No table of counts gives what is shown."""


@dataclass(frozen=True)
class TauxMontre:
    """A rate as it is read on the screen: `facteur` x hidden numerator / known denominator, rounded half up."""

    numerateur: Hashable
    denominateur: int
    facteur: int
    decimales: int
    valeur: Fraction


@dataclass(frozen=True)
class Affichage:
    """All that is shown: values by key, sums (total, parts) that must hold, rates; every other key they name is hidden."""

    valeurs: Mapping[Hashable, int]
    sommes: tuple[tuple[Hashable, tuple[Hashable, ...]], ...] = ()
    taux: tuple[TauxMontre, ...] = ()


def arrondir(numerateur: int, denominateur: int, facteur: int, decimales: int) -> Fraction:
    """The rate as the screen rounds it: half up, on the exact quotient."""
    return Fraction(math.floor(Fraction(facteur * numerateur * 10**decimales, denominateur) + Fraction(1, 2)), 10**decimales)


def intervalles(vu: Affichage) -> dict[Hashable, tuple[int, int | None]]:
    """Least and greatest value of each hidden key among all the tables compatible with what is shown; None: no upper limit."""
    domaines: Domaines = {cle: (0, math.inf) for total, parties in vu.sommes for cle in (total, *parties)}
    domaines |= {t.numerateur: (0, math.inf) for t in vu.taux}
    domaines |= {cle: (valeur, valeur) for cle, valeur in vu.valeurs.items()}
    for t in vu.taux:
        bas, haut = domaines[t.numerateur]
        autour = t.valeur * t.denominateur / t.facteur
        marge = math.ceil(Fraction(t.denominateur, t.facteur * 10**t.decimales)) + 1
        possibles = [n for n in range(max(0, math.floor(autour) - marge), math.ceil(autour) + marge + 1)
                     if bas <= n <= haut and arrondir(n, t.denominateur, t.facteur, t.decimales) == t.valeur]
        if not possibles:
            raise Incompatible(t)
        domaines[t.numerateur] = (possibles[0], possibles[-1])
    sommes = [[(total, 1), *((cle, -1) for cle in parties)] for total, parties in vu.sommes]
    equations = (sommes, sommes + _differences(sommes))
    borne = 100 + 8 * sum(int(haut if haut < math.inf else bas) for bas, haut in domaines.values())
    domaines = {cle: (bas, min(haut, borne)) for cle, (bas, haut) in domaines.items()}
    if not _narrow(domaines, equations[1]) or not _possible(domaines, equations):
        raise Incompatible(vu)
    trouves: dict[Hashable, tuple[int, int | None]] = {}
    for cle in domaines.keys() - vu.valeurs.keys():
        moins, plus = _extreme(domaines, equations, cle, True), _extreme(domaines, equations, cle, False)
        trouves[cle] = (moins, None if plus > borne / 2 else plus)
    return trouves


def largeur(intervalle: tuple[int, int | None]) -> float:
    """How far apart the ends are."""
    return math.inf if intervalle[1] is None else intervalle[1] - intervalle[0]


def _differences(equations: list[Equation]) -> list[Equation]:
    """Two sums that share parts, one less the other: what the shared parts no longer blur."""
    trouvees = []
    for rang, une in enumerate(equations):
        for autre in equations[:rang]:
            communes = set(une) & set(autre)
            if len(communes) > 1:
                trouvees.append([x for x in une if x not in communes]
                                + [(cle, -signe) for cle, signe in autre if (cle, signe) not in communes])
    return trouvees


def _extreme(domaines: Domaines, equations: Equations, cle: Hashable, bas: bool) -> int:
    """Least (or greatest) possible value of a key: the very end of its domain, else by halving, the half nearer to it first."""
    debut, fin = (int(borne) for borne in domaines[cle])
    bout = debut if bas else fin
    if _possible({**domaines, cle: (bout, bout)}, equations):
        return bout
    while debut < fin:
        milieu = (debut + fin) // 2
        essai = (debut, milieu) if bas else (milieu + 1, fin)
        if _possible({**domaines, cle: essai}, equations):
            debut, fin = essai
        else:
            debut, fin = (milieu + 1, fin) if bas else (debut, milieu)
    return debut


def _possible(domaines: Domaines, equations: Equations) -> bool:
    """Is there a table in these domains whose sums hold? Narrow the domains, then halve one of them, until all is settled."""
    domaines = dict(domaines)
    if not _narrow(domaines, equations[1]):
        return False
    ouvertes = [[cle for cle, _ in equation if domaines[cle][0] < domaines[cle][1]] for equation in equations[0]]
    liees = [cle for groupe in ouvertes for cle in groupe]
    partagees = {cle for cle in liees if liees.count(cle) > 1}
    if not partagees:  # sums without a common unknown: narrowed domains all have a solution
        return True
    cle = min(partagees, key=lambda c: (domaines[c][1] - domaines[c][0], repr(c)))
    bas, haut = domaines[cle]
    milieu = (int(bas) + int(haut)) // 2
    return any(_possible({**domaines, cle: moitie}, equations) for moitie in ((bas, milieu), (milieu + 1, haut)))


def _narrow(domaines: Domaines, equations: list[Equation]) -> bool:
    """Cut from each domain what its sums exclude, until nothing moves; False when a domain is empty."""
    bouge = True
    while bouge:
        bouge = False
        for equation in equations:
            bas = sum(domaines[cle][0] if signe > 0 else -domaines[cle][1] for cle, signe in equation)
            haut = sum(domaines[cle][1] if signe > 0 else -domaines[cle][0] for cle, signe in equation)
            if bas > 0 or haut < 0:
                return False
            for cle, signe in equation:
                moins, plus = domaines[cle]
                nouveau = (max(moins, plus - haut), min(plus, moins - bas)) if signe > 0 else (
                    max(moins, plus + bas), min(plus, moins + haut))
                if nouveau != (moins, plus):
                    if nouveau[0] > nouveau[1]:
                        return False
                    domaines[cle] = nouveau
                    bouge = True
                    bas += nouveau[0] - moins if signe > 0 else plus - nouveau[1]
                    haut += nouveau[1] - plus if signe > 0 else moins - nouveau[0]
    return True
