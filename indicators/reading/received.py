"""What reading takes and gives: a received file, a sheet of text, a table of text."""

from __future__ import annotations

from dataclasses import dataclass, field

from indicators.model import Anomalie
from indicators.tables import Table

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
    champs: tuple[str, ...] = ()


class Illisible(Exception):
    """The bytes are not the text of a table; the message is French."""

    def __init__(self, detail: str, ligne: int | None = None, code: str = "fichier_illisible") -> None:
        super().__init__(detail)
        self.ligne = ligne
        self.code = code
