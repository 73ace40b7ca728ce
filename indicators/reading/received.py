"""What reading takes and gives: a received file, a sheet of text, a table of text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indicators.model import Anomalie
from indicators.tables import Table

if TYPE_CHECKING:
    from indicators.reading.mapping import Correspondance

Enregistrement = tuple[int, list[str]]  # number of its first line in the file, cells


@dataclass(frozen=True)
class FichierRecu:
    """What a person sends: the name they know it by, and its bytes."""

    nom: str
    contenu: bytes


@dataclass(frozen=True)
class Feuille:
    """The text of one file, or of one sheet of a workbook, before anything is recognised: its records that are not empty.

    `sans_valeur` names, for a line, the place and the text of a formula whose result the workbook does not hold.
    """

    nom: str
    lignes: list[Enregistrement]
    anomalies: list[Anomalie] = field(default_factory=list)
    sans_valeur: dict[int, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tableau:
    """Text of one table: `lignes` holds (line number, cells) with as many cells as `colonnes`.

    Where one line of the file gives several rows (periods as columns), `lignes` has a number of its own for each, and
    `origines` says where it comes from: the line, and the title of the column for each of our columns read there.
    `titres` are the cells of the header in the order of the file, found on line `entete`; empty when no header was looked for.
    `correspondance` says what each of them is read as; None when there is nothing to map (unreadable, empty, hidden).
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
    correspondance: Correspondance | None = None


class Illisible(Exception):
    """The bytes are not the text of a table; the message is French."""

    def __init__(self, detail: str, ligne: int | None = None, code: str = "fichier_illisible") -> None:
        super().__init__(detail)
        self.ligne = ligne
        self.code = code
