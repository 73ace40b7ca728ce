"""What reading takes and gives: a received file, a sheet of text, a table of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from indicators.model import Anomalie
from indicators.tables import Table

if TYPE_CHECKING:
    from indicators.reading.folding import Pli
    from indicators.reading.mapping import Correspondance

Enregistrement = tuple[int, list[str]]  # number of its first line in the file, cells

# what a file given back carries, passed over when it is sent again (indicators/annotated.py)
FEUILLE_ANOMALIES = "Anomalies"
MARQUE_ANOMALIES = "Anomalies relevées dans ce fichier (feuille ajoutée, qui n’est pas lue)"
COLONNE_ANOMALIES = "anomalies"


@dataclass(frozen=True)
class FichierRecu:
    """What a person sends: the name they know it by, and its bytes."""

    nom: str
    contenu: bytes


@dataclass(frozen=True)
class Bloc:
    """The lines of a large regular text, still bytes as received: those of `contenu` from `debut` to `fin`, in « utf-8 » or
    « cp1252 ». Line `premiere` + n is the record n, of `largeur` cells.

    The records of `a_part`, given by where each begins and ends, are read one by one, and are empty here. `blancs`: columns
    where a cell may begin or end with a space; `cinq_chiffres`: those where a cell may be the number of a day; `formules`:
    those where one begins like a formula. `caches`: is there anywhere a character that does not show? With a `pli`, each
    record has one more cell, the number of its line.
    """

    contenu: bytes
    encodage: str
    debut: int
    fin: int
    separateur: str
    largeur: int
    premiere: int
    records: int
    a_part: tuple[tuple[int, int], ...]
    blancs: frozenset[int]
    cinq_chiffres: frozenset[int]
    formules: frozenset[int]
    caches: bool
    pli: Pli | None = None

    def list_parts(self) -> Iterator[bytes]:
        """The lines in UTF-8, part by part, an empty record in place of each of those of `a_part`: the others keep their rank."""
        vide, place = self.separateur.encode() * (self.largeur - (self.pli is None)), self.debut
        for debut, fin in (*self.a_part, (self.fin, self.fin)):
            partie = self.contenu[place:debut]
            yield partie if self.encodage == "utf-8" else partie.decode(self.encodage).encode()
            if debut < self.fin:
                yield vide
            place = fin


@dataclass(frozen=True)
class Feuille:
    """The text of one file, or of one sheet of a workbook, before anything is recognised: its records that are not empty.

    `sans_valeur` names, for a line, the place and the text of a formula whose result the workbook does not hold. With a `bloc`,
    `lignes` are only those to be read one by one. `epoque` is the day that the workbook counts its days from.
    """

    nom: str
    lignes: list[Enregistrement]
    anomalies: list[Anomalie] = field(default_factory=list)
    sans_valeur: dict[int, tuple[int, str]] = field(default_factory=dict)
    bloc: Bloc | None = None
    epoque: date = date(1899, 12, 30)


ECRIT, NUMERO, RANG = "ecrit", "numero", "rang"


@dataclass(frozen=True)
class Code:
    """A code of an action plan: written in a cell, drawn from the number of a title (« 2. Santé »), or given by rank.

    `titre` is '' when the sheet gives the code alone; `parent` is the code that it starts with, '' when there is none.
    """

    titre: str
    origine: str
    parent: str = ""


@dataclass(frozen=True)
class Tableau:
    """Text of one table: `lignes` holds (line number, cells) with as many cells as `colonnes`.

    Where one line of the file gives several rows (periods as columns), `lignes` has a number of its own for each, and
    `origines` says where it comes from: the line, and the title of the column for each of our columns read there.
    `titres` are the cells of the header in the order of the file, found on line `entete`; empty when no header was looked for.
    `bloc` holds the rows that are not in `lignes`.
    `codes` are the codes that the sheet of an action plan gives, by table and code; all the tables of a sheet share them.
    `correspondance` says what each of them is read as; None when there is nothing to map (unreadable, empty, hidden).
    `champs` says which of our columns each of them is, "" where it is none or holds a period.
    """

    fichier: str
    table: Table | None
    colonnes: tuple[str, ...]
    lignes: list[Enregistrement]
    lues: int
    anomalies: list[Anomalie] = field(default_factory=list)
    origines: dict[int, tuple[int, dict[str, str]]] = field(default_factory=dict)
    titres: tuple[str, ...] = ()
    entete: int = 0
    bloc: Bloc | None = None
    codes: dict[tuple[str, str], Code] = field(default_factory=dict)
    correspondance: Correspondance | None = None
    champs: tuple[str, ...] = ()


ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def is_workbook(contenu: bytes) -> bool:
    """Do these bytes start like an archive, as a workbook does, or like a workbook of the time before?"""
    return contenu.startswith((ZIP, OLE))


class Illisible(Exception):
    """The bytes are not the text of a table; the message is French."""

    def __init__(self, detail: str, ligne: int | None = None, code: str = "fichier_illisible") -> None:
        super().__init__(detail)
        self.ligne = ligne
        self.code = code
