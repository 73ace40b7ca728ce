"""The fast way in for a large regular text: one record a line, no quotes, the same separator everywhere.

The lines are looked at as bytes, all at once. Those that are anything but plain (another number of cells, maybe a total, a
note, a repeated header) are read like those of a small file; the others stay bytes, for the base to read them itself. A text
that does not fit is left to the strict reader.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

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
MORCEAU = 1 << 20  # bytes looked at together: what stays in the processor's cache is seen several times faster
LF, CR = ord("\n"), ord("\r")
MARGE, FORMULE, MARGE_PEUT_ETRE = 1, 2, 4
Octets = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass
class _Vue:
    """What the parts of a text seen so far have shown: ranks of the lines to read one by one with their places, columns."""

    rangs: list[Places] = field(default_factory=list)
    debuts: list[Places] = field(default_factory=list)
    fins: list[Places] = field(default_factory=list)
    blancs: set[int] = field(default_factory=set)
    cinq_chiffres: set[int] = field(default_factory=set)
    formules: set[int] = field(default_factory=set)
    caches: bool = False
    irregulieres: int = 0


def split_regular(texte: str, limites: Limites,
                  score: Callable[[list[Enregistrement]], int]) -> tuple[list[Enregistrement], Bloc] | None:
    """The records to be read one by one, and all the others as bytes; None when the text is not regular.

    `score` says how well the first ones look like a table, as in `split_records`.
    """
    separateur, debut, avant = find_separator(texte, score)
    brut = (texte[debut:] if debut else texte).encode()
    fin = b"\r\n" if brut[:brut.find(b"\n")].endswith(b"\r") else b"\n"
    if not brut.endswith(fin) or brut[:-len(fin)].endswith((b"\r", b"\n")):
        brut = brut.rstrip(b"\r\n") + fin
    if len(separateur.encode()) != 1 or any(signe in brut for signe in (b'"', b"\x00", "\ufeff".encode())):
        return None
    lignes = brut.count(b"\n")
    if not TETE + FIN <= lignes <= limites.lignes:
        return None
    octets = np.frombuffer(brut, np.uint8)
    vue, largeur, place, rang = _Vue(), 0, 0, 0
    while place < len(brut):
        apres = brut.rfind(b"\n", place, place + MORCEAU) + 1 or brut.find(b"\n", place) + 1
        o = octets[place:apres]
        places = np.flatnonzero((o == ord(separateur)) | (o == LF))
        bouts = np.flatnonzero(o[places] == LF)
        cellules, fins = np.diff(bouts, prepend=-1), places[bouts]
        retours = np.count_nonzero(o == CR)
        if retours != (len(fins) if len(fin) == 2 else 0) or (retours and not (o[fins - 1] == CR).all()):
            return None
        largeur = largeur or int(np.bincount(cellules).argmax())
        debuts = np.concatenate([[0], fins[:-1] + 1])
        tailles = fins - debuts
        if largeur == 1 or tailles.min() <= 1 or tailles.max() > csv.field_size_limit() or cellules.max() > limites.colonnes:
            return None
        speciales = (cellules != largeur) | (tailles > limites.cellule) | _may_be_left_out(o, debuts, ord(separateur))
        vue.irregulieres += np.count_nonzero(speciales)
        numeros = np.arange(rang, rang + len(fins))
        speciales |= (numeros < TETE) | (numeros >= lignes - FIN) | (numeros % (lignes // ECHANTILLON + 1) == 0)
        for liste, nouvelles in ((vue.rangs, numeros), (vue.debuts, debuts + place), (vue.fins, fins + place)):
            liste.append(nouvelles[speciales])
        _look(vue, o, debuts[~speciales], places[np.repeat(~speciales, cellules)].reshape(-1, largeur), len(fin) - 1)
        place, rang = apres, rang + len(fins)
        nues = len(places) if separateur == "\t" else len(fins)
        vue.caches = vue.caches or np.count_nonzero(o < ord(" ")) != nues + retours or _holds_hidden(o)
    if vue.irregulieres > PART * lignes:
        return None
    rangs, debuts, fins = (np.concatenate(x) for x in (vue.rangs, vue.debuts, vue.fins))
    fins -= len(fin) - 1
    lus = [(avant + 1 + r, brut[d:f].decode().split(separateur))
           for r, d, f in zip(rangs.tolist(), debuts.tolist(), fins.tolist(), strict=True)]
    bloc = Bloc(_blank(brut, debuts, fins, separateur.encode() * (largeur - 1)), separateur, largeur, avant + 1, lignes,
                tuple(rangs.tolist()), frozenset(vue.blancs), frozenset(vue.cinq_chiffres), frozenset(vue.formules), vue.caches)
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


def _blank(brut: bytes, debuts: Places, fins: Places, vide: bytes) -> bytes:
    """The bytes, each of the records between these places replaced by an empty one: the others keep their rank."""
    morceaux, place = [], 0
    for debut, fin in zip(debuts.tolist(), fins.tolist(), strict=True):
        morceaux += [brut[place:debut], vide]
        place = fin
    return b"".join([*morceaux, brut[place:]])


def _flags(marges: Iterable[int], peut_etre: Iterable[int], formules: bytes) -> Octets:
    """What one byte at an end of a cell may mean; an empty cell shows the end of a line or a separator, never a tab inside."""
    drapeaux = np.zeros(256, np.uint8)
    drapeaux[[*marges]] = MARGE
    drapeaux[[*peut_etre]] = MARGE_PEUT_ETRE
    drapeaux[[*formules]] = FORMULE
    drapeaux[[LF, CR]] = 0
    return drapeaux


# spaces beyond ASCII: U+0085, U+00A0 (C2 ..), U+1680 (E1 9A 80), U+2000 to U+205F (E2 80 .., E2 81 9F), U+3000 (E3 80 80)
OUVRE = _flags([*range(33), 0xC2, *range(0xE1, 0xE4)], [], b"=+-@")
FERME = _flags(range(33), [*range(0x80, 0x8B), 0x9F, 0xA0, 0xA8, 0xA9, 0xAF], b"")


def _look(vue: _Vue, o: Octets, debuts: Places, fins: Places, retour: int) -> None:
    """Note the columns where a cell begins or ends with a space, begins as a formula, or may be a number of five digits.

    `fins` has one row per line, one column per cell: where it ends. At worst a column is noted that need not be.
    """
    fins[:, -1] -= retour
    ouvertures = np.empty_like(fins)
    ouvertures[:, 0], ouvertures[:, 1:] = debuts, fins[:, :-1] + 1
    vides = ouvertures == fins
    un, dernier = OUVRE[o[ouvertures]], FERME[o[fins - 1]]
    if vides.any():
        un[vides] = dernier[vides] = 0
    for signes, drapeau, colonnes in ((un, MARGE, vue.blancs), (dernier, MARGE, vue.blancs), (un, FORMULE, vue.formules)):
        colonnes.update(np.flatnonzero(np.bitwise_or.reduce(signes, axis=0) & drapeau).tolist())
    lignes, colonnes_ = np.nonzero(dernier == MARGE_PEUT_ETRE)
    bouts = fins[lignes, colonnes_]
    longues = np.isin(o[bouts - 3], (0xE1, 0xE2, 0xE3)) | (o[bouts - 2] == 0xC2)
    vue.blancs.update(np.unique(colonnes_[longues]).tolist())
    tailles = fins - ouvertures
    for i in range(fins.shape[1]):
        choisies = tailles[:, i] >= 5 if i in vue.blancs else tailles[:, i] == 5
        milieux = (ouvertures[choisies, i] + fins[choisies, i] - 1) // 2
        if i not in vue.cinq_chiffres and np.logical_and.reduce(
                [(o[milieux + pas] >= ord("0")) & (o[milieux + pas] <= ord("9")) for pas in (-1, 0, 1)]).any():
            vue.cinq_chiffres.add(i)


def _holds_hidden(o: Octets) -> bool:
    """Is there a character that does not show (those of rules.CACHES) beyond the first 32?"""
    tetes = np.flatnonzero(o >= 0xC2)
    un, deux, trois = o[tetes], o[tetes + 1], o[np.minimum(tetes + 2, len(o) - 1)]
    return bool((o == 0x7F).any() or ((un == 0xC2) & ((deux < 0xA0) | (deux == 0xAD))
                 | (un == 0xE2) & ((deux == 0x80) & ((trois >= 0x8B) & (trois <= 0x8F) | (trois >= 0xAA) & (trois <= 0xAE))
                                   | (deux == 0x81) & (trois >= 0xA0) & (trois <= 0xA9)) | (un == 0xEF)).any())
