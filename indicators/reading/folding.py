"""A large text with quotes, written again one record a line and without them, so that the fast way in takes it.

What a cell holds of the separator or of ends of lines stands as characters of nobody's, and each record carries, in a last
cell, the number of its first line in the file. The strict reader reads part by part: all its records at once would take many
times the memory of the text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indicators.reading.encoding import MARQUE
from indicators.reading.received import Enregistrement
from indicators.reading.records import find_separator

PLIS = "\ue000\ue001\ue002"  # stand for the line feed, the carriage return and the separator inside a cell
PAR_LOT = 20_000  # records written at once
DEBUT = 1 << 18  # bytes that hold the first records, and all that the choice of a separator looks at


@dataclass(frozen=True)
class Pli:
    """How a text was folded: the separator, and the columns where a cell holds what stands for something else."""

    separateur: str
    colonnes: frozenset[int]

    @property
    def paires(self) -> list[tuple[str, str]]:
        """What each character of `PLIS` stands for."""
        return list(zip(PLIS, "\n\r" + self.separateur, strict=True))

    def unfold(self, cellules: Sequence[str]) -> Enregistrement:
        """The record of these cells, as the strict reader gives it."""
        *lues, numero = cellules
        for pli, vrai in self.paires:
            lues = [c.replace(pli, vrai) for c in lues]
        return int(numero), lues


def fold(contenu: bytes, encodage: str, score: Callable[[list[Enregistrement]], int]) -> tuple[bytes, Pli] | None:
    """The same records in UTF-8, those that are empty left out; None where the strict reader must say what it thinks of them.

    `encodage` is « utf-8 » or « cp1252 ». A first cell is never folded: it tells totals and notes from the other records.
    """
    if PLIS[0].encode()[:2] in contenu:
        return None
    debut = contenu[:DEBUT].decode(encodage, "ignore").removeprefix(MARQUE)
    separateur, apres_sep, avant = find_separator(debut, score)
    plier = str.maketrans(dict(zip("\n\r" + separateur, PLIS, strict=True)))
    texte = io.TextIOWrapper(io.BytesIO(contenu), "utf-8-sig" if encodage == "utf-8" else encodage, newline="")
    texte.read(apres_sep)
    lecteur = csv.reader(texte, delimiter=separateur, strict=True)
    precedente, colonnes, parties, lot = avant, set[int](), [], []
    try:
        for cellules in lecteur:
            numero, precedente = precedente + 1, avant + lecteur.line_num
            ligne = separateur.join(cellules)
            if ligne.count(separateur) >= len(cellules) or "\n" in ligne or "\r" in ligne:
                pliees = [c.translate(plier) for c in cellules]
                colonnes.update(i for i, c in enumerate(pliees) if c != cellules[i])
                if 0 in colonnes:
                    return None
                ligne = separateur.join(pliees)
            if cellules and (cellules[0].strip() or any(c.strip() for c in cellules)):
                lot.append(f"{ligne}{separateur}{numero}\n")
            if len(lot) == PAR_LOT:
                parties.append("".join(lot).encode())
                lot.clear()
    except csv.Error:
        return None
    parties.append("".join(lot).encode())
    return b"".join(parties), Pli(separateur, frozenset(colonnes))
