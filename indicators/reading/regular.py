"""The fast way in for a large regular text: one record a line, no quotes, the same separator everywhere.

The lines are looked at as bytes, all at once. Those that are anything but plain (another number of cells, maybe a total, a
note, a repeated header) are read like those of a small file; the others stay bytes, for the base to read them itself. A text
that does not fit is left to the strict reader.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from indicators.reading.received import Bloc, Enregistrement, Tableau
from indicators.reading.records import TETE, find_separator
from indicators.settings import Limites
from indicators.tables import DATE, RACCOURCIS

GRAND = 200_000  # bytes from which the fast way pays
FIN = 200  # last lines, always read one by one: notes and totals stand there
ECHANTILLON = 5_000  # lines read one by one all along, for what is said of the cells of a column
PART = 0.05  # share of lines that are not plain above which the file is not regular
Octets = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def split_regular(texte: str, limites: Limites,
                  score: Callable[[list[Enregistrement]], int]) -> tuple[list[Enregistrement], Bloc] | None:
    """The records to be read one by one, and all the others as bytes; None when the text is not regular.

    `score` says how well the first ones look like a table, as in `split_records`.
    """
    separateur, debut, avant = find_separator(texte, score)
    brut = (texte[debut:] if debut else texte).encode().rstrip(b"\r\n") + b"\n"
    if len(separateur.encode()) != 1 or any(signe in brut for signe in (b'"', b"\x00", "\ufeff".encode())):
        return None
    octets = np.frombuffer(brut, np.uint8)
    fins = np.flatnonzero(octets == ord("\n"))
    if not TETE + FIN <= len(fins) <= limites.lignes:
        return None
    debuts = np.concatenate([[0], fins[:-1] + 1])
    retours = np.flatnonzero(octets == ord("\r"))
    if len(retours) and not np.array_equal(retours, fins[:-1] - 1):
        return None
    tailles = fins - debuts
    separations = np.flatnonzero(octets == ord(separateur))
    cellules = np.diff(np.searchsorted(separations, fins), prepend=0) + 1
    largeur = int(np.bincount(cellules).argmax())
    speciales = (cellules != largeur) | (tailles > limites.cellule) | _may_be_left_out(octets, debuts, ord(separateur))
    if largeur == 1 or tailles.min() <= 1 or np.count_nonzero(speciales) > PART * len(fins):
        return None
    speciales[:TETE] = speciales[-FIN:] = speciales[::len(fins) // ECHANTILLON + 1] = True
    rangs = np.flatnonzero(speciales)
    if cellules.max() > limites.colonnes or tailles.max() > csv.field_size_limit():
        return None
    lus = [(avant + 1 + r, brut[debuts[r]:fins[r]].decode().rstrip("\r").split(separateur)) for r in rangs.tolist()]
    fins -= bool(len(retours))
    ordinaires = ~speciales
    interieures = separations[np.repeat(ordinaires, cellules - 1)].reshape(-1, largeur - 1)
    colonnes = list(enumerate(zip([debuts[ordinaires], *(interieures + 1).T], [*interieures.T, fins[ordinaires]], strict=True)))
    blancs = frozenset(i for i, (d, f) in colonnes if _has_margin(octets, d, f))
    nombres = frozenset(i for i, (d, f) in colonnes if _has_five_digits(octets, d, f, i in blancs))
    bloc = Bloc(_blank(brut, debuts, fins, rangs, separateur.encode() * (largeur - 1)), separateur, largeur, avant + 1,
                len(fins), tuple(rangs.tolist()), blancs, nombres)
    return [(ligne, c) for ligne, c in lus if any(x.strip() for x in c)], bloc


def attach(tableau: Tableau, bloc: Bloc) -> Tableau | None:
    """The table of the whole text, from the one of the records read one by one; None when these do not speak for the others."""
    titres, table = tableau.titres, tableau.table
    if table is None or tableau.origines or len(titres) != bloc.largeur or not all(titres):
        return None
    if any(a.code == "colonne_devinee" for a in tableau.anomalies):  # what is guessed is guessed on every row
        return None
    jours = {c.nom for c in table.colonnes if c.type == DATE} | {c.nom for c in RACCOURCIS.get(table.nom, ())}
    if any(c in jours and i in bloc.cinq_chiffres for i, c in enumerate(tableau.colonnes)):
        return None
    if f"\n{titres[0]}{bloc.separateur}".encode() in bloc.octets:  # the header, once more
        return None
    return replace(tableau, bloc=bloc, lues=tableau.lues + bloc.records - len(bloc.a_part))


def _may_be_left_out(octets: Octets, debuts: Places, separateur: int) -> npt.NDArray[np.bool_]:
    """Lines that may be a total, or hold nothing: they begin like « total » or « sous-total », or with an empty cell."""
    un, deux = octets[debuts], octets[np.minimum(debuts + 1, len(octets) - 1)] | 32
    comme_total = np.isin(un | 32, [ord("t"), ord("s")]) & ((deux == ord("o")) | (deux >= 0xC3))
    return (un <= ord(" ")) | (un >= 0xC2) & (un <= 0xE3) & (un != 0xC3) | (un == separateur) | comme_total


def _blank(brut: bytes, debuts: Places, fins: Places, rangs: Places, vide: bytes) -> bytes:
    """The bytes, each of these records replaced by an empty one: the others keep their rank."""
    morceaux, place = [], 0
    for debut, fin in zip(debuts[rangs].tolist(), fins[rangs].tolist(), strict=True):
        morceaux += [brut[place:debut], vide]
        place = fin
    return b"".join([*morceaux, brut[place:]])


def _has_margin(octets: Octets, debuts: Places, fins: Places) -> bool:
    """Does a cell begin or end with a space of any kind?"""
    remplies = debuts < fins
    debuts, fins = debuts[remplies], fins[remplies] - 1
    un, dernier = octets[debuts], octets[fins]
    if (un <= ord(" ")).any() or (dernier <= ord(" ")).any():
        return True
    avant, apres = debuts[un >= 0xC2], fins[dernier >= 0x80]
    return (any(x[:1].isspace() for x in _distinct(octets, avant, avant + 1, avant + 2))
            or any(x[-1:].isspace() for x in _distinct(octets, apres - 2, apres - 1, apres)))


def _distinct(octets: Octets, *places: Places) -> list[str]:
    """The different texts that three bytes make, as far as they are whole."""
    un, deux, trois = (octets[p].astype(np.int32) for p in places)
    return [int(x).to_bytes(3, "big").decode("utf-8", "ignore") for x in np.unique(un << 16 | deux << 8 | trois)]


def _has_five_digits(octets: Octets, debuts: Places, fins: Places, marges: bool) -> bool:
    """May a cell be a number of five digits?"""
    tailles = fins - debuts
    choisies = (tailles >= 5) if marges else tailles == 5
    milieux = (debuts[choisies] + fins[choisies] - 1) // 2
    return bool(np.logical_and.reduce([(octets[milieux + pas] >= ord("0")) & (octets[milieux + pas] <= ord("9"))
                                       for pas in (-1, 0, 1)]).any())
