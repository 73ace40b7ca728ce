"""The fast way in for a large regular text: one record a line, no quotes, the same separator everywhere.

The lines are looked at as the bytes received, a part at a time. Those that are anything but plain (another number of cells,
maybe a total, a note, a repeated header) are read like those of a small file; the others stay bytes, for the base to read them
itself. A text that does not fit is left to the strict reader. No copy of the whole is made: fresh memory costs more than reading.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from indicators.reading.encoding import MARQUE as MARQUE_LUE
from indicators.reading.folding import DEBUT, Pli
from indicators.reading.received import Bloc, Enregistrement, Tableau
from indicators.reading.records import TETE, find_separator
from indicators.settings import Limites
from indicators.tables import DATE, RACCOURCIS

FIN = 200  # last lines, always read one by one: notes and totals stand there
ECHANTILLON = 5_000  # lines read one by one all along, for what is said of the cells of a column
PART = 0.05  # share of lines that are not plain above which the file is not regular
MORCEAU = 1 << 20  # bytes looked at together: what stays in the processor's cache is seen several times faster
LF, CR, MARQUE = ord("\n"), ord("\r"), MARQUE_LUE.encode()
# What two bytes side by side may be: a cell that opens on a space or as a formula, one that closes on what may be a space, a
# character that does not show (C2 xx), one that may not (E2 80 xx, E2 81 xx). High bits: the first byte; low bits: the second.
OUVERTURE, FERMETURE, CACHE, PEUT_ETRE = 1, 2, 4, 8
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


@dataclass(frozen=True)
class _Partie:
    """Some lines: their bytes after the end of the line before, the places of the separators and ends of lines.

    `premiers` are ranks in `places`, one per line; `fins` are where the text of each line ends. Places are those of the bytes
    without that first one.
    """

    octets: Octets
    places: Places
    premiers: Places
    fins: Places
    speciales: npt.NDArray[np.bool_]


def split_regular(contenu: bytes, encodage: str, limites: Limites,
                  score: Callable[[list[Enregistrement]], int],
                  pli: Pli | None = None) -> tuple[list[Enregistrement], Bloc] | None:
    """The records to be read one by one, and all the others as bytes; None when the text is not regular.

    `encodage` is « utf-8 » or « cp1252 », that the bytes follow; `score` says how well the first records look like a table.
    `pli` tells how the text was folded, when it was: its quotes are then characters like others.
    """
    if pli:
        separateur, debut, avant = pli.separateur, 0, 0
    else:
        marque = len(MARQUE) if encodage == "utf-8" and contenu.startswith(MARQUE) else 0
        tete = contenu[marque:DEBUT].decode(encodage, "ignore")
        separateur, apres_sep, avant = find_separator(tete, score)
        debut = marque + len(tete[:apres_sep].encode(encodage))
    if len(separateur.encode()) != 1 or (not pli and contenu.find(b'"', debut) >= 0):
        return None
    premiere = contenu.find(b"\n", debut)
    fin = b"\r\n" if contenu[premiere - 1:premiere] == b"\r" else b"\n"
    bout = len(contenu)
    while bout > debut and contenu[bout - 1] in b"\r\n":
        bout -= 1
    if contenu[bout:bout + len(fin)] != fin:
        contenu = contenu[:bout] + fin
    bout += len(fin)
    tout = np.frombuffer(contenu, np.uint8, bout - debut, debut)
    lignes = int(sum(np.count_nonzero(tout[i:i + MORCEAU] == LF) for i in range(0, len(tout), MORCEAU)))
    if not TETE + FIN <= lignes <= limites.lignes:
        return None
    classes = _classify(separateur.encode(), encodage)
    vue, largeur, place, rang = _Vue(), 0, debut, 0
    if pli:  # what a fold hides may be a space, or stand beside the number of a day
        vue.blancs, vue.cinq_chiffres, vue.caches = set(pli.colonnes), set(pli.colonnes), bool(pli.colonnes)
    while place < bout:
        apres = contenu.rfind(b"\n", place, min(place + MORCEAU, bout)) + 1 or contenu.find(b"\n", place) + 1
        brut = contenu[place - 1:apres] if place else b"\n" + contenu[:apres]
        octets = np.frombuffer(brut, np.uint8)
        o = octets[1:]
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
        speciales = (cellules != largeur) | (tailles > limites.cellule) | _may_be_left_out(o, debuts, ord(separateur), encodage)
        vue.irregulieres += np.count_nonzero(speciales)
        numeros = np.arange(rang, rang + len(fins))
        speciales |= (numeros < TETE) | (numeros >= lignes - FIN) | (numeros % (lignes // ECHANTILLON + 1) == 0)
        for liste, nouvelles in ((vue.rangs, numeros), (vue.debuts, debuts + place), (vue.fins, fins + place)):
            liste.append(nouvelles[speciales])
        seul = b"\xef" if encodage == "utf-8" else b"\xad"  # U+FEFF and its neighbours, or the hyphen that does not show
        if seul in brut:
            if MARQUE in brut:
                return None
            vue.caches = True
        nues = len(places) if separateur == "\t" else len(fins)
        vue.caches = vue.caches or np.count_nonzero(o < ord(" ")) != nues + retours or b"\x7f" in brut
        partie = _Partie(octets, places, np.concatenate([[0], bouts[:-1] + 1]), fins - (len(fin) - 1), speciales)
        _look_at_ends(vue, partie, brut.translate(classes), encodage)
        _look_for_days(vue, partie, largeur)
        place, rang = apres, rang + len(fins)
    if vue.irregulieres > PART * lignes:
        return None
    rangs, debuts, fins = (np.concatenate(x).tolist() for x in (vue.rangs, vue.debuts, vue.fins))
    a_part = [(d, f - (len(fin) - 1)) for d, f in zip(debuts, fins, strict=True)]
    lus = [(avant + 1 + r, contenu[d:f].decode(encodage).split(separateur)) for r, (d, f) in zip(rangs, a_part, strict=True)]
    bloc = Bloc(contenu, encodage, debut, bout, separateur, largeur - (pli is not None), avant + 1, lignes, tuple(a_part),
                frozenset(vue.blancs), frozenset(vue.cinq_chiffres), frozenset(vue.formules), vue.caches, pli)
    if pli:
        return [pli.unfold(c) for _, c in lus], bloc
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
    if _repeats(bloc, titres[0]):
        return None
    return replace(tableau, bloc=bloc, lues=tableau.lues + bloc.records - len(bloc.a_part))


def _repeats(bloc: Bloc, titre: str) -> bool:
    """Is there the header, once more, among the records that stay bytes?"""
    vus, cherche = {d for d, _ in bloc.a_part}, f"\n{titre}{bloc.separateur}".encode(bloc.encodage)
    place = bloc.contenu.find(cherche, bloc.debut)
    while place >= 0 and place + 1 in vus:
        place = bloc.contenu.find(cherche, place + 1)
    return place >= 0


def _spaces(encodage: str) -> list[int]:
    """The bytes that a space may begin with, beyond ASCII: in UTF-8 U+0085, U+00A0 (C2 ..), U+1680 (E1 9A 80), U+2000 to U+205F
    (E2 80 .., E2 81 9F), U+3000 (E3 80 80)."""
    return [0xC2, 0xE1, 0xE2, 0xE3] if encodage == "utf-8" else [0xA0]


def _may_be_left_out(octets: Octets, debuts: Places, separateur: int, encodage: str) -> npt.NDArray[np.bool_]:
    """Lines that may be a total, or hold nothing: they begin like « total » or « sous-total », or with an empty cell."""
    un, deux = octets[debuts], octets[np.minimum(debuts + 1, len(octets) - 1)]
    comme_total = np.isin(un | 32, [ord("t"), ord("s")]) & ((deux | 32 == ord("o")) | (deux >= 0x80))
    return (un <= ord(" ")) | np.isin(un, _spaces(encodage)) | (un == separateur) | comme_total


def _classify(separateur: bytes, encodage: str) -> bytes:
    """What each byte may be beside another one: see OUVERTURE and the others."""
    classes = np.zeros(256, np.uint8)
    marges = [o for o in range(33) if o not in (LF, CR, *separateur)]
    classes[[*marges, *_spaces(encodage), *b"=+-@"]] |= OUVERTURE
    classes[[LF, *separateur]] |= OUVERTURE << 4
    fins = [*range(0x80, 0x8B), 0x9F, 0xA0, 0xA8, 0xA9, 0xAF] if encodage == "utf-8" else [0xA0]
    classes[[*marges, *fins]] |= FERMETURE << 4
    classes[[LF, CR, *separateur]] |= FERMETURE
    if encodage == "utf-8":
        classes[0xC2] |= CACHE << 4
        classes[[*range(0x80, 0xA0), 0xAD]] |= CACHE
        classes[0xE2] |= PEUT_ETRE << 4
        classes[[0x80, 0x81]] |= PEUT_ETRE
    return classes.tobytes()


def _look_at_ends(vue: _Vue, partie: _Partie, classes: bytes, encodage: str) -> None:
    """Note the columns where a cell begins or ends with a space or begins as a formula, and whether a character does not show.

    At worst a column is noted that need not be.
    """
    c, o = np.frombuffer(classes, np.uint8), partie.octets
    paires = (c[:-1] >> 4) & c[1:]
    ici = np.flatnonzero(paires != 0)  # also the place, without the first byte, of the second one
    if not len(ici):
        return
    quoi = paires[ici]
    doutes = ici[quoi & PEUT_ETRE > 0]
    deux, trois = o[doutes + 1], o[np.minimum(doutes + 2, len(o) - 1)]
    vue.caches = vue.caches or bool((quoi & CACHE).any() or (
        (deux == 0x80) & ((trois >= 0x8B) & (trois <= 0x8F) | (trois >= 0xAA) & (trois <= 0xAE))
        | (deux == 0x81) & (trois >= 0xA0) & (trois <= 0xA9)).any())
    ouvertes = ici[quoi & OUVERTURE > 0]
    formules = np.isin(o[ouvertes + 1], [*b"=+-@"])
    fermees = ici[quoi & FERMETURE > 0]
    if encodage == "utf-8":  # what may end a space of several bytes may end a letter too
        fermees = fermees[(o[fermees] <= ord(" ")) | np.isin(o[fermees - 2], _spaces(encodage)[1:]) | (o[fermees - 1] == 0xC2)]
    for colonnes, places in ((vue.formules, ouvertes[formules]), (vue.blancs, ouvertes[~formules]), (vue.blancs, fermees)):
        lignes = np.searchsorted(partie.fins, places)
        tenues = ~partie.speciales[lignes]
        colonnes.update(np.unique(np.searchsorted(partie.places, places[tenues]) - partie.premiers[lignes[tenues]]).tolist())


def _look_for_days(vue: _Vue, partie: _Partie, largeur: int) -> None:
    """Note the columns where a cell may be a number of five digits."""
    o, premiers = partie.octets[1:], partie.premiers[~partie.speciales]
    ecarts = np.diff(partie.places, prepend=-1)  # one more than the cell that ends there
    retour = 1 if partie.places[-1] > partie.fins[-1] else 0
    for i in (i for i in range(largeur) if i not in vue.cinq_chiffres):
        reste = 1 + (retour if i == largeur - 1 else 0)
        rangs = premiers + i
        choisies = rangs[ecarts[rangs] >= 5 + reste if i in vue.blancs else ecarts[rangs] == 5 + reste]
        milieux = partie.places[choisies] - reste - (ecarts[choisies] - reste) // 2
        if np.logical_and.reduce([(o[milieux + pas] >= ord("0")) & (o[milieux + pas] <= ord("9")) for pas in (-1, 0, 1)]).any():
            vue.cinq_chiffres.add(i)
