"""What a column holds, when its title does not say it: codes that the base knows, periods, states, numbers.

A column is guessed only when every best way of sharing the columns out agrees on it: two columns of numbers give no value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from indicators.reading.mapping import Indices
from indicators.reading.received import Enregistrement
from indicators.reading.words import ABSENT, NOMBRE, PERIODE, normalize
from indicators.tables import RACCOURCIS, Colonne, Table

ECHANTILLON = 200  # rows looked at
MAJORITE = 0.7  # share of the filled cells that must be of the kind
ESSAIS = 5_000  # ways of sharing columns out that are looked at; past that, nothing is clear
VALEURS = {"valeur", "numerateur", "denominateur"}
AUTRES_NOMBRES = {"cible", "cibles", "objectif", "objectifs", "rang", "ordre", "numero", "no", "n", "id", "identifiant", "code",
                  "population", "ecart", "evolution", "total"}  # first words of titles whose numbers are not the value


def guess_columns(table: Table, titres: Sequence[str], corps: Sequence[Enregistrement], libres: Sequence[int], prises: set[str],
                  indices: Indices) -> dict[int, str]:
    """Our column for those of the places `libres` whose content says it; `prises` are columns that titles already give.

    Nothing is guessed when the titles themselves look like contents: the file then has no header.
    """
    cellules = {i: [c for _, x in corps[:ECHANTILLON] if i < len(x) and (c := x[i].strip())] for i in libres}
    candidats: dict[str, list[int]] = {}
    for colonne in (*table.colonnes, *RACCOURCIS.get(table.nom, ())):
        reconnait = None if colonne.nom in prises else _recognizer(colonne, indices)
        if reconnait is None or (colonne.nom in ("valeur", "periode") and prises & _excluding(colonne.nom)):
            continue
        places = [i for i in libres if _holds(cellules[i], reconnait, colonne.nom == "valeur")
                  and not (colonne.nom == "valeur" and normalize(titres[i]).split("_")[0] in AUTRES_NOMBRES)]
        if any(reconnait(titres[i].strip()) for i in places if titres[i].strip()):
            return {}
        if places:
            candidats[colonne.nom] = places
    return _share(candidats)


def _excluding(colonne: str) -> set[str]:
    """Columns given by titles that forbid guessing this one."""
    return VALEURS if colonne == "valeur" else {"debut", "fin"}


def _recognizer(colonne: Colonne, indices: Indices) -> Callable[[str], bool] | None:
    """Is a cell one of this column? None for columns that contents cannot tell."""
    if colonne.vers and colonne.nom != "plan":
        codes, noms = indices.codes.get(colonne.vers, frozenset()), indices.noms.get(colonne.vers, {})
        return (lambda cellule: cellule in codes or normalize(cellule) in noms) if codes else None
    if colonne.choix is not None:
        mots = {m.value for m in colonne.choix}
        return lambda cellule: cellule.lower() in mots
    if colonne.nom == "periode":
        return lambda cellule: PERIODE.fullmatch(" ".join(cellule.split())) is not None
    return (lambda cellule: NOMBRE.fullmatch(cellule) is not None) if colonne.nom == "valeur" else None


def _holds(cellules: Sequence[str], reconnait: Callable[[str], bool], absences: bool) -> bool:
    """Are most of these cells recognised? A word in place of a number says nothing for or against one."""
    comptees = [c for c in cellules if not (absences and ABSENT.fullmatch(c))]
    return bool(comptees) and sum(map(reconnait, comptees)) >= MAJORITE * len(comptees)


def _share(candidats: dict[str, list[int]]) -> dict[int, str]:
    """What all the ways of giving the most columns a place of their own have in common."""
    total = 1
    for places in candidats.values():
        total *= len(places) + 1
    if not candidats or total > ESSAIS:
        return {}
    meilleures: list[dict[int, str]] = [{}]
    for essai in product(*([None, *places] for places in candidats.values())):
        tenues = {place: nom for nom, place in zip(candidats, essai, strict=True) if place is not None}
        if len(tenues) == sum(place is not None for place in essai):  # no place given twice
            if len(tenues) > len(meilleures[0]):
                meilleures = [tenues]
            elif len(tenues) == len(meilleures[0]):
                meilleures.append(tenues)
    return {place: nom for place, nom in meilleures[0].items() if all(m.get(place) == nom for m in meilleures)}
